"""What a review says: findings, scores, verdicts as main judges them, what was run again."""

from collections.abc import Iterable

from harness.examine import Outcome
from harness.record import Record
from harness.report.wording import counted, joined
from harness.rerun import Compared
from harness.review.finding import Axis, Finding, Severity

SEVERITIES: tuple[Severity, ...] = ("blocker", "warning", "note")
"""The gravest first."""


class Spot(Record):
    """Measurements that a draw chose, and what their experiment gave again at their seed."""

    experiment: str
    seed: int
    chosen: tuple[Compared, ...] = ()
    """Empty where it was skipped."""
    rows: int = 0
    """Committed rows of that experiment and seed, all of which were compared."""
    off: tuple[Compared, ...] = ()
    """Those that came out outside of their interval, or did not come out at all."""
    skipped: str | None = None
    """Why nothing was run."""


class Review(Record):
    """The review of one submission."""

    name: str
    commit: str | None
    """Of the branch; `None` for a folder on disk."""
    base: str | None
    """Of main, whose limits the verdicts are judged by."""
    findings: tuple[Finding, ...]
    """The gravest first."""
    scores: dict[Axis, int | None]
    """0 to 10 by `rubric.FORMULA`; `None` where an axis was not looked at."""
    verdicts: dict[Outcome, int]
    """Claims by outcome, judged anew; empty where the submission could not be read."""
    spots: tuple[Spot, ...] = ()

    @property
    def passes(self) -> bool:
        """Whether nothing keeps the submission out."""
        return self.count("blocker") == 0

    def count(self, severity: Severity) -> int:
        """Number of findings of that gravity."""
        return sum(each.severity == severity for each in self.findings)

    @property
    def sentence(self) -> str:
        """The outcome in a line."""
        counts = joined(counted(self.count(each), each) for each in SEVERITIES)
        return f"{self.name}: {'passes' if self.passes else 'does not pass'}; {counts}"


def by_gravity(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Each once, the gravest first, then by place."""

    def place(found: Finding) -> tuple[int, str, int, str]:
        return (SEVERITIES.index(found.severity), found.path, found.line or 0, found.rule)

    return tuple(sorted(dict.fromkeys(findings), key=place))
