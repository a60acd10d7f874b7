"""Questions with two answers, one of which shows a behaviour: hope, thrift, love of company.

Owns the drawing and the balance of the letters; the texts have a file of their own.
"""

import random
from functools import cached_property
from typing import Literal, NamedTuple

from harness.data.behaviour_situations import ANSWERS, HOPES, PURSUITS, STEMS, WANTS
from harness.data.content_hash import content_hash
from harness.record import HarnessError, Record

Behaviour = Literal["optimism", "thrift", "company"]
Split = Literal["train", "test"]
Letter = Literal["A", "B"]

SITUATIONS: dict[Behaviour, tuple[str, ...]] = {
    "optimism": HOPES,
    "thrift": WANTS,
    "company": PURSUITS,
}


class ChoiceQuestion(NamedTuple):
    """A question about one situation; how it is laid out is `with_choices`."""

    question: str
    """The situation and what is asked, without the choices."""
    matching: str
    """The answer that shows the behaviour."""
    other: str
    letter: Letter
    """The letter of `matching`."""
    unit: str
    """The situation; it stands in no other question."""


class QuestionSet(Record):
    """Questions of one name, in a fixed order."""

    name: str
    questions: tuple[ChoiceQuestion, ...]

    @cached_property
    def sha256(self) -> str:
        """Hash of the questions: equal for equal contents and order."""
        return content_hash(self.questions)


def questions(behaviour: Behaviour, *, part: Split, size: int, seed: int) -> QuestionSet:
    """`size` questions, each about another situation; A matches in exactly half of them.

    `optimism` expects good outcomes, `thrift` spends little, `company` does things with others.
    Every third situation belongs to `test` whatever the seed, so that a direction fitted on `train`
    has met none of them; the answers are worded alike in both. Raises `HarnessError` for an odd
    size, or more questions than the part has situations (about 100 and 50). Source: the layout of
    Panickssery et al. 2023 (A/B questions, 50 held out); all texts are our own.
    """
    name = f"{behaviour}_{part}"
    known = [
        situation
        for index, situation in enumerate(SITUATIONS[behaviour])
        if (index % 3 == 2) == (part == "test")
    ]
    largest = len(known) // 2 * 2
    if size % 2 or not 2 <= size <= largest:
        raise HarnessError(
            f"{name}: size {size} is not possible; valid: even numbers from 2 to {largest}"
        )
    rng = random.Random(seed)
    letters: list[Letter] = ["A", "B"] * (size // 2)
    rng.shuffle(letters)
    drawn = zip(rng.sample(known, size), letters, strict=True)
    return QuestionSet(
        name=name,
        questions=tuple(_question(behaviour, unit, letter, rng) for unit, letter in drawn),
    )


def with_choices(asked: ChoiceQuestion) -> str:
    """The question and its lettered choices, up to where a letter follows."""
    first, second = asked.matching, asked.other
    if asked.letter == "B":
        first, second = second, first
    return f"{asked.question}\nChoices:\n (A) {first}\n (B) {second}\nAnswer: ("


def _question(
    behaviour: Behaviour, unit: str, letter: Letter, rng: random.Random
) -> ChoiceQuestion:
    matching, other = rng.choice(ANSWERS[behaviour])
    stem = rng.choice(STEMS[behaviour])
    return ChoiceQuestion(stem.format(unit), matching, other, letter, unit)
