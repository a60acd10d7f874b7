"""What processes and files take."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from harness.autoresearch.sandbox.usage import Limits, excess

FREE = Limits(memory_bytes=2**50, file_bytes=2**50, folder_bytes=2**50)


def test_memory_of_all_processes_is_added(tmp_path: Path) -> None:
    me = os.getpid()
    held = bytearray(os.urandom(2**26))
    assert len(held) == 2**26
    assert excess([me], tmp_path, FREE) is None
    one = FREE._replace(memory_bytes=2**25)
    assert "of memory" in str(excess([me], tmp_path, one))
    assert excess([], tmp_path, one) is None
    assert excess([2**30], tmp_path, one) is None, "a process that has ended holds nothing"


FORKING = """
import os, signal
held = os.urandom(2**20) * 128
child = os.fork()
if child: print(child, flush=True)
signal.pause()
"""


def test_what_a_fork_has_in_common_counts_once(tmp_path: Path) -> None:
    command = [sys.executable, "-I", "-S", "-c", FORKING]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        most = FREE._replace(memory_bytes=192 * 2**20)
        less = FREE._replace(memory_bytes=100 * 2**20)
        try:
            assert excess([parent.pid, child], tmp_path, most) is None
            assert excess([parent.pid, child], tmp_path, less) is not None
        finally:
            os.kill(child, signal.SIGKILL)
            parent.kill()


def test_files_are_added_wherever_they_lie_and_links_are_not_followed(tmp_path: Path) -> None:
    (tmp_path / "outside").write_bytes(bytes(2**22))
    run = tmp_path / "run"
    (run / "a" / "b").mkdir(parents=True)
    (run / "link").symlink_to(tmp_path)
    for name in ("x", "a/y", "a/b/z"):
        (run / name).write_bytes(os.urandom(2**20))
    few = FREE._replace(folder_bytes=3 * 2**20 - 1)
    assert "its files took" in str(excess([], run, few))
    assert excess([], run, FREE._replace(folder_bytes=4 * 2**20)) is None


def test_what_cannot_be_counted_is_too_much(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert excess([], tmp_path, FREE) is None
    monkeypatch.setattr("harness.autoresearch.sandbox.usage._MOST_ENTRIES", 3)
    for number in range(4):
        (tmp_path / str(number)).touch()
    assert "cannot be counted" in str(excess([], tmp_path, FREE))
