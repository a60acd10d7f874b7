"""Nothing of a command is left after it, whatever it does."""

import json
import os
import secrets
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from harness.isolation import Overdue, Rung
from harness.isolation.wrapping import python
from tests.isolation.conftest import MakeCell

STUBBORN = "trap '' TERM HUP INT; sleep {token} & wait"
WAYS = {
    "new session": 'setsid bash -c "{stubborn}" > /dev/null 2>&1 < /dev/null &',
    "twice forked": '(setsid bash -c "{stubborn}" > /dev/null 2>&1 < /dev/null &) ',
    "without variables": 'env -i setsid bash -c "{stubborn}" > /dev/null 2>&1 < /dev/null &',
}


@pytest.fixture
def token() -> str:
    """Seconds to sleep that no other process sleeps, by which it is found from outside."""
    return f"9{secrets.randbelow(10**6):06}.{secrets.randbelow(10**6):06}"


def running(token: str) -> list[int]:
    found: list[int] = []
    for process in psutil.process_iter():
        try:
            if process.cmdline() == ["sleep", token]:
                found.append(process.pid)
        except (psutil.NoSuchProcess, psutil.ZombieProcess, psutil.AccessDenied):
            continue
    return found


def wait_for(token: str) -> None:
    started = time.monotonic()
    while not running(token):
        assert time.monotonic() - started < 10, "it never ran"
        time.sleep(0.02)


def script(way: str, token: str) -> str:
    return WAYS[way].format(stubborn=STUBBORN.format(token=token)) + "\n"


def awaited(token: str) -> str:
    return f"until pgrep -f '^sleep {token}' > /dev/null; do :; done\n"


@pytest.mark.parametrize("way", WAYS)
def test_what_a_command_leaves_behind_ends_with_it(
    rung: Rung, make_cell: MakeCell, token: str, way: str
) -> None:
    command = f"{script(way, token)}{awaited(token)}exit 3"
    ran = make_cell(rung).finish(["bash", "-c", command], deadline_seconds=20)
    assert (ran.code, ran.output) == (3, "")
    assert not running(token)


@pytest.mark.parametrize("way", ["new session", "without variables"])
def test_the_deadline_ends_all(rung: Rung, make_cell: MakeCell, token: str, way: str) -> None:
    command = f"{script(way, token)} echo begun; trap '' TERM; while :; do sleep 1; done"
    started = time.monotonic()
    with make_cell(rung).job(["bash", "-c", command], deadline_seconds=1.5) as job:
        lines = job.lines()
        assert next(lines) == "begun"
        wait_for(token)
        with pytest.raises(Overdue):
            next(lines)
        assert not running(token)
    assert time.monotonic() - started < 5


def test_leaving_the_block_ends_all(rung: Rung, make_cell: MakeCell, token: str) -> None:
    command = ["bash", "-c", script("twice forked", token) + "sleep 50"]
    with make_cell(rung).job(command, deadline_seconds=60):
        wait_for(token)
    assert not running(token)


def test_a_command_that_kills_its_keeper_leaves_nothing(
    rung: Rung, make_cell: MakeCell, token: str
) -> None:
    """On rung `process` the keeper dies, and what it kept is found by its variables."""
    command = script("twice forked", token)
    command += f"{awaited(token)}kill -9 $PPID\nsleep 0.2"
    make_cell(rung).finish(["bash", "-c", command], deadline_seconds=20)
    assert not running(token)


def test_a_process_outside_is_not_killed(apart: Rung, make_cell: MakeCell) -> None:
    for where, survives in ((apart, True), ("process", False)):
        with subprocess.Popen(["sleep", "60"]) as outside:
            make_cell(where).finish(["kill", "-9", str(outside.pid)], deadline_seconds=10)
            time.sleep(0.05)
            assert (outside.poll() is None) == survives, where
            outside.kill()


def test_the_cell_dies_with_the_orchestrator(
    rung: Rung, make_cell: MakeCell, token: str, tmp_path: Path
) -> None:
    cell = make_cell(rung)
    command = script("without variables", token) + f"sleep {token}"
    orchestrator = tmp_path / "orchestrator.py"
    orchestrator.write_text(
        "from pathlib import Path\nfrom harness.isolation import Cell\n"
        f"cell = Cell(rung={rung!r}, folder=Path({os.fspath(cell.folder)!r}), "
        f"home=Path({os.fspath(cell.home)!r}))\n"
        f"with cell.job(['bash', '-c', {command!r}], deadline_seconds=60) as job: job.wait()\n"
    )
    code = Path(__file__).parents[2]
    with subprocess.Popen(
        [sys.executable, orchestrator], cwd=code, env={**os.environ, "PYTHONPATH": str(code)}
    ) as process:
        wait_for(token)
        process.send_signal(signal.SIGKILL)
    started = time.monotonic()
    while running(token):
        assert time.monotonic() - started < 5, running(token)
        time.sleep(0.02)


def test_an_orchestrator_that_dies_during_the_start_leaves_nothing(
    tmp_path: Path, token: str
) -> None:
    """Both pipes are broken before the first process has come to using them."""
    told, tell = os.pipe()
    alive, keep = os.pipe()
    os.close(told)
    os.close(keep)
    limits = {"processes": 50, "file_bytes": None, "open_files": None, "memory_bytes": None}
    settings = {"told": tell, "alive": alive, "folder": os.fspath(tmp_path), "limits": limits}
    command = [*python("first_process.py"), json.dumps(settings), "sleep", token]
    ran = subprocess.run(command, pass_fds=(tell, alive), timeout=10, check=False)
    os.close(tell)
    os.close(alive)
    assert ran.returncode == 137
    assert not running(token)
