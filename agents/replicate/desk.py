"""What every step works with: the campaign, its folder, the agent's tree, the meter."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from agents.drivers.driver import Driver
from agents.fence import Fence, Seal, Worktree, seal
from agents.metering import Meter
from agents.replicate.campaign import Campaign
from agents.replicate.journal import Done, Journal, StepName
from harness.experiments.context import Progress
from harness.isolation import Cell
from harness.isolation.private import private_places
from harness.record import HarnessError, read_text
from harness.replication import Replication

Tell = Callable[[str], None]
"""Told in one line what happens, as it happens."""

_MOST_BYTES = 2**30
"""Of one file: the model that a trial run unpacks has about half of it."""
_SEALED = ("measurements/", "artifacts/")


@dataclass(frozen=True)
class Desk:
    """One campaign at work."""

    campaign: Campaign
    project: Path
    folder: Path
    """Of the campaign; the agent can write only in its `worktree` and `home`."""
    journal: Journal
    worktree: Worktree
    fence: Fence
    meter: Meter
    driver: Driver
    progress: Progress
    tell: Tell

    @property
    def top(self) -> Path:
        """The agent's working tree, a checkout of the project."""
        return self.worktree.top

    @property
    def root(self) -> Path:
        """The replication's folder in that tree."""
        return self.top / self.campaign.replication_name

    @property
    def spec_file(self) -> str:
        """The replication's spec, from the project's folder."""
        return f"{self.campaign.replication_name}/replication.yaml"

    @cached_property
    def cell(self) -> Cell:
        """Where the agent's commands run. A person's keys are out of sight there."""
        home = self.folder / "home"
        home.mkdir(exist_ok=True)
        readable = [self.project]
        if self.campaign.model.startswith("path:"):
            readable.append(Path(self.campaign.model.removeprefix("path:")).expanduser())
        return Cell(
            rung=self.campaign.rung,
            folder=self.top,
            home=home,
            also_readable=tuple(readable),
            hidden=private_places(),
            file_bytes=_MOST_BYTES,
        )

    @property
    def text(self) -> str:
        """The paper's text as it was fetched, out of the agent's reach."""
        return read_text(self.folder / "paper.md")

    def replication(self) -> Replication:
        """As its files stand now. Raises `HarnessError`."""
        return Replication.open(self.root)

    def told(self, error: HarnessError) -> list[str]:
        """The lines of an error, as they read from inside of the agent's tree."""
        return str(error).replace(f"{self.top}/", "").splitlines()

    def done(self, step: StepName, note: str) -> None:
        """Journal that a step is finished; what stands in the tree is accepted before."""
        assert self.journal.open_turn is None, step
        self.fence.accept()
        self.journal.append(Done(step=step, note=note))
        self.tell(f"{step}: {note}")

    def seal_rows(self) -> None:
        """Remember by hash the rows and artifacts that stand."""
        files = seal(self.root).files
        rows = {path: sha for path, sha in files.items() if path.startswith(_SEALED)}
        Seal(files=rows).dump(self._seal_file)

    def sealed(self) -> Seal | None:
        """The rows as they were sealed last; `None` before anything has run."""
        return Seal.load(self._seal_file) if self._seal_file.exists() else None

    def require_sealed(self) -> None:
        """Raises `HarnessError` where rows are not as the harness wrote them.

        Verdicts and report are made anew from the rows by the review, and compared with them.
        """
        sealed = self.sealed()
        if sealed is None:
            return
        broken = [each for each in sealed.broken(self.root) if each.kind != "added"]
        if broken:
            name = self.campaign.replication_name
            told = "\n".join(f"{name}/{each.path}: {each.kind} by hand" for each in broken)
            raise HarnessError(f"{told}\nrestore these files under {self.top}")

    @property
    def reported_file(self) -> Path:
        """What the report was made from: `Reported`."""
        return self.folder / "reported.json"

    @property
    def _seal_file(self) -> Path:
        return self.folder / "seal.json"
