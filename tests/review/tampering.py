"""Every way to tamper with an honest submission, and what a review says to each.

`python -m tests.review.tampering` reviews them all and prints the outcome as a Markdown table.
"""

import sys
import time
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from harness.review import Review, review_branch
from tests.review.desk import NAME, Desk
from tests.review.tampered_files import FILES
from tests.review.tampered_results import RESULTS
from tests.review.tampers import Case

CASES = (*RESULTS, *FILES)


def tampered(case: Case, honest: Desk, project: Path) -> Desk:
    """A copy of the honest submission, tampered with and committed to its branch."""
    desk = honest.copy(project)
    desk.commit(*(case.tamper(desk) or ()))
    return desk


def table(cases: Sequence[Case] = CASES) -> str:
    """Every case, reviewed: the finding that it must give, its place and the seconds it took."""
    lines = [
        "| tampering | rule | severity | where | blockers | seconds |",
        "|---|---|---|---|---|---|",
    ]
    with TemporaryDirectory() as folder:
        honest = Desk.honest(Path(folder) / "honest")
        for place, case in enumerate(cases):
            desk = tampered(case, honest, Path(folder) / f"case-{place}")
            started = time.perf_counter()
            review = review_branch(desk.project, "submission")
            seconds = time.perf_counter() - started
            lines.append(f"| {' | '.join(_cells(case, desk, review, seconds))} |")
    return "\n".join(lines)


def _cells(case: Case, desk: Desk, review: Review, seconds: float) -> tuple[str, ...]:
    found = case.caught(review.findings)
    where = "missed" if found is None else f"`{found.place.removeprefix(f'{NAME}/')}`"
    ran = ", **and it ran**" if desk.canary.exists() else ""
    blockers = str(review.count("blocker"))
    return (f"{case.name}{ran}", case.rule, case.severity, where, blockers, f"{seconds:.1f}")


if __name__ == "__main__":
    sys.stdout.write(f"{table()}\n")
