"""Files of one JSON object a line, of which a crash loses no line and tears at most the last."""

import os
from pathlib import Path

from harness.record import HarnessError


def append_line(path: Path, line: str) -> None:
    """Write one line, on disk before this returns. Raises `HarnessError` where that fails."""
    assert "\n" not in line, line
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("ab") as file:
            file.write(line.encode() + b"\n")
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise HarnessError(f"{path}: cannot be written: {error.strerror}") from error


def whole_lines(path: Path) -> list[str]:
    """Its lines without a torn last one; none where it is missing."""
    return _whole(path).decode().split("\n")[:-1] if path.exists() else []


def cut_torn(path: Path) -> None:
    """Take a torn last line off the file, before anything is appended."""
    if path.exists():
        with path.open("rb+") as file:
            file.truncate(len(_whole(path)))


def _whole(path: Path) -> bytes:
    content = path.read_bytes()
    return content[: content.rfind(b"\n") + 1]
