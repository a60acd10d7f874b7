"""Files of one folder by the paths that a model gives, and none outside of it.

Links are followed as long as they stay inside. What is opened afterwards is opened step by step
without following any, so that a link which comes meanwhile leads nowhere.
"""

import os
import stat
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from agents.drivers.tools.tool_error import ToolError

_MOST_BYTES = 8_000_000
_STEP = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_READ = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_WRITE = os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


def read_inside(folder: Path, path: str) -> str:
    """The text of a file. Raises `ToolError` saying why it cannot be had."""
    with _opened(folder, path, _READ) as file:
        size = os.fstat(file).st_size
        if size > _MOST_BYTES:
            raise ToolError(f"{path}: has {size:,} bytes; read parts of it with bash")
        with os.fdopen(os.dup(file), "rb") as stream:
            content = stream.read(_MOST_BYTES)
    try:
        return content.decode()
    except UnicodeDecodeError as error:
        raise ToolError(f"{path}: not text in UTF-8") from error


def write_inside(folder: Path, path: str, text: str) -> None:
    """Write a file, and the folders that it lies in. Raises `ToolError`."""
    # In place, and not renamed into it: a file left by a crash is one that nobody may write.
    with _opened(folder, path, _WRITE) as file, os.fdopen(os.dup(file), "wb") as stream:
        stream.truncate(0)
        stream.write(text.encode())


def _parts(folder: Path, path: str) -> tuple[str, ...]:
    """Steps from the folder to the file, with no link among them as they stand now."""
    if not path or "\0" in path:
        raise ToolError("path: not the name of a file")
    if ".." in Path(path).parts:
        raise ToolError(f"{path}: give it from the working tree's top, without `..`")
    top = os.path.realpath(folder)
    found = Path(os.path.realpath(Path(top, path)))
    if not found.is_relative_to(top):
        raise ToolError(f"{path}: lies outside of the working tree")
    return found.relative_to(top).parts or (".",)


@contextmanager
def _opened(folder: Path, path: str, flags: int) -> Generator[int]:
    """A regular file's descriptor."""
    *folders, name = _parts(folder, path)
    try:
        with _folder(folder, folders, is_made=bool(flags & os.O_CREAT)) as place:
            file = os.open(name, flags, 0o644, dir_fd=place)
        try:
            if not stat.S_ISREG(os.fstat(file).st_mode):
                raise ToolError(f"{path}: not a file")
            yield file
        finally:
            os.close(file)
    except OSError as error:
        raise ToolError(f"{path}: {error.strerror}") from error


@contextmanager
def _folder(top: Path, steps: list[str], *, is_made: bool) -> Generator[int]:
    """The descriptor of a folder that is some steps below another."""
    place = os.open(os.path.realpath(top), _STEP)
    try:
        for step in steps:
            below = _below(place, step, is_made=is_made)
            os.close(place)
            place = below
        yield place
    finally:
        os.close(place)


def _below(place: int, step: str, *, is_made: bool) -> int:
    try:
        return os.open(step, _STEP, dir_fd=place)
    except FileNotFoundError:
        if not is_made:
            raise
    os.mkdir(step, dir_fd=place)
    return os.open(step, _STEP, dir_fd=place)
