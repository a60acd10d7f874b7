"""What determines the weights of a language model that the harness makes itself. Free of torch."""

from pydantic import PositiveFloat, PositiveInt

from harness.data.fact_texts import texts_sha256
from harness.record import Record

TRAINING = 1
"""Raised when the same recipe is to be followed otherwise."""


class MadeRecipe(Record):
    """A Llama of the named sizes, trained on texts whose every word is one token."""

    id: str
    """As the registry calls the model."""
    texts_sha256: str
    training: PositiveInt = TRAINING
    n_layers: PositiveInt = 4
    n_heads: PositiveInt = 4
    d_model: PositiveInt = 128
    d_mlp: PositiveInt = 512
    context_length: PositiveInt = 64
    """Tokens; the longest text has fewer than 20."""
    initial_std: PositiveFloat = 0.06
    """Of weights. transformers' 0.02 needs half as many steps again before facts are learned."""
    batch: PositiveInt = 256
    """Texts a step."""
    steps: PositiveInt = 400
    learning_rate: PositiveFloat = 2e-3
    """Of AdamW: its greatest, reached after a twentieth of the steps, then a cosine down to 0."""
    weight_decay: PositiveFloat = 0.1
    """Of matrices; norms have none."""
    seed: int = 0
    """Of the initial weights and of the order of texts."""
    threads: PositiveInt = 2
    """Of a processor, since another number sums in another order."""


def capitals_recipe() -> MadeRecipe:
    """The recipe of `capitals-4l`; its digest names the folder in the cache."""
    return MadeRecipe(id="capitals-4l", texts_sha256=texts_sha256())
