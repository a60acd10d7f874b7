"""A proposer that is an agent: one turn a trial, in a folder of the trial's own."""

from pathlib import Path

from agents.autoresearch.engaged import Engaged
from agents.autoresearch.left import Unfit, Words, ideas_of, read_left, words_of
from agents.autoresearch.told import MOST_IDEAS, files, plan_prompt, trial_prompt
from agents.autoresearch.turn import TurnEnd, take_turns
from agents.autoresearch.workplace import Workplace
from agents.drivers.loopholes import loopholes
from agents.metering import read_spent
from harness.autoresearch.candidate import CODE, KNOBS, Candidate
from harness.autoresearch.proposers.proposer import Brief, Exhausted, Proposal
from harness.plain_text import plain
from harness.record import HarnessError
from harness.untrusted import tail

_LONGEST_LOOPHOLE = 4_000


class Agent:
    """One agent over a whole campaign. It remembers nothing but what its folder holds."""

    def __init__(self, engaged: Engaged) -> None:
        self._engaged = engaged

    @property
    def name(self) -> str:
        """As `--proposer` takes it."""
        return self._engaged.name

    def propose(self, brief: Brief, folder: Path) -> Proposal | Exhausted:
        """The change that the agent leaves, with what it cost.

        What cannot be read, and what was done outside of the folder, is told as a trespass. Raises
        `HarnessError` where the agent's software, its server or its refusal leaves no answer.
        """
        place, step = Workplace.of(folder), f"trial-{brief.trial}"
        prompt = trial_prompt(brief)
        place.lay(files(brief, prompt), prompt)
        end = take_turns(self._engaged, place, step)
        if not end.is_over and end.exhausted is not None:
            return Exhausted(why="dollars", message=end.exhausted)
        _require_over(end, place)
        return self._proposal(brief, place, end, step)

    def plan(self, brief: Brief, folder: Path) -> tuple[str, ...]:
        """Ideas of the planning sprint; none where the budget or the agent gives none.

        Raises `HarnessError` as `propose` does.
        """
        place = Workplace.of(folder)
        prompt = plan_prompt(brief)
        place.lay(files(brief, prompt), prompt)
        end = take_turns(self._engaged, place, f"plan-{brief.trial}")
        if not end.is_over and end.exhausted is not None:
            return ()
        _require_over(end, place)
        try:
            return ideas_of(read_left(place.work, "ideas.json"), MOST_IDEAS)
        except Unfit:
            return ()

    def _proposal(self, brief: Brief, place: Workplace, end: TurnEnd, step: str) -> Proposal:
        candidate, words, loophole = brief.parent, words_of(None, end.words), None
        trespass = end.trespass
        try:
            words = words_of(read_left(place.work, "proposal.json"), end.words)
            loophole = _loophole(place)
            candidate = _candidate(place)
        except Unfit as unfit:
            trespass = trespass or str(unfit)
        usd, tokens = self._cost(step)
        return Proposal(
            candidate=candidate,
            title=words.title,
            reason=words.reason,
            idea=_idea(brief, words),
            loophole=loophole,
            trespass=trespass,
            usd=usd,
            tokens=tokens,
        )

    def _cost(self, step: str) -> tuple[float | None, int | None]:
        """Dollars and tokens of all turns of a trial; nothing where no model was asked."""
        steps = read_spent(self._engaged.calls).by_step
        if step not in steps or steps[step].calls == 0:
            return None, None
        spent = steps[step]
        usd = None if spent.usd is None else float(spent.usd)
        return usd, spent.input_tokens + spent.output_tokens


def _require_over(end: TurnEnd, place: Workplace) -> None:
    if not end.is_over:
        raise HarnessError(
            f"the agent's turn {end.how}: {plain(end.message or 'it does not say why')}; its "
            f"transcript lies in {place.turns}. Nothing was scored, and the same command goes on"
        )


def _candidate(place: Workplace) -> Candidate:
    code, knobs = read_left(place.work, CODE), read_left(place.work, KNOBS)
    if code is None or knobs is None:
        raise Unfit(f"{CODE if code is None else KNOBS}: not there any more")
    return Candidate(code=code, knobs=knobs)


def _loophole(place: Workplace) -> str | None:
    """From the file and from the tool; `None` where neither says anything."""
    written = tail(read_left(place.work, "loophole.md") or "", _LONGEST_LOOPHOLE).strip()
    said = "\n".join((written, *loopholes(place.memory))).strip()
    return said or None


def _idea(brief: Brief, words: Words) -> str | None:
    """A sprint that goes on keeps its own."""
    return brief.idea if brief.idea is not None else words.idea
