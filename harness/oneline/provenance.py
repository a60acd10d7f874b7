"""What it takes to obtain a one-liner's numbers again."""

from importlib.metadata import version

from pydantic import NonNegativeInt

from harness.models.device import describe_device
from harness.models.language_model import LanguageModel
from harness.record import Record


class Provenance(Record):
    """Weights by content, software, arithmetic and time."""

    model: str
    sha256: str
    """Of the safetensors files."""
    revision: str | None
    """Commit on the hub; `None` for a local folder or the embedded model."""
    quantization: str | None
    """How the weights were rounded before they were released; `None` = as trained."""
    harness: str
    torch: str
    transformers: str
    seed: NonNegativeInt | None
    """`None` where nothing was drawn."""
    dtype: str
    device: str
    threads: int
    seconds: float
    """From the command to its answer, loading included."""


def provenance_of(lm: LanguageModel, *, seed: int | None, seconds: float) -> Provenance:
    """Describe the model at hand, and the packages that ran it."""
    device = describe_device(str(lm.device))
    return Provenance(
        model=lm.ref,
        sha256=lm.sha256,
        revision=lm.revision,
        quantization=lm.entry.quantization,
        harness=version("interp-replication-harness"),
        torch=version("torch"),
        transformers=version("transformers"),
        seed=seed,
        dtype=str(lm.dtype).removeprefix("torch."),
        device=device.name,
        threads=device.threads,
        seconds=round(seconds, 2),
    )
