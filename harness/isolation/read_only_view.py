"""Lays a read-only view over the file system, then becomes the program that it is given.

Runs by itself, inside of a new mount namespace, with the standard library alone. What it lays stays
laid, for the program after it gives up the right to mount.

Calls of Linux 5.12: open_tree(2), move_mount(2) and mount_setattr(2).
"""

import ctypes
import json
import os
import stat
import sys
from pathlib import Path

_OPEN_TREE, _MOVE_MOUNT, _MOUNT_SETATTR = 428, 429, 442
_HERE, _CLONE, _EMPTY_PATH, _RECURSIVE, _FROM_EMPTY = -100, 1, 0x1000, 0x8000, 4
_READ_ONLY, _NO_SETUID, _NO_DEVICES, _NO_PROGRAMS = 1, 2, 4, 8
_NODES = ("null", "zero", "full", "random", "urandom", "tty")
_libc = ctypes.CDLL(None, use_errno=True)


class _Attributes(ctypes.Structure):
    _fields_ = [(name, ctypes.c_uint64) for name in ("set", "clear", "propagation", "userns")]


def main() -> None:
    """Arguments: places and devices as JSON, then the program with its arguments."""
    places, accelerators, private_bytes = json.loads(sys.argv[1])
    private = "mode=1777" if private_bytes is None else f"mode=1777,size={private_bytes}"
    nodes = [path for name in _NODES if Path(path := f"/dev/{name}").exists()] + accelerators
    trees = {path: _clone(path) for path in nodes}
    shown = {path: _clone(path) for kind, path in places if kind in ("readable", "writable")}
    for kind, path in places:
        if kind == "readable":
            _restrict(shown[path], "", _EMPTY_PATH | _RECURSIVE)
    _restrict(_HERE, "/", _RECURSIVE)
    _mount("proc", "/proc", _READ_ONLY | _NO_SETUID | _NO_DEVICES | _NO_PROGRAMS)
    _lay_devices(trees, private)
    for kind, path in places:
        if kind == "private":
            _mount("tmpfs", path, _NO_SETUID | _NO_DEVICES, private)
        elif kind == "hidden":
            _hide(path)
        else:
            _put_at(shown[path], path)
    for kind, path in places:
        if kind == "hidden" and os.path.ismount(path):
            _restrict(_HERE, path, 0)
    os.execv(sys.argv[2], sys.argv[2:])


def _hide(path: str) -> None:
    """Cover a folder or file; what a cover around it hides already is not there any more."""
    if Path(path).is_dir():
        _mount("tmpfs", path, _NO_SETUID | _NO_DEVICES, "mode=755")
    elif Path(path).exists():
        _put(_clone("/dev/null"), path)


def _lay_devices(trees: dict[str, int], private: str) -> None:
    """A /dev without disks: to a program of root's, a disk is writable whatever is mounted."""
    _mount("tmpfs", "/dev", _NO_SETUID, "mode=755")
    for path, tree in trees.items():
        _put_at(tree, path)
    for name in ("pts", "shm"):
        Path(f"/dev/{name}").mkdir()
    _mount("devpts", "/dev/pts", _NO_SETUID | _NO_PROGRAMS, "newinstance,ptmxmode=0666,mode=620")
    _mount("tmpfs", "/dev/shm", _NO_SETUID | _NO_DEVICES, private)
    Path("/dev/ptmx").symlink_to("pts/ptmx")
    Path("/dev/fd").symlink_to("/proc/self/fd")
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        Path(f"/dev/{name}").symlink_to(f"/proc/self/fd/{number}")


def _mount(kind: str, path: str, flags: int, options: str = "") -> None:
    done = _libc.mount(kind.encode(), os.fsencode(path), kind.encode(), flags, options.encode())
    _require(done, f"mount a {kind} on {path}")


def _clone(path: str) -> int:
    """A copy of the mounts at a path, laid nowhere yet; its file descriptor."""
    flags = _CLONE | _RECURSIVE | os.O_CLOEXEC
    tree = _libc.syscall(_OPEN_TREE, _HERE, os.fsencode(path), flags)
    return _require(tree, f"copy the mount of {path}")


def _restrict(folder: int, path: str, flags: int) -> None:
    wanted = _Attributes(set=_READ_ONLY)
    size = ctypes.c_size_t(ctypes.sizeof(wanted))
    name = os.fsencode(path)
    done = _libc.syscall(_MOUNT_SETATTR, folder, name, flags, ctypes.byref(wanted), size)
    _require(done, f"make {path or 'a copy'} read-only")


def _put_at(tree: int, path: str) -> None:
    """Lay a copy at a path, which is made where what is around it was covered."""
    place = Path(path)
    if not place.exists():
        place.parent.mkdir(parents=True, exist_ok=True)
        if stat.S_ISDIR(os.fstat(tree).st_mode):
            place.mkdir()
        else:
            place.touch()
    _put(tree, path)


def _put(tree: int, path: str) -> None:
    done = _libc.syscall(_MOVE_MOUNT, tree, b"", _HERE, os.fsencode(path), _FROM_EMPTY)
    _require(done, f"lay the mount of {path}")
    os.close(tree)


def _require(result: int, what: str) -> int:
    if result < 0:
        sys.exit(f"cannot {what}: {os.strerror(ctypes.get_errno())}")
    return result


main()
