"""How two looks at one folder differ."""

from collections.abc import Iterable
from typing import NamedTuple

from agents.fence.change import Change, printable
from agents.fence.entries import Entries, Entry


class Difference(NamedTuple):
    """A path at which something else stands."""

    path: str
    before: Entry | None
    now: Entry | None

    @property
    def is_folder(self) -> bool:
        """Whether a folder stands there, or stood there last."""
        there = self.now or self.before
        return there is not None and there.kind == "folder"

    @property
    def change(self) -> Change:
        """As it is told."""
        name = printable(self.path) + ("/" if self.is_folder else "")
        if self.before is None:
            return Change(name, "added")
        return Change(name, "deleted" if self.now is None else "modified")


def differences(before: Entries, now: Entries) -> list[Difference]:
    """By path; a folder that came or went is named only where nothing in it was."""
    differing = [
        Difference(path, before.get(path), now.get(path))
        for path in sorted({*before, *now})
        if not _are_equal(before.get(path), now.get(path))
    ]
    around = set(_ancestors(each.path for each in differing))
    return [each for each in differing if not (_is_implied(each) and each.path in around)]


def _are_equal(before: Entry | None, now: Entry | None) -> bool:
    return before is not None and now is not None and before.equals(now)


def _ancestors(paths: Iterable[str]) -> Iterable[str]:
    for path in paths:
        parts = path.split("/")
        yield from ("/".join(parts[:count]) for count in range(1, len(parts)))


def _is_implied(each: Difference) -> bool:
    return each.is_folder and (each.before is None or each.now is None)
