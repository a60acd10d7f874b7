"""A campaign's folder: its ledger, its secret, its artefacts, its worlds.

All but the secret and the artefacts follows from the ledger. A cell sees none of it but the folder
of its own run.
"""

import hashlib
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from harness.autoresearch.candidate import Candidate
from harness.autoresearch.ledger.event import Begun, PolicyName
from harness.autoresearch.ledger.history import History
from harness.autoresearch.ledger.ledger import Ledger
from harness.autoresearch.recipes.start import starting
from harness.autoresearch.scorer.secret import Secret
from harness.autoresearch.software import software_sha256
from harness.autoresearch.store import Store
from harness.autoresearch.task import Task
from harness.isolation import Rung
from harness.record import HarnessError, Record
from harness.run import only_writer

_BUSY = "another process is at work on this campaign"
_KEY = "secret.key"


class Setup(Record):
    """What a campaign is begun with."""

    task: Task
    policy: PolicyName = "optuna"
    proposer: str = "optuna"
    seed: int = 0
    secret_seed: int | None = None
    """The secret follows from it, so that anyone can rebuild the worlds; `None`: drawn."""
    rung: Rung
    device: str = "cpu"


@dataclass(frozen=True)
class Campaign:
    """An opened campaign."""

    folder: Path
    ledger: Ledger
    store: Store

    @classmethod
    def begin(cls, folder: Path, wanted: Setup) -> Self:
        """A new campaign. Raises `HarnessError` where one lies there or the start cannot be."""
        start = starting(wanted.task.start)
        if (folder / "ledger.jsonl").exists():
            raise HarnessError(f"{folder}: holds a campaign already; give another --folder")
        if (folder / _KEY).exists():
            raise HarnessError(
                f"{folder / _KEY}: a key without a ledger: a start that was cut short; delete the "
                "folder, or give another --folder"
            )
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise HarnessError(f"{folder}: no folder can be made: {error.strerror}") from error
        with only_writer(folder, _BUSY):
            secret = Secret.draw(wanted.secret_seed)
            secret.write(folder / _KEY)
            made = cls(folder, Ledger(folder / "ledger.jsonl"), Store(folder / "store"))
            made.ledger.append(_begun(wanted, secret, made.store.put_candidate(start)))
        return made

    @classmethod
    def open(cls, folder: Path) -> Self:
        """The campaign there. Raises `HarnessError` for none, and for a damaged ledger."""
        path = folder / "ledger.jsonl"
        if not path.exists():
            raise HarnessError(f"{folder}: no campaign; `harness autoresearch init` begins one")
        ledger = Ledger(path)
        if not ledger.lines:
            raise HarnessError(
                f"{path}: empty: a start that was cut short; delete the folder and begin again"
            )
        return cls(folder, ledger, Store(folder / "store"))

    @property
    def history(self) -> History:
        """What has happened."""
        return self.ledger.history

    @property
    def begun(self) -> Begun:
        """What it was set up with."""
        return self.history.begun

    @property
    def task(self) -> Task:
        """What it tries to improve."""
        return self.begun.task

    @property
    def secret(self) -> Secret:
        """Raises `HarnessError` where it is not the one that the campaign began with."""
        secret = Secret.read(self.folder / _KEY)
        if secret.sha256 != self.begun.secret_sha256:
            raise HarnessError(f"{self.folder / _KEY}: not the secret that it began with")
        return secret

    def candidate(self, digest: str) -> Candidate:
        """A recipe by its digest."""
        return self.store.candidate(digest)

    def trial_folder(self, trial: int) -> Path:
        """Where a trial's proposer works, and where its files lie."""
        return self.folder / "trials" / f"{trial:04d}"

    def require_same_software(self) -> None:
        """Raises `HarnessError` where code or packages are others than the scores were made by."""
        if self.begun.software != software_sha256():
            raise HarnessError(
                f"{self.folder}: the code that trains, scores and decides, or torch, SAELens, "
                "numpy, scipy or optuna, is another than this campaign began with, so that its "
                "scores cannot be compared; go back to that version, or begin a new campaign"
            )

    def only_writer(self) -> AbstractContextManager[None]:
        """Hold the folder. Raises `HarnessError` where another process does."""
        return only_writer(self.folder, _BUSY)


def with_neighbours(folder: Path) -> tuple[Path, ...]:
    """A campaign's folder and the campaigns beside it, for a cell's `hidden`.

    A copy beside it holds the same key.
    """
    own = folder.resolve()
    beside = {path.parent.resolve() for path in own.parent.glob(f"*/{_KEY}")}
    return (own, *sorted(beside - {own}))


def _begun(wanted: Setup, secret: Secret, baseline: str) -> Begun:
    return Begun(
        task=wanted.task,
        policy=wanted.policy,
        proposer=wanted.proposer,
        seed=wanted.seed,
        secret_sha256=secret.sha256,
        secret_is_known=wanted.secret_seed is not None,
        isolation=wanted.rung,
        device=wanted.device,
        baseline=baseline,
        software=software_sha256(),
    )


def trial_seed(seed: int, trial: int) -> int:
    """What a proposer draws from in one trial."""
    mixed = hashlib.sha256(f"{seed} {trial}".encode()).digest()
    return int.from_bytes(mixed[:4], "big") % 2**31
