"""Which transcoder sets can be named, and how each is trained. Free of torch.

A transcoder reads the input of an MLP and reconstructs its output from few active latents (Dunefsky
et al. 2024, arXiv:2406.11944). A set has one for each layer of a language model.
"""

import re
from typing import Annotated, Literal

from pydantic import Field, NonNegativeInt, PositiveFloat, PositiveInt

from harness.problems import did_you_mean
from harness.record import HarnessError, Record

TextSource = (
    Literal["package_text", "statements", "samples", "facts"]
    | Annotated[str, Field(pattern=r"^hf:\w[\w.-]*/\w[\w.-]*$")]
)
_ELSEWHERE = re.compile(r"(?:hf:\w[\w.-]*/\w[\w.-]*(?:@\w[\w./-]*)?)|(?:path:.+)")


class CorpusPart(Record):
    """Tokens of one kind of text."""

    source: TextSource
    """`package_text`: docstrings of installed packages; `statements`: generated true and false
    statements and capitals; `samples`: the model's own; `facts`: what the made model was trained
    on; `hf:ORG/NAME`: a data set on the hub."""
    tokens: PositiveInt
    """At least so many, whole texts."""


class TranscoderRecipe(Record):
    """Everything that determines a trained set but the machine."""

    id: str
    model: str
    kind: Literal["topk", "cross_layer"] = "topk"
    """`topk`: one transcoder a layer; `cross_layer`: latents that write to all later layers."""
    latents: PositiveInt
    """Of each layer."""
    k: PositiveInt
    """Active latents of a layer, at each token; their mean, for `cross_layer`."""
    corpus: Annotated[tuple[CorpusPart, ...], Field(min_length=1)]
    window: PositiveInt = 128
    """Longest sequence of tokens that the model reads at once."""
    heldout: Annotated[float, Field(gt=0, lt=1)] = 0.1
    """Share of the texts that are measured on, and not trained on."""
    epochs: PositiveInt
    """Passes over the cached activations."""
    batch: PositiveInt = 1024
    learning_rate: PositiveFloat = 8e-3
    """Of Adam, falling to 0 in a straight line."""
    seed: NonNegativeInt = 0
    note: str

    @property
    def folder(self) -> str:
        """Name of the set's folder in the cache."""
        return f"{self.id}.{self.digest[:8]}"


RECIPES = {
    recipe.id: recipe
    for recipe in (
        TranscoderRecipe(
            id="smollm2-topk32",
            model="smollm2-135m-instruct",
            latents=2_304,
            k=32,
            corpus=(
                CorpusPart(source="package_text", tokens=110_000),
                CorpusPart(source="statements", tokens=40_000),
                CorpusPart(source="samples", tokens=10_000),
            ),
            epochs=6,
            note="30 layers, k = 32; half an hour to an hour on two cores, resumable",
        ),
        TranscoderRecipe(
            id="capitals-topk16",
            model="capitals-4l",
            latents=1_024,
            k=16,
            corpus=(CorpusPart(source="facts", tokens=60_000),),
            epochs=12,
            note="for the made model; a minute on two cores",
        ),
        TranscoderRecipe(
            id="capitals-clt16",
            model="capitals-4l",
            kind="cross_layer",
            latents=1_024,
            k=16,
            corpus=(CorpusPart(source="facts", tokens=60_000),),
            epochs=8,
            note="for the made model; latents write to all later layers; two minutes on two cores",
        ),
    )
}


def resolve_recipe(name: str) -> TranscoderRecipe:
    """The recipe of that name. Raises `HarnessError` with the valid names."""
    if name not in RECIPES:
        raise HarnessError(f"transcoders {name!r} are unknown{did_you_mean(name, sorted(RECIPES))}")
    return RECIPES[name]


def is_elsewhere(ref: str) -> bool:
    """Whether `ref` is `hf:ORG/NAME[@revision]` or `path:DIRECTORY`, and not a recipe's name."""
    return _ELSEWHERE.fullmatch(ref) is not None
