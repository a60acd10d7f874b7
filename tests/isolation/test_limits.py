"""Limits of what commands use."""

import time

from harness.isolation import Rung
from tests.isolation.conftest import MakeCell

BOMB = "import os\nwhile True:\n    try: os.fork()\n    except OSError: pass"


def test_a_fork_bomb_is_ended(apart: Rung, make_cell: MakeCell) -> None:
    started = time.monotonic()
    cell = make_cell(apart, processes=200)
    ran = cell.finish(["python", "-I", "-S", "-c", BOMB], deadline_seconds=8)
    if ran.overdue:  # not as root: forks fail, and the bomb stays as large as it may be
        assert "more than" not in ran.output
    else:
        assert (ran.code, ran.output) == (125, "killed: more than 200 processes\n")
    assert time.monotonic() - started < 15


def test_as_many_processes_as_are_allowed_are_left_alone(apart: Rung, make_cell: MakeCell) -> None:
    many = "for i in $(seq 150); do sleep 0.4 & done; wait"
    ran = make_cell(apart, processes=200).finish(["bash", "-c", many], deadline_seconds=20)
    assert (ran.code, ran.output) == (0, "")


def test_a_file_grows_no_further(rung: Rung, make_cell: MakeCell) -> None:
    cell = make_cell(rung, file_bytes=2**20)
    ran = cell.finish(["dd", "if=/dev/zero", "of=big", "bs=1M", "count=2"], deadline_seconds=10)
    assert ran.code != 0
    assert (cell.folder / "big").stat().st_size == 2**20


def test_memory_is_bounded_where_it_is_asked_for(rung: Rung, make_cell: MakeCell) -> None:
    command = ["python", "-I", "-S", "-c", "x = bytearray(2**28); print(len(x))"]
    ran = make_cell(rung, memory_bytes=2**28).finish(command, deadline_seconds=10)
    assert "MemoryError" in ran.output
    assert make_cell(rung).finish(command, deadline_seconds=10).output == f"{2**28}\n"


def test_private_places_grow_no_further(apart: Rung, make_cell: MakeCell) -> None:
    script = "for place in /tmp /run /dev/shm; do head -c 3M /dev/zero > $place/big; done"
    script += "; stat -c %s /tmp/big /run/big /dev/shm/big"
    bounded = make_cell(apart, private_bytes=2**20)
    ran = bounded.finish(["bash", "-c", script], deadline_seconds=10)
    assert ran.output.split()[-3:] == [str(2**20)] * 3
    free = make_cell(apart).finish(["bash", "-c", script], deadline_seconds=10)
    assert free.output.split() == [str(3 * 2**20)] * 3


def test_no_core_is_dumped(rung: Rung, make_cell: MakeCell) -> None:
    cell = make_cell(rung)
    ran = cell.finish(["bash", "-c", "ulimit -c; ulimit -c unlimited"], deadline_seconds=10)
    assert ran.output.startswith("0\n")
    assert ran.code != 0
