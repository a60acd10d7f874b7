"""A project in git, a finished replication in it that nobody has published, and a bare remote.

The remote's address is on GitHub; git is told to look for it in a folder on this disk.
"""

import os
import shutil
import subprocess
from pathlib import Path

from harness.publish import Published, Request, publish, publish_paper
from harness.replication import Replication
from harness.report import write_report

CHECKOUT = Path(__file__).parents[2]
NAME = "replications/actadd/smollm2-135m-instruct"
BRANCH = "replication/actadd/smollm2-135m-instruct"
TITLE = "Activation Addition on smollm2-135m-instruct: 2 of 6 judged claims replicated (33%)"
GITHUB = "https://github.com/"


class Stage:
    """Folders below `root`: the project, and remotes by owner."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.project = root / "project"
        self.remote = root / "remotes" / "someone" / "harness.git"

    @classmethod
    def build(cls, root: Path) -> "Stage":
        """Main holds code and a paper; the replication is not committed."""
        stage = cls(root)
        shutil.copytree(CHECKOUT / "papers/actadd", stage.project / "papers/actadd")
        stage.put("harness/verdict.py", "LIMIT = 0.5\n")
        stage.put(".gitignore", ".lock\nruns/\n*.partial\n")
        stage.put("README.md", "A project.\n")
        stage.git("init", "-q", "-b", "main")
        stage.git("config", "user.name", "A. User")
        stage.git("config", "user.email", "user@example.org")
        stage.git("add", "-A")
        stage.git("commit", "-q", "-m", "start")
        stage.add_remote("origin", "someone")
        stage.git("push", "-q", "origin", "main")
        shutil.copytree(CHECKOUT / NAME, stage.folder)
        write_report(Replication.open(stage.folder))
        stage.put(f"{NAME}/.lock", "")
        return stage

    def copy(self, root: Path) -> "Stage":
        """Another stage in the same state."""
        shutil.copytree(self.root, root, symlinks=True)
        copied = Stage(root)
        copied._find_remotes()
        return copied

    @property
    def folder(self) -> Path:
        """The replication's."""
        return self.project / NAME

    def add_remote(self, name: str, owner: str) -> Path:
        """A bare repository of an owner, and the remote that leads to it."""
        bare = self.root / "remotes" / owner / "harness.git"
        self.git("init", "-q", "--bare", "-b", "main", str(bare))
        self.git("remote", "add", name, f"{GITHUB}{owner}/harness.git")
        self._find_remotes()
        return bare

    def put(self, path: str, content: str | bytes) -> None:
        """Write a file by its path from the project's folder."""
        target = self.project / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content.encode() if isinstance(content, str) else content)

    def hook(self, name: str, script: str, *, bare: Path | None = None) -> Path:
        """A hook of the remote."""
        file = (bare or self.remote) / "hooks" / name
        file.write_text(f"#!/bin/sh\n{script}\n")
        file.chmod(0o755)
        return file

    def edit(self, why: str = "a better reason") -> None:
        """Give a deviation another reason, and write the report anew."""
        spec = self.folder / "replication.yaml"
        text = spec.read_text()
        first = text.index("why: ") + len("why: ")
        spec.write_text(f"{text[:first]}{why}{text[text.index(chr(10), first) :]}")
        write_report(Replication.open(self.folder))

    def publish(self, **request: object) -> Published:
        """The package's own function."""
        return publish(Replication.open(self.folder), Request(**request))  # pyright: ignore[reportArgumentType]

    def publish_paper(self, paper: str = "actadd", **request: object) -> Published:
        """The same for a paper's spec."""
        return publish_paper(self.project, paper, Request(**request))  # pyright: ignore[reportArgumentType]

    def forget_paper(self) -> None:
        """Main, here and there, no longer has the paper; the files stay, committed by nobody."""
        self.git("rm", "-q", "-r", "--cached", "papers/actadd")
        self.git("commit", "-q", "-m", "no paper")
        self.git("push", "-q", "origin", "main")

    def git(self, *arguments: str, where: Path | None = None, given: str = "") -> str:
        """Output of a git command, in the project's folder unless told otherwise."""
        done = subprocess.run(
            ["git", *arguments],
            cwd=where or self.project,
            env={**os.environ, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"},
            input=given,
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stdout.strip()

    def there(self, ref: str = BRANCH, *, bare: Path | None = None) -> list[str]:
        """Hashes of a branch's commits that main of the remote lacks, the newest first."""
        where = bare or self.remote
        if not self.git("for-each-ref", f"refs/heads/{ref}", where=where):
            return []
        main = self.git("rev-parse", "refs/heads/main", where=self.remote)
        return self.git("rev-list", f"refs/heads/{ref}", f"^{main}", where=where).split()

    def somebody_pushes(self, path: str, content: str, *, branch: str = BRANCH) -> str:
        """A commit of another person on a branch of the remote."""
        other = self.root / "other"
        if not other.exists():
            self.git("clone", "-q", str(self.remote), str(other))
        self.git("fetch", "-q", "origin", where=other)
        self.git("checkout", "-q", "-B", branch, self._tip(branch, other), where=other)
        (other / path).parent.mkdir(parents=True, exist_ok=True)
        (other / path).write_text(content)
        self.git("add", "-A", where=other)
        who = ("-c", "user.name=B. Other", "-c", "user.email=other@example.org")
        self.git(*who, "commit", "-q", "-m", "other", where=other)
        self.git("push", "-q", "origin", branch, where=other)
        return self.git("rev-parse", "HEAD", where=other)

    def _tip(self, branch: str, other: Path) -> str:
        there = self.git("for-each-ref", f"refs/remotes/origin/{branch}", where=other)
        return f"origin/{branch}" if there else "origin/main"

    def own_state(self) -> dict[str, bytes]:
        """Index, HEAD and every file of the working tree."""
        kept = [self.project / ".git/index", self.project / ".git/HEAD"]
        files = [path for path in self.project.rglob("*") if path.is_file()]
        tree = [path for path in files if ".git" not in path.relative_to(self.project).parts]
        return {str(path): path.read_bytes() for path in (*kept, *sorted(tree))}

    def git_state(self) -> dict[str, bytes]:
        """Every file of the repository: refs, objects, logs, all of it."""
        files = (path for path in (self.project / ".git").rglob("*") if path.is_file())
        return {str(path): path.read_bytes() for path in sorted(files)}

    def _find_remotes(self) -> None:
        for key in self.git("config", "--name-only", "--list").split():
            if key.endswith(".insteadof"):
                self.git("config", "--unset", key)
        place = f"{self.root / 'remotes'}/"
        self.git("config", f"url.{place}.insteadOf", GITHUB)
