"""What `harness publish` ends in, situation by situation: `python -m tests.publish.flow`."""

import contextlib
import io
import os
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.publish.github_double import TOKEN, GitHubDouble, Turn, serving
from tests.publish.put_gh import put_gh
from tests.publish.stage import BRANCH, NAME, Stage
from tests.publish.tampers import TAMPERS

CUT = "kill -9 $PPID"
GH = 'case "$1 $2" in "pr list") echo "[]";; "pr create") echo https://github.com/someone/harness/pull/9;; esac'  # noqa: E501
SIGNED_OUT = "exit 1"


class Scene(NamedTuple):
    """Where a command runs."""

    stage: Stage
    github: GitHubDouble
    programs: Path

    def script(self, *turns: Turn) -> None:
        self.github.script = list(turns)

    def without_token(self) -> None:
        del os.environ["GITHUB_TOKEN"]


class Run(NamedTuple):
    """A change, then the command."""

    situation: str
    change: Callable[[Scene], object] = lambda _: None
    arguments: tuple[str, ...] = ()


SITUATIONS: tuple[tuple[Run, ...], ...] = (
    (
        Run("all is well"),
        Run("the same again"),
        Run("a deviation's reason edited, reported anew", lambda s: s.stage.edit()),
        Run("merged into main", lambda s: s.stage.git("push", "-q", "origin", f"{BRANCH}:main")),
    ),
    (Run("--dry-run", arguments=("--dry-run",)),),
    (Run("--patch", arguments=("--patch",)),),
    (Run("neither token nor gh", Scene.without_token),),
    (Run("gh signed in, no token", lambda s: (s.without_token(), put_gh(s.programs, GH))),),
    (
        Run(
            "--fork a-user",
            lambda s: s.stage.add_remote("mine", "a-user"),
            ("--fork", "a-user"),
        ),
    ),
    (
        Run("401: token refused", lambda s: s.script(Turn("GET", 401, message="Bad credentials"))),
        Run("… token mended"),
    ),
    (Run("403: token may not", lambda s: s.script(Turn("POST", 403, message="Not accessible"))),),
    (
        Run(
            "403: rate limit used up",
            lambda s: s.script(
                Turn("GET", 403, {"x-ratelimit-remaining": "0", "x-ratelimit-reset": "1767225600"})
            ),
        ),
    ),
    (
        Run(
            "422: already exists, look-up late",
            lambda s: (
                s.github.opened(f"someone:{BRANCH}", base="main"),
                s.script(Turn("GET", hidden=True)),
            ),
        ),
    ),
    (Run("502 twice", lambda s: s.script(Turn("POST", 502), Turn("POST", 502))),),
    (
        Run("502 for ever", lambda s: s.script(*[Turn("GET", 502)] * 4)),
        Run("… GitHub is back"),
    ),
    (
        Run("answer to POST cut in the middle", lambda s: s.script(Turn("POST", cut=True))),
        Run("… again"),
    ),
    (
        Run("push cut in the middle", lambda s: s.stage.hook("pre-receive", CUT)),
        Run("… again", lambda s: s.stage.hook("pre-receive", "exit 0")),
    ),
    (Run("remote's hook declines", lambda s: s.stage.hook("pre-receive", "exit 1")),),
    (
        Run(
            "remote branch moved on, same folder",
            lambda s: s.stage.somebody_pushes(f"{NAME}/notes.txt", "theirs\n"),
        ),
    ),
    (
        Run(
            "remote branch of that name changes harness/",
            lambda s: s.stage.somebody_pushes("harness/verdict.py", "LIMIT = 0\n"),
        ),
    ),
    (
        Run(
            "remote cannot be reached",
            lambda s: s.stage.git("remote", "set-url", "origin", "http://u:pw@127.0.0.1:9/a/b"),
        ),
    ),
    *((Run(name, lambda s, do=tamper.do: do(s.stage)),) for name, tamper in TAMPERS.items()),
)


def command(*arguments: str) -> tuple[int, str, str]:
    """Exit code, output and errors of `harness publish`."""
    from harness.cli import main

    out, err = io.StringIO(), io.StringIO()
    sys.argv = ["harness", "publish", NAME, *arguments]
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            main()
        except SystemExit as ended:
            code = ended.code
    assert isinstance(code, int | None)
    assert TOKEN not in out.getvalue() + err.getvalue()
    return code or 0, out.getvalue(), err.getvalue()


def row(run: Run, scene: Scene) -> str:
    """A line of the table."""
    run.change(scene)
    code, out, err = command(*run.arguments)
    faults = [line for line in err.splitlines() if line.startswith(("error:", "failed:"))]
    first = (faults or out.splitlines()[-1:] or [""])[0]
    bares = sorted((scene.stage.root / "remotes").glob("*/harness.git"))
    commits = [(bare.parent.name, len(scene.stage.there(bare=bare))) for bare in bares]
    pushed = ", ".join(f"{owner}: {count}" for owner, count in commits if count) or "no"
    pulls = ", ".join(f"#{pull['number']} {pull['state']}" for pull in scene.github.pulls) or "none"
    return f"| {run.situation} | {code} | {first[:160].replace('|', ' ')} | {pushed} | {pulls} |"


def play(runs: tuple[Run, ...], built: Stage, folder: Path) -> None:
    """Print the rows of one situation."""
    with serving() as github, pytest.MonkeyPatch.context() as patched:
        scene = Scene(built.copy(folder / "stage"), github, folder / "bin")
        put_gh(scene.programs, SIGNED_OUT)
        patched.setenv("PATH", f"{scene.programs}{os.pathsep}{os.environ['PATH']}")
        patched.setenv("GITHUB_TOKEN", TOKEN)
        patched.setenv("GITHUB_API_URL", github.address)
        patched.chdir(scene.stage.project)
        for run in runs:
            sys.stdout.write(f"{row(run, scene)}\n")
            sys.stdout.flush()


def main() -> None:
    """Print the table."""
    with tempfile.TemporaryDirectory() as scratch, pytest.MonkeyPatch.context() as patched:
        patched.setenv("HARNESS_CACHE", f"{scratch}/cache")
        patched.setenv("GIT_CONFIG_GLOBAL", os.devnull)
        patched.setenv("NO_PROXY", "127.0.0.1")
        patched.setattr("harness.publish.github.BACKOFF_SECONDS", 0.01)
        patched.delenv("GITHUB_REPOSITORY", raising=False)
        built = Stage.build(Path(scratch) / "built")
        head = ("situation", "exit", "first line of the message", "commits pushed", "pull request")
        sys.stdout.write(f"| {' | '.join(head)} |\n{'|---' * len(head)}|\n")
        for place, runs in enumerate(SITUATIONS):
            play(runs, built, Path(scratch) / str(place))


if __name__ == "__main__":
    main()
