"""Activation patching of one pair of prompts: where the difference between them is carried."""

import torch
from jaxtyping import Float
from torch import Tensor

from harness.models.language_model import LanguageModel
from harness.models.patching import Component, Direction, Pairs, PatchMap, Progress, patch_map
from harness.models.resume import run_base
from harness.models.unembed import logits
from harness.oneline.prompt import Prompt, read_prompt, single_id, token_text
from harness.record import HarnessError, Record


class Cell(Record):
    """One patch."""

    layer: int
    column: int
    """The token's index; for `z` the head's."""
    logit_difference: float
    """Answer minus foil, in the patched run."""
    effect: float
    """Share of the way from the one run to the other: 0 nothing, 1 all of it."""


class Patch(Record):
    """Every patch of one pair."""

    clean: str
    corrupted: str
    tokens: tuple[str, ...]
    """Of the clean prompt."""
    corrupted_tokens: tuple[str, ...]
    answer: str
    foil: str
    component: Component
    direction: Direction
    clean_logit_difference: float
    corrupted_logit_difference: float
    effects: tuple[tuple[float, ...], ...]
    """By layer, then by token; for `z`, patched at the last token, by head."""

    @property
    def cells(self) -> tuple[Cell, ...]:
        """The patches, largest effect first."""
        found = [
            Cell(layer=layer, column=column, effect=effect, logit_difference=self._between(effect))
            for layer, row in enumerate(self.effects)
            for column, effect in enumerate(row)
        ]
        return tuple(sorted(found, key=lambda cell: -abs(cell.effect)))

    def _between(self, effect: float) -> float:
        ends = (self.corrupted_logit_difference, self.clean_logit_difference)
        start, end = ends if self.direction == "denoise" else reversed(ends)
        return start + effect * (end - start)


def patch(
    lm: LanguageModel,
    clean: str,
    corrupted: str,
    *,
    answer: str | None = None,
    foil: str | None = None,
    component: Component = "resid_pre",
    direction: Direction = "denoise",
    progress: Progress | None = None,
) -> Patch:
    """Patch every layer at every token, or for `z` every head at the last token.

    Answer and foil are the two prompts' own likeliest tokens where none are given. Raises
    `HarnessError` for prompts of different lengths or none that differ, for words of several
    tokens, and for an uninformative pair: the clean prompt must prefer the answer and the corrupted
    one the foil.
    """
    one, other = read_prompt(lm, clean), read_prompt(lm, corrupted)
    _check_lengths(one, other)
    words = _words(lm, _last_logits(lm, one, other), answer, foil)
    pairs = Pairs(one.ids, other.ids, *(torch.tensor([[each]]) for each in words))
    places = [len(one.tokens) - 1] if component == "z" else None
    found = patch_map(lm, pairs, component, direction=direction, places=places, progress=progress)
    return Patch(
        clean=clean,
        corrupted=corrupted,
        tokens=one.tokens,
        corrupted_tokens=other.tokens,
        answer=token_text(lm, words[0]),
        foil=token_text(lm, words[1]),
        component=component,
        direction=direction,
        clean_logit_difference=float(found.clean),
        corrupted_logit_difference=float(found.corrupted),
        effects=tuple(tuple(round(e, 4) for e in row) for row in _effects(found, direction)),
    )


def _effects(found: PatchMap, direction: Direction) -> list[list[float]]:
    """[layer, column] shares of the difference between the two runs."""
    start, end = (found.corrupted, found.clean)
    if direction == "noise":
        start, end = end, start
    columns = found.patched.flatten(1, -2)[..., 0]
    return ((columns - start) / (end - start)).tolist()


def _check_lengths(one: Prompt, other: Prompt) -> None:
    if len(one.tokens) != len(other.tokens):
        raise HarnessError(
            f"the clean prompt has {len(one.tokens)} tokens and the corrupted one "
            f"{len(other.tokens)}; they must align: {list(one.tokens)} / {list(other.tokens)}"
        )


@torch.inference_mode()
def _last_logits(lm: LanguageModel, one: Prompt, other: Prompt) -> Float[Tensor, "2 vocab"]:
    """What the two prompts go on with."""
    resid = run_base(lm, torch.cat([one.ids, other.ids])).resid[-1]
    return logits(lm, resid[:, -1]).float().cpu()


def _words(
    lm: LanguageModel, last: Float[Tensor, "2 vocab"], answer: str | None, foil: str | None
) -> tuple[int, int]:
    """Ids of answer and foil, which the two prompts must tell apart."""
    likeliest = last.argmax(-1).tolist()
    yes = likeliest[0] if answer is None else single_id(lm, answer, "answer")
    no = likeliest[1] if foil is None else single_id(lm, foil, "foil")
    clean, corrupted = (last[:, yes] - last[:, no]).tolist()
    if clean <= 0 or corrupted >= 0:
        raise HarnessError(
            f"this pair tells nothing: logit of {token_text(lm, yes)!r} minus logit of "
            f"{token_text(lm, no)!r} is {clean:.2f} on the clean prompt, which must be above 0, "
            f"and {corrupted:.2f} on the corrupted one, which must be below; they go on with "
            f"{token_text(lm, likeliest[0])!r} and {token_text(lm, likeliest[1])!r}; "
            "name another --answer or --foil, or other prompts"
        )
    return yes, no
