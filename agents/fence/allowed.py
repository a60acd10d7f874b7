"""The paths that a turn may change."""

from pathlib import PurePosixPath
from typing import Self

from pydantic import model_validator

from harness.record import HarnessError, Record


class Allowed(Record):
    """Paths from the working tree's top."""

    paths: tuple[str, ...]
    """Exact files; those that end in / are folders with all that they hold."""

    @model_validator(mode="after")
    def _are_plain(self) -> Self:
        for path in self.paths:
            parts = PurePosixPath(path).parts
            if not parts or path.startswith("/") or ".." in parts or parts[0] == ".git":
                raise HarnessError(f"{path!r}: not a path in the working tree")
        return self

    def covers(self, path: str) -> bool:
        """Whether a file may be changed."""
        return any(path == each or _is_within(path, each) for each in self.paths)

    def covers_folder(self, path: str) -> bool:
        """Whether a folder may come or go: one that is allowed, or on the way to what is."""
        return any(f"{path}/" == each or _is_within(path, each) for each in self.paths) or any(
            each.startswith(f"{path}/") for each in self.paths
        )


def _is_within(path: str, folder: str) -> bool:
    return folder.endswith("/") and path.startswith(folder)
