"""Files of arrays: the directory of the zip and the header of each array, read by hand.

No array is loaded. One of objects is stored as a pickle, which runs code when it is loaded.
"""

import ast
import io
import re
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from math import prod
from typing import NamedTuple, cast

from harness.review.rules.paths import shown

_MOST_UNPACKED = 100_000_000
_MOST_ENTRIES = 1_000
_HEADER = 10_000
"""Bytes of an array's header that are looked at; numpy's own limit."""
_KIND = re.compile(r"[<>|=]?([biufcSU])(\d{1,4})")
_MAGIC = b"\x93NUMPY"
_PROTOCOLS = range(2, 6)
_TEXT_PICKLE = re.compile(rb"(?:\(?c[A-Za-z_][\w.]*\n[A-Za-z_][\w.]*\n|\(i[A-Za-z_][\w.]*\n)")


class ArrayFault(NamedTuple):
    """Something that a file of arrays may not hold."""

    rule: str
    message: str


def array_faults(content: bytes) -> Iterator[ArrayFault]:
    """What is wrong with an .npz file, by its entries' sizes, names and headers."""
    if not content.startswith(b"PK"):
        yield ArrayFault("file-kind", "is no zip of arrays")
        return
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            yield from _entries(archive)
    except (zipfile.BadZipFile, NotImplementedError, zlib.error, OSError, RuntimeError, ValueError):
        yield ArrayFault("file-kind", "is a damaged zip of arrays")
    except EOFError:
        yield ArrayFault("file-kind", "is a zip of arrays that ends early")


def is_pickle(content: bytes) -> bool:
    """Whether bytes begin as a pickle does.

    Of protocols 2 to 5 by the opcode PROTO; of protocol 0 by a global that is named first, without
    which a pickle runs nothing.
    """
    if len(content) > 2 and content[0] == 0x80 and content[1] in _PROTOCOLS:
        return True
    return _TEXT_PICKLE.match(content) is not None


def _entries(archive: zipfile.ZipFile) -> Iterator[ArrayFault]:
    entries = archive.infolist()
    unpacked = sum(entry.file_size for entry in entries)
    if unpacked > _MOST_UNPACKED or len(entries) > _MOST_ENTRIES:
        message = f"unfolds into {len(entries):,} entries of {unpacked / 1e6:,.0f} MB"
        yield ArrayFault("zip-bomb", message)
        return
    if len({entry.filename for entry in entries}) < len(entries):
        yield ArrayFault("file-kind", "has two entries of one name")
    for entry in entries:
        name = entry.filename
        if not name.endswith(".npy") or "/" in name or "\\" in name:
            rule = "pickle" if name.endswith((".pkl", ".pickle")) else "archive"
            yield ArrayFault(rule, f"holds {shown(name)}, which is no array")
            continue
        with archive.open(entry) as member:
            fault = _array(member.read(_HEADER), entry.file_size)
        if fault is not None:
            yield ArrayFault(fault.rule, f"{shown(name)}: {fault.message}")


def _array(head: bytes, size: int) -> ArrayFault | None:
    """What is wrong with the beginning of an .npy file of `size` bytes.

    The header is a Python literal, read as such (numpy.lib.format, versions 1 to 3).
    """
    if not head.startswith(_MAGIC):
        kind = "pickle" if is_pickle(head) else "file-kind"
        return ArrayFault(kind, "a pickle" if kind == "pickle" else "is no array")
    start = 12 if head[6:7] > b"\x01" else 10
    length = int.from_bytes(head[8:start], "little")
    try:
        literal = head[start : start + length].decode("latin-1").strip()
        header = cast("Mapping[str, object]", ast.literal_eval(literal))
        kind, shape = str(header["descr"]), cast("tuple[int, ...]", header["shape"])
        count = prod(shape)
    except (ValueError, SyntaxError, TypeError, KeyError, MemoryError, RecursionError):
        return ArrayFault("file-kind", "has no header that can be read")
    found = _KIND.fullmatch(kind)
    if found is None:
        rule = "pickle" if "O" in kind else "file-kind"
        words = "holds objects, which are stored as a pickle" if rule == "pickle" else "is no array"
        return ArrayFault(rule, words)
    width = int(found[2]) * (4 if found[1] == "U" else 1)
    if count * width > size:
        return ArrayFault("zip-bomb", f"claims {count:,} numbers, more than it holds")
    return None
