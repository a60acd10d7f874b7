"""What a recipe's processes take of the machine, all of them together."""

import os
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

_GIB = 2**30
_MOST_ENTRIES = 10_000
"""Files and folders of one run: counting them takes time too."""
_SHARES, _WHOLE = ("Pss_Anon", "Pss_Shmem"), ("RssAnon", "RssShmem")
"""A process's own memory, without programs and libraries: its share of what it has in common with
the process that it was forked from, or all of that."""


class Limits(NamedTuple):
    """The most that a run may use."""

    memory_bytes: int
    file_bytes: int
    """Of one file."""
    folder_bytes: int
    """Of all files in its folder."""


def excess(processes: Iterable[int], folder: Path, limits: Limits) -> str | None:
    """What is too much; `None` where all is within the limits."""
    held = sum(map(_held_bytes, processes))
    if held > limits.memory_bytes:
        return f"its processes held {held / _GIB:.2f} GiB of memory"
    written = _written_bytes(folder, limits.folder_bytes)
    if written is None:
        return f"its files cannot be counted, or are more than {_MOST_ENTRIES:,}"
    if written > limits.folder_bytes:
        return f"its files took more than {limits.folder_bytes / _GIB:.2f} GiB"
    return None


def _held_bytes(process: int) -> int:
    """0 for one that has ended meanwhile; too much rather than too little where shares are kept
    from us."""
    shares = _sizes(Path(f"/proc/{process}/smaps_rollup"), _SHARES)
    return sum(shares or _sizes(Path(f"/proc/{process}/status"), _WHOLE))


def _sizes(file: Path, names: tuple[str, ...]) -> list[int]:
    """Bytes by the lines of these names; none where the file cannot be read."""
    try:
        content = file.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return []
    lines = (line.partition(":") for line in content.splitlines())
    return [1024 * int(value.split()[0]) for name, _, value in lines if name in names]


def _written_bytes(folder: Path, most: int) -> int | None:
    """Disk that a folder takes; `None` where that cannot be found out."""
    left, entries, total = [os.fspath(folder)], 0, 0
    while left and total <= most:
        try:
            with os.scandir(left.pop()) as found:
                for entry in found:
                    entries += 1
                    if entries > _MOST_ENTRIES:
                        return None
                    total += 512 * entry.stat(follow_symlinks=False).st_blocks
                    if entry.is_dir(follow_symlinks=False):
                        left.append(entry.path)
        except (FileNotFoundError, NotADirectoryError):  # it went meanwhile
            continue
        except OSError:
            return None
    return total
