"""The leaderboard file: a line a trained SAE, appended once it is measured, never rewritten.

A process that is killed while it writes leaves part of a line. Readers leave that out and say so;
what is appended later begins on a line of its own.
"""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from filelock import FileLock
from pydantic import NonNegativeInt, PositiveFloat, PositiveInt, ValidationError, field_validator

from harness.metrics import get_metric
from harness.oneline.world_provenance import Surroundings
from harness.record import HarnessError, Record
from harness.specs.sae_bench import Architecture


class Job(Record):
    """One SAE to train and measure: all that its numbers depend on, but for code and device."""

    world: str
    world_sha256: str
    architecture: str
    """One of SAELens', or an import path."""
    config: dict[str, bool | int | float | str | tuple[int, ...]]
    """What its SAELens configuration departs in from the paper's."""
    width: PositiveInt
    l0: PositiveFloat
    """Active latents wanted."""
    samples: PositiveInt
    batch: PositiveInt
    learning_rate: PositiveFloat
    eval_samples: PositiveInt
    seed: NonNegativeInt

    @property
    def title(self) -> str:
        """The architecture as rows call it."""
        return Architecture(name=self.architecture).title


class Trained(Job, Surroundings):
    """A line: a job, its metrics, and how they were had."""

    origin: str
    """Of the world: the hub's name for it, or that it was built."""
    metrics: dict[str, float]
    """By the names of `SAE_METRICS`."""
    seconds: PositiveFloat | None
    """Of training; `None` where it was interrupted, so that part of the time is unknown."""
    samples_per_second: PositiveFloat | None
    """Of the part of the training that was timed."""
    finished_utc: str

    @field_validator("metrics")
    @classmethod
    def _values_are_possible(cls, metrics: dict[str, float]) -> dict[str, float]:
        for name, value in metrics.items():
            if not get_metric(name).allows(value):
                raise HarnessError(f"{value} is outside the range of {name}")
        return metrics

    @property
    def job(self) -> Job:
        """What was asked for."""
        return Job(**{name: getattr(self, name) for name in Job.model_fields})


class Board(NamedTuple):
    """What stands on a leaderboard."""

    saes: tuple[Trained, ...]
    """Of one job the latest only."""
    notes: tuple[str, ...]
    """What was left out."""

    def of(self, world: str, sha256: str) -> "Board":
        """SAEs of that very world; those of others are told of."""
        own = tuple(e for e in self.saes if (e.world, e.world_sha256) == (world, sha256))
        others = len(self.saes) - len(own)
        told = f"{others} SAEs of other worlds, or of a {world} of other content, are left out"
        return Board(own, (*self.notes, told) if others else self.notes)

    def find(self, job: Job) -> Trained | None:
        """The SAE of the very same job."""
        return next((each for each in self.saes if each.job == job), None)


def read_board(path: Path) -> Board:
    """All that is whole; nothing where the file does not exist.

    Raises `HarnessError` where it cannot be read.
    """
    try:
        lines = path.read_bytes().split(b"\n") if path.exists() else []
    except OSError as error:
        raise HarnessError(f"{path}: cannot be read: {error.strerror}") from error
    latest: dict[str, Trained] = {}
    notes: list[str] = []
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            found = Trained.model_validate_json(line)
        except ValidationError:
            notes.append(f"{path.name}:{number}: not a whole line, left out; its SAE is not shown")
            continue
        latest.pop(found.job.digest, None)
        latest[found.job.digest] = found
    return Board(tuple(latest.values()), tuple(notes))


def append(path: Path, trained: Trained) -> None:
    """Put a line at the end and flush it to disk; one writer at a time.

    Raises `HarnessError` where it cannot be written.
    """
    line = f"{trained.model_dump_json()}\n".encode()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(path.with_name(f".{path.name}.lock")), path.open("a+b") as file:
            file.write(b"".join(_after_torn(file.seek(0, os.SEEK_END), path)) + line)
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise HarnessError(f"{path}: cannot be written: {error.strerror}") from error


def _after_torn(size: int, path: Path) -> Iterator[bytes]:
    """A line's end, where the last line has none."""
    with path.open("rb") as file:
        if size and file.seek(size - 1) == size - 1 and file.read(1) != b"\n":
            yield b"\n"
