"""Results as the harness wrote them, by hash: one that is edited by hand is found."""

from pathlib import Path

from agents.fence.change import Change, printable
from agents.fence.difference import differences
from agents.fence.entries import Entry, walk
from agents.fence.results import is_result
from harness.record import Record


class Seal(Record):
    """The results in a replication's folder."""

    files: dict[str, str]
    """SHA-256 by path from that folder, or what else stands there."""

    def broken(self, root: Path) -> list[Change]:
        """Results that are not as they were, are gone, or were added."""
        before = {path: _file(content) for path, content in self.files.items()}
        now = {path: _file(content) for path, content in seal(root).files.items()}
        return [each.change for each in differences(before, now)]


def seal(root: Path) -> Seal:
    """The results in a folder as they are now; a link counts as itself, not as its target."""
    entries = walk(root, {})
    found = {path: each for path, each in entries.items() if is_result(path)}
    return Seal(
        files={
            printable(path): each.content if each.kind == "file" else f"{each.kind} {each.content}"
            for path, each in found.items()
            if each.kind != "folder"
        }
    )


def _file(content: str) -> Entry:
    return Entry("file", 0, content, None, 1)
