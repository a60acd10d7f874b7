"""A small project in git whose branch `submission` adds an honest replication, to tamper with.

Main holds two papers and another replication. Hooks and filters stand ready that leave a mark if
anything is ever checked out, and so does every file that is planted to run.
"""

import json
import os
import shlex
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

from harness.replication import Replication
from harness.report import write_report
from tests.review.planted import PROJECT

NAME = "replications/sentiment/smollm2-135m-instruct"
OTHER = "replications/actadd/smollm2-135m-instruct"
PAPER = "papers/sentiment/paper.yaml"
FROZEN = "papers/sentiment/frozen.json"
ROWS = "measurements/direction.7de6cd96.jsonl"
Row = dict[str, Any]

_ENVIRONMENT = {
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
    **{
        f"GIT_{who}_{what}": "a@example.org"
        for who in ("AUTHOR", "COMMITTER")
        for what in ("NAME", "EMAIL")
    },
}


class Desk:
    """The project's folder, in which a submission is tampered with and committed."""

    def __init__(self, project: Path) -> None:
        self.project = project
        self.canary = project.parent / f"{project.name}.canary"
        """Exists once something planted has run."""

    @classmethod
    def honest(cls, project: Path) -> "Desk":
        """Main without the replication, and the branch with it."""
        desk = cls(project)
        for path in ("papers/sentiment", "papers/actadd", OTHER):
            shutil.copytree(PROJECT / path, project / path)
        desk.put("harness/verdict.py", "LIMIT = 0.5\n")
        desk.put(".github/workflows/ci.yml", "on: push\n")
        desk.git("init", "-q", "-b", "main")
        desk._commit("refs/heads/main")
        shutil.copytree(PROJECT / NAME, project / NAME)
        write_report(Replication.open(project / NAME))
        desk._commit("refs/heads/submission", parent="main")
        return desk

    def copy(self, project: Path) -> "Desk":
        """Another desk in the same state."""
        shutil.copytree(self.project, project)
        return Desk(project)

    def commit(self, *raw: tuple[str, str, bytes]) -> None:
        """Commit the folder as it stands; `raw` entries are mode, path and content."""
        self._commit("refs/heads/submission", *raw, parent="main")
        self._arm()

    @property
    def folder(self) -> Path:
        """The replication's."""
        return self.project / NAME

    def put(self, path: str, content: str | bytes) -> None:
        """Write a file by its path from the project's folder."""
        target = self.project / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content.encode() if isinstance(content, str) else content)

    def replace(self, path: str, old: str, new: str) -> None:
        """Change the first occurrence of a text in a file, which must be there."""
        text = (self.project / path).read_text()
        assert old in text, f"{old!r} is not in {path}"
        self.put(path, text.replace(old, new, 1))

    def rows(self) -> list[Row]:
        """The measurements, as JSON."""
        return [json.loads(line) for line in (self.folder / ROWS).read_text().splitlines()]

    def put_rows(self, rows: list[Row], name: str = ROWS) -> None:
        """Write measurements as the harness does."""
        lines = (json.dumps(row, separators=(",", ":"), ensure_ascii=False) for row in rows)
        self.put(f"{NAME}/{name}", "".join(f"{line}\n" for line in lines))

    def change_row(self, chosen: Callable[[Row], bool], change: Callable[[Row], None]) -> None:
        """Change the first row that is chosen."""
        rows = self.rows()
        change(next(row for row in rows if chosen(row)))
        self.put_rows(rows)

    def command(self) -> str:
        """A shell command that leaves the mark."""
        return f"touch {shlex.quote(str(self.canary))}"

    def git(self, *arguments: str, given: bytes = b"") -> bytes:
        """Output of a git command in the project's folder."""
        environment = {**os.environ, **_ENVIRONMENT}
        command = ["git", *arguments]
        done = subprocess.run(
            command, cwd=self.project, env=environment, input=given, capture_output=True, check=True
        )
        return done.stdout

    def blob(self, content: bytes) -> str:
        """Store an object."""
        return self.git("hash-object", "-w", "--stdin", given=content).decode().strip()

    def _commit(self, ref: str, *raw: tuple[str, str, bytes], parent: str | None = None) -> None:
        self.git("add", "-A", "-f", ".")
        tree = self.git("write-tree").decode().strip()
        for mode, path, content in raw:
            given = content.decode() if mode == "160000" else self.blob(content)
            tree = self._with_entry(tree, path.split("\0"), mode, given)
        parents = [] if parent is None else ["-p", self.git("rev-parse", parent).decode().strip()]
        commit = self.git("commit-tree", tree, *parents, "-m", "state").decode().strip()
        self.git("update-ref", ref, commit)

    def _with_entry(self, tree: str, parts: list[str], mode: str, given: str) -> str:
        """A tree with one entry more, by bytes: git itself refuses some names."""
        entries = _parsed(self.git("cat-file", "tree", tree)) if tree else {}
        name = parts[0].encode()
        if len(parts) == 1:
            entries[name] = (mode.encode(), bytes.fromhex(given))
        else:
            inner = entries[name][1].hex() if name in entries else ""
            made = self._with_entry(inner, parts[1:], mode, given)
            entries[name] = (b"40000", bytes.fromhex(made))

        def place(name: bytes) -> bytes:
            return name + (b"/" if entries[name][0] == b"40000" else b"")

        raw = b"".join(
            entries[key][0] + b" " + key + b"\0" + entries[key][1]
            for key in sorted(entries, key=place)
        )
        arguments = ("hash-object", "-t", "tree", "-w", "--stdin", "--literally")
        return self.git(*arguments, given=raw).decode().strip()

    def _arm(self) -> None:
        """From here on a checkout, a commit or a merge leaves the mark."""
        for hook in (
            "post-checkout",
            "post-merge",
            "pre-commit",
            "post-commit",
            "post-index-change",
        ):
            file = self.project / ".git" / "hooks" / hook
            file.parent.mkdir(exist_ok=True)
            file.write_text(f"#!/bin/sh\n{self.command()}\n")
            file.chmod(0o755)
        for filter_kind in ("smudge", "clean"):
            self.git("config", f"filter.canary.{filter_kind}", f"{self.command()}; cat")
        (self.project / ".git" / "info" / "attributes").write_text("* filter=canary diff=canary\n")
        self.git("config", "diff.canary.textconv", f"{self.command()}; cat")
        self.git("config", "diff.canary.command", f"{self.command()}; true")


def _parsed(tree: bytes) -> dict[bytes, tuple[bytes, bytes]]:
    """Entries of a raw tree object: mode and hash by name."""
    entries: dict[bytes, tuple[bytes, bytes]] = {}
    while tree:
        mode, _, rest = tree.partition(b" ")
        name, _, rest = rest.partition(b"\0")
        entries[name], tree = (mode, rest[:20]), rest[20:]
    return entries
