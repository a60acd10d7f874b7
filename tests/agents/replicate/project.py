"""A project in git with a remote, in which an agent replicates a planted paper on a tiny model."""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

from tests.tiny_model import save_tiny_model

PLANTED = Path(__file__).parent / "planted"
PAPER = "heads-that-continue"
REPLICATION = f"replications/{PAPER}/planted"
KEY = "real-key-0123456789-of-nobody"
"""Stands in the environment of the orchestrator, and nowhere else."""


class Project(NamedTuple):
    """Folders below one root."""

    root: Path

    @property
    def top(self) -> Path:
        return self.root / "project"

    @property
    def model(self) -> str:
        return f"path:{self.root / 'model'}"

    @property
    def text(self) -> Path:
        return self.root / "note.md"

    @property
    def remote(self) -> Path:
        return self.root / "remotes/someone/harness.git"

    @property
    def campaign(self) -> Path:
        return self.top / "runs/agent/planted"

    @property
    def worktree(self) -> Path:
        return self.campaign / "worktree"

    @classmethod
    def build(cls, root: Path) -> "Project":
        """Code, a paper of somebody else's, and an empty remote that takes pushes."""
        made = cls(root)
        for path, content in _FILES.items():
            file = made.top / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(content)
        (made.top / "papers").mkdir()
        shutil.copytree(Path(__file__).parents[3] / "papers/actadd", made.top / "papers/actadd")
        shutil.copy(PLANTED / "note.md", made.text)
        save_tiny_model(root / "model")
        made.git("init", "-q", "-b", "main")
        made.git("config", "user.name", "A. User")
        made.git("config", "user.email", "user@example.org")
        made.git("add", "-A")
        made.git("commit", "-q", "-m", "start")
        made.git("init", "-q", "--bare", "-b", "main", str(made.remote))
        made.git("remote", "add", "origin", "https://github.com/someone/harness.git")
        made._find_remote()
        made.git("push", "-q", "origin", "main")
        return made

    def copy(self, root: Path) -> "Project":
        """Another in the same state."""
        shutil.copytree(self.root, root, symlinks=True)
        copied = Project(root)
        copied.git("config", "--remove-section", f"url.{self.root}/remotes/")
        copied._find_remote()
        return copied

    def _find_remote(self) -> None:
        """Its address is on GitHub; git is told to look for it on this disk."""
        place = f"url.{self.root}/remotes/.insteadOf"
        self.git("config", place, "https://github.com/")

    def git(self, *arguments: str, where: Path | None = None) -> str:
        """Output of a git command in the project."""
        done = subprocess.run(
            ["git", *arguments],
            cwd=where or self.top,
            env={**os.environ, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"},
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stdout.strip()

    def spec(self, name: str) -> str:
        """`paper.yaml`, or `experiments.yaml` for replication.yaml, as a good agent writes it."""
        return (PLANTED / name).read_text().replace("MODEL", self.model)

    def command(self, *options: str, what: str | None = None) -> list[str]:
        """The command line that begins the campaign and goes on with it."""
        return [
            *(str(Path(sys.prefix) / "bin/harness"), "agent", "replicate", what or str(self.text)),
            *("--paper", PAPER, "--model", self.model, "--name", "planted"),
            *options,
        ]

    def environment(self, **more: str) -> dict[str, str]:
        """Of the orchestrator: nobody's git configuration, a cache of its own, a key."""
        kept = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
        return {
            **kept,
            "HOME": str(self.root / "person"),
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_CONFIG_NOSYSTEM": "1",
            "HARNESS_CACHE": str(self.root / "cache"),
            "OMP_NUM_THREADS": "1",
            "ANTHROPIC_API_KEY": KEY,
            "OPENAI_API_KEY": KEY,
            **more,
        }


_FILES = {
    "harness/verdict.py": "LIMIT = 0.5\n",
    "AGENTS.md": "Write specs; the harness measures.\n",
    ".gitignore": ".lock\nruns/\n*.partial\npapers/*/paper.md\n",
}
