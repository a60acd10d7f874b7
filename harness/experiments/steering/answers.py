"""How likely the matching answer of a question is, by its letter or by its words."""

from collections.abc import Mapping, Sequence
from typing import Literal, NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor

from harness.data.behaviours import ChoiceQuestion, with_choices
from harness.experiments.steering.streams import (
    Batch,
    Sequences,
    Steered,
    Way,
    run_ways,
    token_losses,
)
from harness.models.chat import Turn, as_turn
from harness.models.language_model import LanguageModel
from harness.models.prompts import token_id
from harness.models.unembed import logits_of
from harness.record import HarnessError

Answer = Literal["letter", "text"]
_OPENING = "\nAnswer: ("
"""End of a lettered question as it is laid out; the bracket is the beginning of the answer."""


class Sheet(NamedTuple):
    """Questions as the model reads them, with the end of the matching and of the other answer."""

    answer: Answer
    matching: tuple[Turn, ...]
    other: tuple[Turn, ...]
    matching_is_a: tuple[bool, ...]
    """Whether the matching answer is the one with letter A."""


def sheet(lm: LanguageModel, asked: Sequence[ChoiceQuestion], answer: Answer) -> Sheet:
    """Each question with both of its answers. Raises `HarnessError` where a letter is no token."""
    is_a = tuple(each.letter == "A" for each in asked)
    if answer == "text":
        return Sheet(
            answer,
            tuple(as_turn(lm, each.question, each.matching) for each in asked),
            tuple(as_turn(lm, each.question, each.other) for each in asked),
            is_a,
        )
    found = Sheet(
        answer,
        tuple(as_turn(lm, _lettered(each), f"({each.letter}") for each in asked),
        tuple(as_turn(lm, _lettered(each), f"({_opposite(each)}") for each in asked),
        is_a,
    )
    letters = {token_id(lm, "A"), token_id(lm, "B")}
    pairs = zip(found.matching, found.other, strict=True)
    if any({one.ids[-1], other.ids[-1]} != letters for one, other in pairs):
        raise HarnessError(f"{lm.ref}: a letter in brackets is no token of its own")
    return found


def about_words(asked: ChoiceQuestion) -> ChoiceQuestion:
    """The same choices, asked which of them says what the matching one says."""
    return asked._replace(question=f'Which choice says "{asked.matching}"')


def shares(
    lm: LanguageModel, given: Sheet, ways: Mapping[str, Way]
) -> dict[str, Float[Tensor, " questions"]]:
    """P(matching) among the two answers, steered from the end of each question on."""
    read = _letters if given.answer == "letter" else _words
    return {name: torch.sigmoid(each) for name, each in read(lm, given, ways).items()}


def _letters(lm: LanguageModel, given: Sheet, ways: Mapping[str, Way]) -> dict[str, Tensor]:
    """Logit of the matching letter less the other's, where a letter is to follow."""
    turns = [each._replace(ids=each.ids[:-1]) for each in given.matching]
    ids = torch.tensor(
        [(one.ids[-1], two.ids[-1]) for one, two in zip(given.matching, given.other, strict=True)]
    )

    def read(batch: Batch, steered: Steered) -> Tensor:
        wanted = ids[list(batch.indices)].to(steered.resid.device)
        found = logits_of(lm, steered.resid[:, -1], wanted).float()
        return found[:, 0] - found[:, 1]

    return run_ways(lm, _sequences(turns), ways, read)


def _words(lm: LanguageModel, given: Sheet, ways: Mapping[str, Way]) -> dict[str, Tensor]:
    """Log probability of the words of the matching answer less that of the other's."""
    turns = (*given.matching, *given.other)

    def read(batch: Batch, steered: Steered) -> Tensor:
        losses = token_losses(lm, batch.tokens, steered).cpu()
        predicted = torch.arange(steered.start + 1, batch.tokens.shape[1])
        answers = torch.tensor([turns[index].answer for index in batch.indices])
        return -(losses * (predicted >= answers[:, None])).sum(1)

    found = run_ways(lm, _sequences(turns), ways, read)
    halves = {name: each.chunk(2) for name, each in found.items()}
    return {name: matching - other for name, (matching, other) in halves.items()}


def _sequences(turns: Sequence[Turn]) -> Sequences:
    """Steered from the end of the question on."""
    return Sequences([each.ids for each in turns], [each.prompt for each in turns])


def _lettered(asked: ChoiceQuestion) -> str:
    whole = with_choices(asked)
    assert whole.endswith(_OPENING), whole
    return whole.removesuffix(_OPENING)


def _opposite(asked: ChoiceQuestion) -> str:
    return "B" if asked.letter == "A" else "A"
