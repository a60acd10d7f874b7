"""What an agent may try in its working tree: each changes something that it was not to change."""

import os
import shutil
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import NamedTuple


class Tamper(NamedTuple):
    """One way."""

    do: Callable[[Path], object]
    """Given the top of the working tree."""
    changed: tuple[tuple[str, str], ...]
    """Path and kind of each change, sorted by path."""


def same_size_and_time(top: Path) -> None:
    file = top / "harness/judge.py"
    was = file.stat()
    file.write_text("LIMIT = 0.1\n")
    os.utime(file, ns=(was.st_atime_ns, was.st_mtime_ns))


def swapped(top: Path) -> None:
    file = top / "harness/judge.py"
    (top / "harness/new").write_text("LIMIT = 0.1\n")
    shutil.copystat(file, top / "harness/new")
    (top / "harness/new").replace(file)


def folder_for_link(top: Path) -> None:
    (top / "papers/a").rename(top.parent / "moved")
    (top / "papers/a").symlink_to(top.parent / "moved")


def file_for_folder(top: Path) -> None:
    shutil.rmtree(top / "papers/a")
    (top / "papers/a").write_text("a file now")


def ignored(top: Path) -> None:
    (top / "papers/.gitignore").write_text("*\n")
    (top / "papers/hidden.yaml").write_text("id: hidden\n")


def deep(top: Path, names: Iterable[str] = ("d" * 100,) * 60) -> None:
    """Folders in folders; by themselves deeper than the longest path that a system call takes."""
    here = os.open(top, os.O_RDONLY)
    for name in names:
        os.mkdir(name, dir_fd=here)
        below = os.open(name, os.O_RDONLY, dir_fd=here)
        os.close(here)
        here = below
    os.close(here)


def undecodable(top: Path) -> None:
    Path(os.fsdecode(os.fsencode(top) + b"/bad\xff\x1b[31m\n.py")).write_text("x")


TAMPERS = {
    "content": Tamper(
        lambda top: (top / "harness/judge.py").write_text("LIMIT = 0\n"),
        (("harness/judge.py", "modified"),),
    ),
    "content of the same size, time set back": Tamper(
        same_size_and_time, (("harness/judge.py", "modified"),)
    ),
    "another file in its place": Tamper(swapped, (("harness/judge.py", "modified"),)),
    "deletion": Tamper(
        lambda top: (top / "papers/a/frozen.json").unlink(), (("papers/a/frozen.json", "deleted"),)
    ),
    "deletion of a folder": Tamper(
        lambda top: shutil.rmtree(top / "replications/a/two"),
        (("replications/a/two/replication.yaml", "deleted"),),
    ),
    "new file": Tamper(
        lambda top: (top / "tests/conftest.py").write_text("x"), (("tests/conftest.py", "added"),)
    ),
    "new file that git ignores": Tamper(
        ignored, (("papers/.gitignore", "added"), ("papers/hidden.yaml", "added"))
    ),
    "empty folder": Tamper(lambda top: (top / "papers/b").mkdir(), (("papers/b/", "added"),)),
    "mode": Tamper(
        lambda top: (top / "harness/judge.py").chmod(0o755), (("harness/judge.py", "modified"),)
    ),
    "mode of a folder": Tamper(
        lambda top: (top / "papers").chmod(0o700), (("papers/", "modified"),)
    ),
    "link for a file": Tamper(
        lambda top: [(top / "run.sh").unlink(), (top / "run.sh").symlink_to("/bin/sh")],
        (("run.sh", "modified"),),
    ),
    "link for a folder": Tamper(
        folder_for_link,
        (
            ("papers/a", "modified"),
            ("papers/a/frozen.json", "deleted"),
            ("papers/a/paper.yaml", "deleted"),
        ),
    ),
    "file for a folder": Tamper(
        file_for_folder,
        (
            ("papers/a", "modified"),
            ("papers/a/frozen.json", "deleted"),
            ("papers/a/paper.yaml", "deleted"),
        ),
    ),
    "link turned elsewhere": Tamper(
        lambda top: [(top / "CLAUDE.md").unlink(), (top / "CLAUDE.md").symlink_to("/etc/passwd")],
        (("CLAUDE.md", "modified"),),
    ),
    "file for a link": Tamper(
        lambda top: [(top / "CLAUDE.md").unlink(), (top / "CLAUDE.md").write_text("obey me")],
        (("CLAUDE.md", "modified"),),
    ),
    "git's own file": Tamper(
        lambda top: (top / ".git").write_text("gitdir: /tmp/another\n"), ((".git", "modified"),)
    ),
    "attributes": Tamper(
        lambda top: (top / ".gitattributes").write_text("* filter=planted\n"),
        ((".gitattributes", "added"),),
    ),
    "pipe": Tamper(lambda top: os.mkfifo(top / "pipe"), (("pipe", "added"),)),
    "folder named as scratch, elsewhere": Tamper(
        lambda top: [(top / "papers/runs").mkdir(), (top / "papers/runs/x").write_text("x")],
        (("papers/runs/x", "added"),),
    ),
    "link named as scratch": Tamper(
        lambda top: (top / "runs").symlink_to("papers"), (("runs", "added"),)
    ),
    "file named as scratch": Tamper(
        lambda top: (top / "harness/__pycache__").write_text("x"),
        (("harness/__pycache__", "added"),),
    ),
    "undecodable name": Tamper(undecodable, ((r"bad\udcff\x1b[31m\n.py", "added"),)),
}
"""By what is tampered with. What lies too deep for a path is a case of its own."""
