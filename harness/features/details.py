"""A feature's dashboard as data: Neuronpedia's feature-details form and what goes beyond it.

Field names are those of the programs that read them. Required by Neuronpedia's
`feature-details-schema.json`: `index` and `examples_quantiles`. circuit-tracer's
`frontend/feature_models.py` adds `transcoder_id` to `activation_frequency`; Neuronpedia's table
`Neuron` the fields from `frac_nonzero` on. A field whose value is not known is left out of a file.
"""

from pathlib import Path
from typing import Annotated

from pydantic import Field, NonNegativeInt, PositiveInt

from harness.record import Record, write_text

Fraction = Annotated[float, Field(ge=0, le=1)]


class Example(Record):
    """Part of a window of the corpus, with the feature's activation at each token."""

    tokens: tuple[str, ...]
    tokens_acts_list: tuple[float, ...]
    train_token_ind: NonNegativeInt
    """Which of the tokens has the highest activation of the window."""
    is_repeated_datapoint: bool
    """Whether the corpus holds the very same window more than once; it is counted once."""


class ExamplesQuantile(Record):
    """Examples of one band of activation."""

    quantile_name: str
    examples: tuple[Example, ...]


class Source(Record):
    """What a dashboard was measured with."""

    model: str
    model_sha256: str
    transcoders: str
    transcoders_sha256: str
    corpus: str
    corpus_sha256: str
    context: PositiveInt
    """Tokens of a window, at most."""
    windows: PositiveInt
    """That differ from each other."""
    tokens: PositiveInt
    """Positions that count: the first of each window is an attention sink and does not."""


class FeatureDetails(Record):
    """One feature of one layer."""

    transcoder_id: str
    index: NonNegativeInt
    layer: NonNegativeInt
    examples_quantiles: tuple[ExamplesQuantile, ...]
    """Top activations first, then bands from high to low; no window stands in two."""
    top_logits: tuple[str, ...]
    """Tokens that the decoder row raises most, through W_U alone: no norm, no bias, not centred.
    The row of a cross-layer feature is the sum of what it writes to all layers."""
    bottom_logits: tuple[str, ...]
    act_min: float | None
    """Smallest activation that is not 0; `None` where the feature never fires."""
    act_max: float | None
    quantile_values: tuple[float, ...]
    """The 1st to the 100th percentile of the activations that are not 0."""
    histogram: tuple[float, ...]
    """Positions by activation, in bins of one width from `act_min` to `act_max`."""
    activation_frequency: Fraction
    """Share of the positions at which the feature is not 0. The same as `frac_nonzero`."""
    frac_nonzero: Fraction
    freq_hist_data_bar_heights: tuple[float, ...]
    """The histogram again."""
    freq_hist_data_bar_values: tuple[float, ...]
    """Middle of each bin."""
    maxActApprox: float | None
    pos_str: tuple[str, ...]
    pos_values: tuple[float, ...]
    neg_str: tuple[str, ...]
    neg_values: tuple[float, ...]
    active_tokens: NonNegativeInt
    """Positions at which the feature is not 0."""
    sampled_tokens: NonNegativeInt
    """How many of them quantiles and histogram rest on; all of them where the two are equal."""
    source: Source

    @property
    def place(self) -> str:
        """`layer/index`."""
        return f"{self.layer}/{self.index}"

    def to_json(self) -> str:
        """The text of a file, without the fields that are not known."""
        return self.model_dump_json(exclude_none=True) + "\n"

    def write(self, path: Path) -> None:
        """Write the file whole or not at all."""
        write_text(path, self.to_json())
