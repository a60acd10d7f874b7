"""What is known of a trained set: how it was made, from what, and how good each layer is."""

from harness.record import Record
from harness.specs.transcoders import TranscoderRecipe
from harness.transcoders.corpus import CorpusUsed


class LayerReport(Record):
    """One layer, measured on held-out tokens with the weights before they were saved."""

    layer: int
    sha256: str
    """Of its file."""
    fvu: float
    """Squared error over the output's variance; 1 is the mean alone."""
    l0: float
    alive_fraction: float
    """Latents that are active on some held-out token."""
    probe_l0: float
    """L0 on the inputs that lie beside the weights: loading asserts it."""
    seconds: float


class TranscoderManifest(Record):
    """A set with its provenance."""

    recipe: TranscoderRecipe
    model_sha256: str
    corpus: CorpusUsed
    layers: tuple[LayerReport, ...]
    packages: dict[str, str]
    device: str
