"""What an experiment of the family `attention` can be asked for."""

from collections.abc import Collection, Iterator
from itertools import product
from typing import Annotated, Literal

from pydantic import Field, NonNegativeInt, PositiveInt, field_validator

from harness.measurement import Condition, Quantity
from harness.specs.experiment import Experiment, no_repeats

HeadScore = Literal["prefix_matching", "previous_token", "duplicate_token", "copying"]
Patterns = Literal["kept", "recomputed"]
_CONTROLS: dict[HeadScore, tuple[str, ...]] = {
    "prefix_matching": ("shuffled_tokens", "uniform_attention"),
    # The token before is a matter of distance: shuffling tells nothing of it.
    "previous_token": ("uniform_attention",),
    "duplicate_token": ("shuffled_tokens", "uniform_attention"),
    "copying": (),
}
"""Controls of each score besides random heads."""
_Count = Annotated[int, Field(ge=2)]


class AttentionSpec(Experiment):
    """Scores of every head on repeated random tokens, and what ablating the best of them costs.

    Heads are chosen by their prefix-matching score on sequences held apart; a set of the k best is
    called `induction-k`. Each seed draws those sequences, the shuffles and the random heads; what
    is reported on is the same for all seeds.
    """

    family: Literal["attention"]
    scores: Annotated[tuple[HeadScore, ...], Field(min_length=1)] = (
        "prefix_matching",
        "previous_token",
        "duplicate_token",
        "copying",
    )
    sequences: _Count = 10
    """Sequences of repeated random tokens that are reported on."""
    ablated_sequences: _Count = 10
    """As many of them, the first, are run with heads ablated."""
    selection_sequences: PositiveInt = 10
    """Others that choose the heads."""
    block: _Count = 25
    """Random tokens before they repeat."""
    repeats: _Count = 4
    """How often a block stands in a sequence."""
    copied_tokens: _Count = 200
    """Tokens sampled for the copying score."""
    top: Annotated[tuple[PositiveInt, ...], Field(min_length=1)] = (1, 5, 10)
    """Sizes of the sets of heads with the best prefix-matching scores."""
    ablation: Literal["zero", "mean"] = "zero"
    """What stands in for an ablated head's output: 0, or its mean over sequences held apart."""
    patterns: tuple[Patterns, ...] = ("kept", "recomputed")
    """Whether heads behind an ablated one attend as in the whole model; empty: nothing ablated."""
    texts: NonNegativeInt = 0
    """Texts of 525 tokens for the in-context learning score; 0: not measured."""

    @field_validator("scores", "top", "patterns")
    @classmethod
    def _entries_differ(cls, values: tuple[object, ...]) -> tuple[object, ...]:
        return no_repeats(values)

    @property
    def base(self) -> dict[str, Condition]:
        """Conditions that all rows share."""
        return {"model": self.model}

    def produces(self, layers: Collection[int] = ()) -> Iterator[Quantity]:  # noqa: ARG002
        """Scores of the sets of heads, losses and ablations; single heads' cells are not listed."""
        for size, score in product(self.top, self.scores):
            where = {"heads": set_name(size)}
            yield from self._rows(f"{score}_score", where, *_CONTROLS[score], "random_heads")
        for block in ("first", "later"):
            yield from self._rows("next_token_loss", {"block": block}, "shuffled_tokens")
        for size, patterns, block in product(self.top, self.patterns, ("first", "later")):
            where = {
                "heads": set_name(size),
                "ablation": self.ablation,
                "patterns": patterns,
                "block": block,
            }
            yield from self._rows("loss_increase", where, "random_heads")
        if self.texts:
            yield from self._in_context()

    def _in_context(self) -> Iterator[Quantity]:
        score = "in_context_learning_score"
        yield from self._rows(score, {"ablated": "none"}, "short_context", "random_heads")
        if self.patterns:
            where = {"ablated": set_name(max(self.top))}
            yield from self._rows(score, where, "random_heads")
            yield from self._rows("in_context_learning_removed", where, "random_heads")

    def _rows(self, metric: str, where: dict[str, str], *controls: str) -> Iterator[Quantity]:
        for control in (None, *controls):
            yield Quantity(metric=metric, where={**self.base, **where}, control=control)


def set_name(size: int) -> str:
    """Name of the `size` heads with the best prefix-matching scores."""
    return f"induction-{size}"
