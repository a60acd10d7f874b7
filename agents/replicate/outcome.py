"""How a campaign stands: what a person reads at its end, and an agent as JSON."""

from agents.drivers.loopholes import loopholes
from agents.metering import Spent
from agents.replicate.desk import Desk
from agents.replicate.journal import STEPS, StepName, Stopped, TurnHeld, Why
from agents.replicate.last_words import last_words
from harness.isolation import Rung
from harness.record import Record, read_text


class Outcome(Record):
    """A campaign, finished or not."""

    campaign: str
    """Its folder, with journal, transcripts and the ledger of calls."""
    replication: str
    worktree: str
    steps_done: tuple[StepName, ...]
    why: Why | None
    """Why it stopped; `None` where it is finished."""
    message: str
    turns: int
    turns_undone: int
    spent: Spent
    isolation: Rung
    is_safe: bool
    """Whether commands of the agent could write nowhere but in its working tree and home."""
    verdicts: dict[str, int] | None
    """How many of each outcome; `None` before the claims are judged."""
    report: str | None
    published: tuple[str, ...]
    """Addresses of pull requests, or files to send."""

    loopholes: tuple[str, ...]
    """Ways to a good verdict that is not an honest one, as the agent reported them."""
    last_words: str | None
    """The agent's own, of its last turn; nothing of them was checked."""

    @property
    def finished(self) -> bool:
        """Whether every step was taken."""
        return len(self.steps_done) == len(STEPS)


def outcome(desk: Desk) -> Outcome:
    """As the campaign's files tell it."""
    held = [each for each in desk.journal.entries if isinstance(each, TurnHeld)]
    done = desk.journal.done
    last = desk.journal.entries[-1] if desk.journal.entries else None
    stopped = last if isinstance(last, Stopped) else None
    published = desk.folder / "published.txt"
    report = desk.top / desk.campaign.replication_name / "report.html"
    return Outcome(
        campaign=str(desk.folder),
        replication=desk.campaign.replication_name,
        worktree=str(desk.top),
        steps_done=done,
        why=stopped.why if stopped else None,
        message=stopped.message if stopped else "",
        turns=desk.journal.next_turn - 1,
        turns_undone=sum(bool(each.undone) for each in held),
        spent=desk.meter.spent(),
        isolation=desk.campaign.rung,
        is_safe=desk.campaign.rung != "process",
        verdicts=_verdicts(desk) if "judge" in done else None,
        report=str(report) if report.exists() else None,
        loopholes=loopholes(desk.folder / "memory"),
        last_words=last_words(desk.folder / "turns"),
        published=tuple(read_text(published).splitlines()) if published.exists() else (),
    )


def _verdicts(desk: Desk) -> dict[str, int]:
    from harness.api import outcomes

    return {kind: count for kind, count in outcomes(desk.replication().verdicts()).items() if count}
