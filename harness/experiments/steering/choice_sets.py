"""The questions of a CAA experiment: those that vectors are fitted on, that choose the layer, and
that are reported on. No situation stands in two of them."""

from collections.abc import Sequence
from dataclasses import dataclass

from harness.data.behaviours import ChoiceQuestion, questions
from harness.experiments.context import Context
from harness.experiments.scored import units_digest
from harness.experiments.steering.answers import Answer, Sheet, about_words, sheet
from harness.experiments.steering.draws import apart
from harness.manifest import DataUsed
from harness.models.language_model import LanguageModel
from harness.specs.steering import Choices


@dataclass(frozen=True)
class Sets:
    """By behaviour."""

    answer: Answer
    fitted: dict[str, Sheet]
    selection: dict[str, Sheet]
    reported: dict[str, Sheet]
    pointed: dict[str, Sheet]
    """The reported choices, asked which of them says what the matching one says."""
    names: dict[str, tuple[str, ...]]
    """Situations of the reported questions."""

    @property
    def selection_units(self) -> int:
        """Questions that choose the layer."""
        return sum(len(each.matching) for each in self.selection.values())

    def units(self, behaviour: str) -> str:
        """Digest of the reported questions of a behaviour, or of all."""
        if behaviour != "all":
            return units_digest(self.names[behaviour])
        return units_digest(name for names in self.names.values() for name in names)


def read_sets(lm: LanguageModel, task: Choices, context: Context) -> Sets:
    """Draw the questions and lay them out for the model."""
    found = Sets(task.answer, {}, {}, {}, {}, {})
    for behaviour in task.behaviours:
        train = questions(behaviour, part="train", size=task.train, seed=0)
        test = questions(behaviour, part="test", size=task.test, seed=0)
        for each in (train, test):
            context.data[each.name] = DataUsed(
                source="generated", sha256=each.sha256, statements=len(each.questions)
            )
        held = apart(len(train.questions))
        found.fitted[behaviour] = _sheet(lm, train.questions, held, task.answer, kept=False)
        found.selection[behaviour] = _sheet(lm, train.questions, held, task.answer, kept=True)
        found.reported[behaviour] = sheet(lm, test.questions, task.answer)
        if task.answer == "letter":
            pointed = [about_words(each) for each in test.questions]
            found.pointed[behaviour] = sheet(lm, pointed, "letter")
        found.names[behaviour] = tuple(each.unit for each in test.questions)
    return found


def _sheet(
    lm: LanguageModel,
    asked: Sequence[ChoiceQuestion],
    held: Sequence[bool],
    answer: Answer,
    *,
    kept: bool,
) -> Sheet:
    some = [each for each, apart_ in zip(asked, held, strict=True) if apart_ == kept]
    return sheet(lm, some, answer)
