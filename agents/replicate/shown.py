"""A campaign's outcome in lines, without colours: for a person and for an agent alike."""

from collections.abc import Iterator

from agents.replicate.journal import STEPS
from agents.replicate.outcome import Outcome
from agents.replicate.spent_text import spent_text

_WITH_MORE: dict[str, str] = {"budget": ", with a larger budget", "rounds": ", with more --rounds"}


def lines(done: Outcome) -> Iterator[str]:
    """What a person wants to know first comes last, next to the prompt."""
    undone = f", {done.turns_undone} of them undone" if done.turns_undone else ""
    yield f"turns of the agent: {done.turns}{undone}"
    yield f"spent: {spent_text(done.spent)}"
    yield from (f"a loophole, says the agent: {each}" for each in done.loopholes)
    if done.last_words is not None:
        yield f"the agent's own words, of which nothing was checked:\n{done.last_words}"
    if not done.is_safe:
        yield "isolation: process: unsafe, what the agent ran could write anywhere"
    if done.verdicts is not None:
        counts = (f"{count} {kind.replace('_', ' ')}" for kind, count in done.verdicts.items())
        yield f"verdicts: {', '.join(counts)}"
    if done.why is not None:
        yield f"stopped ({done.why}) after {', '.join(done.steps_done) or 'nothing'}"
        yield done.message
        yield f"the same command goes on{_WITH_MORE.get(done.why, '')}"
    if done.report is not None:
        yield f"report: {done.report}"
    yield from (f"pull request: {each}" for each in done.published)
    if not done.published and len(done.steps_done) == len(STEPS):
        yield f"nothing was proposed; the replication lies in {done.worktree}"
