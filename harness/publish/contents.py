"""What goes into the commit: files as they are read, and reviewed, once."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from harness.publish.checkout import Checkout
from harness.review.reading import read_folder
from harness.review.submission import Blob, Submission


class Contents(NamedTuple):
    """Files, and the places of the tree that they are all of."""

    name: str
    """The folder, from the project's."""
    files: Mapping[str, Blob]
    """By path from the project's folder."""
    places: tuple[str, ...]
    """Folders and files that hold nothing else afterwards; no other path is touched."""
    left_out: tuple[str, ...] = ()
    """Names of files that git ignores; hidden ones are left out unsaid."""

    def covers(self, path: str) -> bool:
        """Whether a path is one of the places or lies in one."""
        return any(path == place or path.startswith(f"{place}/") for place in self.places)


class Folder(NamedTuple):
    """A replication's folder, for the review and for the commit."""

    submission: Submission
    """Only the files that go in."""
    contents: Contents


def read_replication(checkout: Checkout, root: Path) -> Folder:
    """Read the folder without following links. Raises `HarnessError` where there is none."""
    whole = read_folder(root)
    taken = _taken(checkout, whole.name)
    shown = {name: blob for name, blob in whole.files.items() if not _is_hidden(name)}
    files = {name: blob for name, blob in shown.items() if whole.path(name) in taken}
    left_out = tuple(name for name in shown if name not in files)
    paths = {whole.path(name): blob for name, blob in files.items()}
    contents = Contents(whole.name, paths, (whole.name,), left_out)
    return Folder(replace(whole, files=files), contents)


def _taken(checkout: Checkout, folder: str) -> frozenset[str]:
    """What git holds already, or takes when it is told to add everything."""
    asked = ("ls-files", "-z", "--cached", "--others", "--exclude-standard", "--", folder)
    listed = checkout.ask(*asked).split(b"\0")
    return frozenset(path.decode("utf-8", "backslashreplace") for path in listed)


def _is_hidden(name: str) -> bool:
    return any(part.startswith(".") for part in PurePosixPath(name).parts)
