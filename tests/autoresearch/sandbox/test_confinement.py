"""What a recipe cannot see, reach or leave behind."""

import json
import os
import socket
from pathlib import Path

import psutil
import pytest

import harness
from harness.autoresearch.sandbox.place import RunFailed
from harness.isolation import Rung
from tests.autoresearch.sandbox.small import (
    WRITES,
    contract,
    place,
    trained,
    training,
    weights,
)

SECRET = "the key of all worlds"
LOOK = """
import json, pathlib, socket
told = {{}}
def attempt(name, do):
    try:
        told[name] = do()
    except OSError as error:
        told[name] = type(error).__name__
attempt("secret", lambda: open({secret!r}).read())
attempt("home", lambda: open({home!r}).read())
attempt("other", lambda: open({other!r}, "w").write("planted"))
attempt("code", lambda: open({code!r}, "a").write(""))
attempt("network", lambda: socket.create_connection(("127.0.0.1", {port}), 2) and "reached")
attempt("elsewhere", lambda: socket.create_connection(("192.0.2.1", 80), 2) and "reached")
attempt("memory", lambda: [open(f"/tmp/{{n}}", "wb").write(bytes(2**26)) for n in range(8)])
attempt("shared", lambda: [open(f"/dev/shm/{{n}}", "wb").write(bytes(2**26)) for n in range(8)])
attempt("processes", lambda: len([p for p in os.listdir("/proc") if p.isdigit()]))
print(json.dumps(told))
"""


def told_of_a_look(
    rung: Rung, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> dict[str, object]:
    files = [tmp_path / name for name in ("campaign/secret", "person/key", "other/weights")]
    for file in files:
        file.parent.mkdir()
        file.write_text(SECRET)
    monkeypatch.setenv("HOME", str(tmp_path / "person"))
    with socket.create_server(("127.0.0.1", 0)) as server:
        look = LOOK.format(
            secret=str(files[0]),
            home=str(files[1]),
            other=str(files[2]),
            code=harness.__file__,
            port=server.getsockname()[1],
        )
        if rung == "process":
            look = "".join(line for line in look.splitlines(True) if "range(8)" not in line)
        where = place(tmp_path, rung)._replace(readable=(tmp_path / "other",))
        done = trained(where, training(look + WRITES.strip()))
    assert files[2].read_text() == SECRET or rung == "process"
    return json.loads(done.log)


def test_it_sees_neither_secret_nor_home_and_reaches_nothing(
    apart: Rung, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = told_of_a_look(apart, tmp_path, monkeypatch)
    processes = told.pop("processes")
    assert isinstance(processes, int)
    assert processes <= 4
    assert told == {
        "secret": "FileNotFoundError",
        "home": "FileNotFoundError",
        "other": "OSError",
        "code": "OSError",
        "network": "ConnectionRefusedError",
        "elsewhere": "OSError",
        "memory": "OSError",
        "shared": "OSError",
    }


def test_control_the_process_rung_hides_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = told_of_a_look("process", tmp_path, monkeypatch)
    assert told["secret"] == told["home"] == SECRET
    assert told["other"] == len("planted")
    assert told["network"] == "reached"


def test_the_file_of_another_cannot_be_handed_in_as_ones_own(apart: Rung, tmp_path: Path) -> None:
    mine = place(tmp_path, apart)
    kept = tmp_path / "campaign" / "kept.safetensors"
    kept.parent.mkdir()
    kept.write_bytes(weights())
    body = f"os.link({str(kept)!r}, 'weights.safetensors')\nos._exit(0)"
    with pytest.raises(RunFailed, match="crashed") as failed:
        trained(mine, training(body))
    assert "FileNotFoundError" in failed.value.log


DAEMON = """
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        os.closerange(0, 99)
        os.execve(sys.executable, [sys.executable, "-S", "-c", "import time; time.sleep(99)",
                                   {mark!r}], {{}})
    os._exit(0)
os.wait()
"""


def running(mark: str) -> list[int]:
    found: list[int] = []
    for process in psutil.process_iter():
        try:
            if mark in process.cmdline():
                found.append(process.pid)
        except (psutil.NoSuchProcess, psutil.ZombieProcess, psutil.AccessDenied):
            continue
    return found


@pytest.mark.parametrize("end", ["well", "deadline"])
def test_nothing_of_it_is_left(rung: Rung, tmp_path: Path, end: str) -> None:
    mark = f"daemon-of-{tmp_path.name}-{rung}"
    ends = {
        "well": WRITES.strip(),
        "deadline": "time.sleep(99)",
    }
    body = DAEMON.format(mark=mark) + ends[end]
    assert _ending(rung, tmp_path, body, seconds=1.0 if end == "deadline" else 60.0) == end
    assert not running(mark)


def test_a_fork_bomb_ends_with_its_run(apart: Rung, tmp_path: Path) -> None:
    """Processes and memory are counted; where forks fail at the limit before, time runs out."""
    bomb = "while True:\n    try: os.fork()\n    except OSError: pass"
    assert _ending(apart, tmp_path, bomb, seconds=4.0) in ("crashed", "memory", "deadline")
    home = os.fsencode(f"HOME={tmp_path / 'run' / 'home'}")
    assert not [pid for pid in psutil.pids() if home in _variables(pid)]


def _variables(pid: int) -> list[bytes]:
    try:
        return Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
    except OSError:
        return []


def _ending(rung: Rung, tmp_path: Path, body: str, *, seconds: float) -> str:
    try:
        trained(place(tmp_path, rung), training(body), contract(seconds=seconds))
    except RunFailed as failed:
        return failed.cause
    return "well"
