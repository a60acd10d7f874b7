"""The proposer that follows a file: for tests, and to show a campaign without a language model."""

from pathlib import Path
from typing import Annotated

from pydantic import Field

from harness.autoresearch.candidate import Candidate
from harness.autoresearch.knob import Value
from harness.autoresearch.knobs import with_values
from harness.autoresearch.proposers.proposer import Brief, Exhausted, Proposal
from harness.record import HarnessError, Record


class Step(Record):
    """What is proposed for one trial; the parent as it is where nothing else is said."""

    title: str
    reason: str
    idea: str | None = None
    values: Annotated[dict[str, Value], Field(default_factory=dict)]
    """Of knobs."""
    code: str | None = None
    """A whole recipe.py."""
    knobs: str | None = None
    """A whole knobs.yaml; `values` are set in it."""
    replace: tuple[tuple[Annotated[str, Field(min_length=1)], str], ...] = ()
    """Text of recipe.py and what takes its place, the first time that it stands there."""
    loophole: str | None = None
    usd: float | None = None
    tokens: int | None = None


class ProposalScript(Record):
    """The file."""

    proposals: tuple[Step, ...]
    """The first is trial 1's."""
    ideas: tuple[str, ...] = ()
    """Of the planning sprint."""


class Scripted:
    """What it says follows from the trial's number alone."""

    name = "scripted"

    def __init__(self, script: ProposalScript, path: Path) -> None:
        self._script, self._path = script, path

    def propose(self, brief: Brief, folder: Path) -> Proposal | Exhausted:
        """The trial's step, made from the parent.

        Where the parent does not hold a text that is to be replaced, the step changes nothing, and
        such a proposal is refused. Raises `HarnessError` for a knob that the parent lacks and a
        value that it cannot have.
        """
        del folder
        steps = self._script.proposals
        if brief.trial > len(steps):
            message = f"{self._path} has {len(steps)} proposals"
            return Exhausted(why="proposer", message=message)
        step = steps[brief.trial - 1]
        try:
            candidate = _made(step, brief.parent)
        except HarnessError as error:
            where = f"{self._path}: proposals[{brief.trial - 1}].values"
            raise HarnessError(f"{where}: {error}") from error
        return Proposal(
            candidate=candidate,
            title=step.title,
            reason=step.reason,
            idea=step.idea,
            loophole=step.loophole,
            usd=step.usd,
            tokens=step.tokens,
        )

    def plan(self, brief: Brief, folder: Path) -> tuple[str, ...]:
        """The file's ideas."""
        del brief, folder
        return self._script.ideas


def scripted(path: Path) -> Scripted:
    """Raises `HarnessError` for a file that cannot be read or is none such."""
    return Scripted(ProposalScript.load(path), path)


def _made(step: Step, parent: Candidate) -> Candidate:
    code = parent.code if step.code is None else step.code
    for old, new in step.replace:
        if old not in code:
            return parent
        code = code.replace(old, new, 1)
    knobs = parent.knobs if step.knobs is None else step.knobs
    return Candidate(code=code, knobs=with_values(knobs, step.values) if step.values else knobs)
