"""What goes into the commit: the folder's files as they are read, and reviewed, once."""

from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from harness.publish.checkout import Checkout
from harness.review.reading import read_folder
from harness.review.submission import Submission


class Contents(NamedTuple):
    """A replication's folder."""

    submission: Submission
    """Only the files that go in."""
    left_out: tuple[str, ...]
    """Names of files that git ignores; hidden ones are left out unsaid."""


def read_contents(checkout: Checkout, root: Path) -> Contents:
    """Read the folder without following links. Raises `HarnessError` where there is none."""
    whole = read_folder(root)
    taken = _taken(checkout, whole.name)
    shown = {name: blob for name, blob in whole.files.items() if not _is_hidden(name)}
    files = {name: blob for name, blob in shown.items() if whole.path(name) in taken}
    return Contents(replace(whole, files=files), tuple(name for name in shown if name not in files))


def _taken(checkout: Checkout, folder: str) -> frozenset[str]:
    """What git holds already, or takes when it is told to add everything."""
    asked = ("ls-files", "-z", "--cached", "--others", "--exclude-standard", "--", folder)
    listed = checkout.ask(*asked).split(b"\0")
    return frozenset(path.decode("utf-8", "backslashreplace") for path in listed)


def _is_hidden(name: str) -> bool:
    return any(part.startswith(".") for part in PurePosixPath(name).parts)
