"""A project in a git repository, a working tree of it, and a fence around that."""

import os
import stat
import subprocess
from pathlib import Path

import pytest

from agents.fence import Fence, Worktree

FILES = {
    "AGENTS.md": "# For agents\n",
    ".gitignore": "runs/\n__pycache__/\n",
    "harness/judge.py": "LIMIT = 0.5\n",
    "tests/test_judge.py": "def test(): ...\n",
    "papers/a/paper.yaml": "id: a\n",
    "papers/a/frozen.json": "{}\n",
    "replications/a/one/replication.yaml": "paper: a\n",
    "replications/a/one/measurements/m.jsonl": "{}\n",
    "replications/a/two/replication.yaml": "paper: a\n",
}


def git(folder: Path, *arguments: str) -> str:
    """Plain git, as a person runs it."""
    ran = subprocess.run(
        ["git", *arguments], cwd=folder, capture_output=True, text=True, check=True
    )
    return ran.stdout.strip()


def listing(top: Path) -> dict[str, tuple[int, str | bytes]]:
    """Everything in a folder but caches: mode, and content or target. Shares no code with what is
    tested."""
    found: dict[str, tuple[int, str | bytes]] = {}
    for folder, folders, files in os.walk(top):
        for name in (*folders, *files):
            path = Path(folder) / name
            mode = path.lstat().st_mode
            if stat.S_ISLNK(mode):
                content: str | bytes = os.fspath(path.readlink())
            else:
                content = path.read_bytes() if stat.S_ISREG(mode) else ""
            found[os.fspath(path.relative_to(top))] = (mode, content)
    return found


@pytest.fixture(autouse=True)
def _nobodys_configuration(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    for name, content in FILES.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(content)
    (folder / "run.sh").write_text("#!/bin/sh\n")
    (folder / "run.sh").chmod(0o755)
    (folder / "CLAUDE.md").symlink_to("AGENTS.md")
    git(folder, "init", "-q", "-b", "main")
    git(folder, "config", "user.name", "A Person")
    git(folder, "config", "user.email", "person@example.org")
    git(folder, "add", ".")
    git(folder, "commit", "-q", "-m", "Begin")
    return folder


@pytest.fixture
def tree(project: Path, tmp_path: Path) -> Worktree:
    return Worktree.create(project, tmp_path / "tree")


@pytest.fixture
def fence(tree: Worktree, tmp_path: Path) -> Fence:
    made = Fence(tree.top, tmp_path / "store")
    made.accept()
    return made
