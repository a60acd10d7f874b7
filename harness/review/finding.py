"""One thing that a review found: where, how grave, and under which heading it counts."""

from typing import Literal

from harness.record import Record

Severity = Literal["blocker", "warning", "note"]
"""A blocker keeps a submission out; a warning wants an answer; a note is good to know."""

Axis = Literal["integrity", "evidence", "judgement", "disclosure", "safety", "reproducibility"]
"""What a finding counts against: files and digests; possible numbers; verdicts and limits; what is
declared; nothing that runs or leaks; what it takes to obtain the numbers again."""


class Finding(Record):
    """A fault, or a thing worth a look, at a place."""

    rule: str
    """Name of the rule, such as `pickle` or `verdict-differs`."""
    axis: Axis
    severity: Severity
    path: str
    """From the project's folder, such as `replications/ioi/some-id/report.md`."""
    line: int | None = None
    """From 1; `None` where a place in the file means nothing."""
    message: str

    @property
    def place(self) -> str:
        """`path:line`, as editors open it."""
        return self.path if self.line is None else f"{self.path}:{self.line}"
