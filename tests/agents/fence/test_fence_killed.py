"""An undoing or accepting that is killed at any point ends right when it is repeated."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from agents.fence import Allowed, Fence, Worktree
from tests.agents.fence.conftest import listing
from tests.agents.fence.tampers import TAMPERS

NOTHING = Allowed(paths=())
CODE = Path(__file__).parents[3]
SCRIPT = """
import os, signal, sys
from pathlib import Path
from agents.fence import Allowed, Fence

left = int(sys.argv[3])

def lethal(real):
    def call(*arguments, **named):
        global left
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        left -= 1
        return real(*arguments, **named)
    return call

for name in ("unlink", "replace", "chmod", "mkdir", "symlink_to"):
    setattr(Path, name, lethal(getattr(Path, name)))
fence = Fence(Path(sys.argv[1]), Path(sys.argv[2]))
fence.accept() if sys.argv[4] == "accept" else fence.hold(Allowed(paths=("allowed.yaml",)))
"""
"""Dies before its n-th step that changes a file."""


def die(tree: Path, store: Path, step: int, what: str) -> bool:
    """Whether there was such a step."""
    command = [sys.executable, "-c", SCRIPT, tree, store, str(step), what]
    ran = subprocess.run(command, cwd=CODE, check=False, stderr=subprocess.PIPE)
    assert ran.returncode in (0, -signal.SIGKILL), ran.stderr
    return ran.returncode != 0


def tamper(top: Path) -> None:
    (top / "allowed.yaml").write_text("x")
    for name in ("deletion of a folder", "content", "link turned elsewhere", "empty folder"):
        TAMPERS[name].do(top)


@pytest.mark.parametrize("step", range(0, 24, 3))
def test_an_undoing_that_was_killed_is_finished(
    fence: Fence, tree: Worktree, tmp_path: Path, step: int
) -> None:
    before = listing(tree.top)
    tamper(tree.top)
    whole = [each.change.path for each in Fence(tree.top, tmp_path / "store").hold(NOTHING)]
    assert listing(tree.top) == before
    tamper(tree.top)
    died = die(tree.top, tmp_path / "store", step, "hold")
    again = fence.hold(Allowed(paths=("allowed.yaml",)))
    assert listing(tree.top) == before
    told = sorted({*whole} - {"allowed.yaml"})
    assert [each.change.path for each in again] == (told if died else [])
    assert fence.hold(NOTHING) == []


@pytest.mark.parametrize(("step", "dies"), [(0, True), (1, True), (2, True), (20, False)])
def test_an_accepting_that_was_killed_has_accepted_nothing(
    fence: Fence, tree: Worktree, tmp_path: Path, step: int, dies: bool
) -> None:
    before = listing(tree.top)
    tamper(tree.top)
    changed = listing(tree.top)
    assert die(tree.top, tmp_path / "store", step, "accept") == dies
    assert (fence.hold(NOTHING) != []) == dies
    assert listing(tree.top) == (before if dies else changed)
