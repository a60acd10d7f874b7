"""On rung `process` an agent can write anywhere: whether it left alone what scores follow from.

On the other rungs the cell sees to it, and nothing is looked at.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import agents
import harness
from agents.fence.change import printable
from agents.fence.entries import walk
from harness.autoresearch.proposers.fill import Wanted
from harness.record import Record

_MOST_BYTES_READ = 16 * 2**20
_MOST_NAMED = 10
_OF_OTHERS = ("calls/", "report")
"""Of a campaign's folder: the meter writes there during a turn, and a person's command may."""


class Fingerprints(Record):
    """Of files, links and folders."""

    found: dict[str, str]
    """By path."""


@dataclass(frozen=True)
class Untouched:
    """The campaign's folder but for the trial's own, and the code, as they were before a turn."""

    campaign: Path
    trial: Path
    fingerprints: Fingerprints

    @classmethod
    def before(cls, file: Path, wanted: Wanted, trial: Path) -> Self | None:
        """As kept in a file, so that a kill hides nothing; `None` where the cell holds it."""
        if wanted.rung != "process":
            return None
        campaign = wanted.folder.resolve()
        if not file.exists():
            Fingerprints(found=dict(_found(campaign, trial))).dump(file)
        return cls(campaign, trial, Fingerprints.load(file))

    def trespass(self) -> str | None:
        """What differs now, in words; `None` where nothing does."""
        before, now = self.fingerprints.found, dict(_found(self.campaign, self.trial))
        paths = sorted(path for path in {*before, *now} if before.get(path) != now.get(path))
        if not paths:
            return None
        more = f" and {len(paths) - _MOST_NAMED} more" if len(paths) > _MOST_NAMED else ""
        return f"changed outside of its folder: {', '.join(paths[:_MOST_NAMED])}{more}"


def _found(campaign: Path, trial: Path) -> Iterator[tuple[str, str]]:
    assert trial.is_relative_to(campaign), (trial, campaign)
    own = f"{trial.relative_to(campaign)}/"
    for path, fingerprint in _below(campaign):
        if not f"{path}/".startswith((own, *_OF_OTHERS)):
            yield path, fingerprint
    for package in (harness, agents):
        top = Path(package.__path__[0])
        yield from ((f"{top.name}/{path}", each) for path, each in _below(top))


def _below(top: Path) -> Iterator[tuple[str, str]]:
    for path, entry in walk(top, {}, _fingerprint).items():
        yield printable(path), f"{entry.kind} {entry.mode:o} {entry.content}"


def _fingerprint(path: Path) -> str:
    """SHA-256; of a large file its times, of which one cannot be set by a program."""
    status = path.lstat()
    if status.st_size > _MOST_BYTES_READ:
        return f"{status.st_size} {status.st_mtime_ns} {status.st_ctime_ns}"
    return hashlib.sha256(path.read_bytes()).hexdigest()
