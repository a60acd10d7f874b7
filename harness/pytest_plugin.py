"""Collect each replication.yaml: claims as test items with `--claims`, else a consistency check."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from harness.replication import Replication
    from harness.verdict import Verdict


class ClaimNotReplicated(Exception):
    """The measurements contradict the claim."""


class VerdictsDiffer(Exception):
    """A stored verdict is not what the measurements give."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add `--claims`."""
    parser.getgroup("harness").addoption(
        "--claims",
        action="store_true",
        help="one item a claim of each replication.yaml; its outcome is the verdict",
    )


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.File | None:
    """Take each replication.yaml as a file of items."""
    if file_path.name == "replication.yaml":
        return ReplicationFile.from_parent(parent, path=file_path)
    return None


class ReplicationFile(pytest.File):
    """A replication as a test file."""

    def collect(self) -> Iterator[pytest.Item]:
        """One item a claim, or one that recomputes all stored verdicts."""
        from harness.record import HarnessError
        from harness.replication import Replication

        try:
            replication = Replication.open(self.path.parent)
            verdicts = replication.verdicts()
        except HarnessError as error:
            raise self.CollectError(str(error)) from error
        if not self.config.getoption("--claims"):
            yield StoredVerdicts.from_parent(self, name="stored-verdicts", replication=replication)
            return
        for verdict in verdicts:
            yield ClaimItem.from_parent(self, name=verdict.claim, verdict=verdict)


class ClaimItem(pytest.Item):
    """A claim; passed, failed or skipped as its verdict says."""

    def __init__(self, *, verdict: "Verdict", **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.verdict = verdict

    def runtest(self) -> None:
        """Replicated passes, refuted (also in part) fails, the undecided is skipped."""
        match self.verdict.outcome:
            case "replicated":
                return
            case "not_replicated" | "partial":
                raise ClaimNotReplicated(f"{self.verdict.outcome}: {self.verdict.reason}")
            case outcome:
                pytest.skip(f"{outcome}: {self.verdict.reason}")

    def repr_failure(
        self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None
    ) -> str | Any:
        """The reason in one line."""
        if isinstance(excinfo.value, ClaimNotReplicated):
            return f"claim {self.name!r}: {excinfo.value}"
        return super().repr_failure(excinfo, style)


class StoredVerdicts(pytest.Item):
    """Whether `verdicts.json` is what the measurements give."""

    def __init__(self, *, replication: "Replication", **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.replication = replication

    def runtest(self) -> None:
        """Fails with the claims that differ."""
        stored = self.replication.stored_verdicts()
        if stored is None:
            pytest.skip("not judged yet")
        if stored.paper_digest != self.replication.paper.digest:
            raise VerdictsDiffer("the paper spec changed since the verdicts were written")
        differ = stored.differing(self.replication.verdicts())
        if differ:
            raise VerdictsDiffer(f"recomputed verdicts differ: {', '.join(differ)}")

    def repr_failure(
        self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None
    ) -> str | Any:
        """The difference in one line."""
        if isinstance(excinfo.value, VerdictsDiffer):
            return str(excinfo.value)
        return super().repr_failure(excinfo, style)
