"""Holds what an agent changed against what it may change, by content and not by git.

Ignore files, attributes and the index of git play no part: they are the agent's to write.
"""

import json
from pathlib import Path

from agents.fence.allowed import Allowed
from agents.fence.change import Change
from agents.fence.difference import differences
from agents.fence.entries import walk, walk_against
from agents.fence.restore import clear_compiled, restore
from agents.fence.store import Store
from agents.fence.trespass import Trespass, trespass
from harness.record import HarnessError, read_text, write_text


class Fence:
    """Around a working tree in which nothing runs while it is looked at."""

    def __init__(self, worktree: Path, store: Path) -> None:
        """`store` is a folder out of the agent's reach, kept as long as the working tree is."""
        self._top = worktree.resolve()
        assert not store.resolve().is_relative_to(self._top), (store, worktree)
        self._store = Store(store)
        self._pending = store / "undoing.json"

    def begin(self) -> None:
        """Accept what stands now, unless something was accepted before."""
        if not self._store.has_index:
            self.accept()

    def accept(self) -> None:
        """What stands now is accepted. Raises `HarnessError` for pipes, sockets and devices."""
        clear_compiled(self._top)
        known = self._store.entries() if self._store.has_index else {}
        found = walk(self._top, known, self._store.keep)
        odd = [path for path, entry in found.items() if entry.kind == "other"]
        if odd:
            raise HarnessError(f"{self._top / odd[0]}: neither a file, a link nor a folder")
        self._store.set_entries(found)

    def changes(self) -> list[Change]:
        """What differs from what was accepted; scratch (runs/, .venv/, tools' caches) aside."""
        known = self._store.entries()
        return [each.change for each in differences(known, walk_against(self._top, known))]

    def hold(self, allowed: Allowed) -> list[Trespass]:
        """What lies outside of what is allowed; for it, every change since `accept` is undone.

        An undoing that was killed is finished first, and tells what it told.
        """
        if self._pending.exists():
            told = json.loads(read_text(self._pending))
            trespasses = [Trespass(Change(*change), reason) for change, reason in told]
            self._undo(trespasses)
            return trespasses
        clear_compiled(self._top)
        known = self._store.entries()
        found = [
            trespass(each, allowed) for each in differences(known, walk_against(self._top, known))
        ]
        trespasses = [each for each in found if each is not None]
        if trespasses:
            self._undo(trespasses)
        return trespasses

    def undo(self) -> None:
        """Put everything back to what was accepted."""
        self._undo([])

    def _undo(self, why: list[Trespass]) -> None:
        """While it lasts, a file says so: half of it would pass for what the agent left."""
        write_text(self._pending, json.dumps(why) + "\n")
        restore(self._top, self._store.entries(), self._store)
        clear_compiled(self._top)
        self._pending.unlink()
