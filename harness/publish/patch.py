"""What to send where nobody can open a pull request from here: its text, and the commit as mail."""

from pathlib import Path, PurePosixPath
from typing import NamedTuple

from harness.publish.checkout import Checkout
from harness.record import HarnessError, write_bytes, write_text

_SETTINGS = (
    "diff.noprefix=false",
    "diff.mnemonicPrefix=false",
    "diff.renames=false",
    "format.signOff=false",
    "format.useAutoBase=false",
    "format.encodeEmailHeaders=true",
)
"""In place of the user's own, under which `git am` may not take a patch."""
_OPTIONS = (
    *("--stdout", "--binary", "--full-index", "--no-renames", "--no-ext-diff", "--no-textconv"),
    *("--no-signature", "--no-attach", "--no-thread", "--no-cover-letter", "--no-notes"),
    *("--no-to", "--no-cc", "--no-numbered", "-1"),
)


class Files(NamedTuple):
    """Two files to send."""

    text: Path
    patch: Path


def patch_files(project: Path, name: str) -> Files:
    """Where they lie for `replications/<paper>/<id>` or `papers/<paper>`, in a folder that git
    ignores.

    Raises `HarnessError` for a link on the way there: what it leads to may be anybody's.
    """
    folder = project
    for step in ("runs", "publish", *PurePosixPath(name).parts[1:]):
        folder /= step
        if folder.is_symlink():
            raise HarnessError(f"{folder}: a link; files to send are written to real folders alone")
    return Files(folder / "PR.md", folder / f"{folder.name}.patch")


def write_patch(checkout: Checkout, files: Files, commit: str, text: str) -> None:
    """Write the text, and a commit as `git am` takes it. Raises `HarnessError`."""
    settings = [part for each in _SETTINGS for part in ("-c", each)]
    mail = checkout.ask(*settings, "format-patch", *_OPTIONS, commit)
    write_text(files.text, text)
    write_bytes(files.patch, mail)
