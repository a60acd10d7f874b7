"""The first process of a cell: starts the command, and ends everything in the cell with it.

Runs by itself with the standard library alone. It ends when the command does, when the harness
closes its end of a pipe or dies, or when there are too many processes. In a process namespace its
own end is the end of all; elsewhere it adopts what was left behind, and kills that.
"""

import ctypes
import fcntl
import json
import os
import resource
import select
import signal
import socket
import struct
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

_SUBREAPER, _NO_NEW_PRIVILEGES, _DROP_BOUND = 36, 38, 24
_CAPABILITIES, _CAPSET_VERSION = 64, 0x20080522
_GET_FLAGS, _SET_FLAGS, _UP = 0x8913, 0x8914, 1
_RESET_ON_FORK = 0x40000000
_LOOK_SECONDS, _KILL_SECONDS = 0.1, 0.005
_KILLED, _NOT_STARTED, _TOO_MANY = 137, 127, 125
"""Exit codes, as a shell gives the first two."""
_libc = ctypes.CDLL(None, use_errno=True)


def main() -> int:
    """Arguments: the settings as JSON, then the command with its arguments."""
    settings, command = json.loads(sys.argv[1]), sys.argv[2:]
    told, alive = settings["told"], settings["alive"]
    for end in (told, alive):
        os.set_inheritable(end, False)
    is_apart = os.getpid() == 1
    try:
        if is_apart:
            _come_first()
            _raise_loopback()
        else:
            _libc.prctl(_SUBREAPER, 1, 0, 0, 0)
        _give_up_rights()
        _limit(settings["limits"])
        os.chdir(settings["folder"])
        usual = [signal.SIGPIPE, signal.SIGXFSZ]
        child = os.posix_spawnp(command[0], command, os.environ, setsigdef=usual)
    except OSError as error:
        _tell(told, {"error": f"{command[0]}: {error.strerror}"})
        return _NOT_STARTED
    _tell(told, {"namespace": str(Path("/proc/self/ns/pid").readlink()) if is_apart else ""})
    try:
        return _watch(child, alive, most=settings["limits"]["processes"] if is_apart else None)
    finally:
        if not is_apart:
            _kill_descendants()


def _tell(told: int, message: Mapping[str, str]) -> None:
    """One line to the harness: how the start went."""
    try:
        os.write(told, json.dumps(message).encode() + b"\n")
    except BrokenPipeError:
        return  # it is gone, and `_watch` finds that out
    finally:
        os.close(told)


def _come_first() -> None:
    """Be run before a horde of processes is, where that is permitted; none of them inherits it."""
    try:
        os.sched_setscheduler(0, os.SCHED_OTHER | _RESET_ON_FORK, os.sched_param(0))
        os.setpriority(os.PRIO_PROCESS, 0, -20)
    except PermissionError:
        return


def _raise_loopback() -> None:
    """A new network namespace has 127.0.0.1, and it is down."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        asked = struct.pack("16sH14x", b"lo", 0)
        flags = struct.unpack("16sH14x", fcntl.ioctl(any_socket, _GET_FLAGS, asked))[1]
        if not flags & _UP:
            fcntl.ioctl(any_socket, _SET_FLAGS, struct.pack("16sH14x", b"lo", flags | _UP))


def _give_up_rights() -> None:
    """No capability of root's is left, and none comes back by running a program."""
    _libc.prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0)
    for capability in range(_CAPABILITIES):
        _libc.prctl(_DROP_BOUND, capability, 0, 0, 0)
    header = struct.pack("Ii", _CAPSET_VERSION, 0)
    if _libc.capset(header, bytes(24)) != 0:
        raise OSError(ctypes.get_errno(), "cannot give up capabilities")


def _limit(limits: Mapping[str, int | None]) -> None:
    """Limits of each process; root's processes are counted by `_watch` alone."""
    wanted = {
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_FSIZE: limits["file_bytes"],
        resource.RLIMIT_NOFILE: limits["open_files"],
        resource.RLIMIT_AS: limits["memory_bytes"],
        resource.RLIMIT_NPROC: _tasks_of_user() + (limits["processes"] or 0),
    }
    for kind, most in wanted.items():
        highest = resource.getrlimit(kind)[1]
        if most is not None:
            value = most if highest == resource.RLIM_INFINITY else min(most, highest)
            resource.setrlimit(kind, (value, value))


def _tasks_of_user() -> int:
    """Threads that count towards the limit of processes already."""
    count = 0
    for pid in _pids():
        try:
            if Path(f"/proc/{pid}").stat().st_uid == os.getuid():
                count += sum(1 for _ in Path(f"/proc/{pid}/task").iterdir())
        except OSError:
            continue
    return count


def _watch(child: int, alive: int, *, most: int | None) -> int:
    """Wait for the command; its exit code, 128 more than the signal's number where one ended it."""
    ended = os.pidfd_open(child)
    while True:
        code = _reap(child)
        if code is not None:
            return code if code >= 0 else 128 - code
        if most is not None and sum(1 for _ in _pids()) > most + 1:
            os.kill(-1, signal.SIGKILL)
            os.write(2, f"killed: more than {most} processes\n".encode())
            return _TOO_MANY
        ready, _, _ = select.select([alive, ended], [], [], _LOOK_SECONDS)
        if alive in ready:
            return _KILLED


def _reap(child: int) -> int | None:
    """Bury whoever is dead; the exit code of `child` where it is among them."""
    code = None
    while True:
        try:
            pid, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return code
        if pid == 0:
            return code
        if pid == child:
            code = os.waitstatus_to_exitcode(status)


def _kill_descendants() -> None:
    """Kill until none is left: whoever loses its parent becomes a child of this process."""
    while True:
        for pid in _descendants():
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
        try:
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        except ChildProcessError:
            return
        time.sleep(_KILL_SECONDS)


def _descendants() -> list[int]:
    children: dict[int, list[int]] = {}
    for pid in _pids():
        try:
            stat = Path(f"/proc/{pid}/stat").read_bytes()
        except OSError:
            continue
        parent = int(stat.rpartition(b")")[2].split()[1])
        children.setdefault(parent, []).append(pid)
    found = list(children.get(os.getpid(), []))
    for pid in found:
        found.extend(children.get(pid, []))
    return found


def _pids() -> Iterator[int]:
    return (int(each.name) for each in Path("/proc").iterdir() if each.name.isdigit())


if __name__ == "__main__":
    sys.exit(main())
