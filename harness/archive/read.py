"""Read an archive that anybody may have made: nothing of it is used before all of it is checked."""

import stat
import zipfile
import zlib
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path

from harness.archive.layout import (
    LOCK,
    MOST_BYTES,
    MOST_BYTES_EACH,
    MOST_MEMBERS,
    SUMS,
    require_distinct,
    require_safe_name,
)
from harness.record import HarnessError

_ENCRYPTED = 0x1
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_DAMAGE = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, ValueError, OSError)
"""What the standard library raises for files that are no zip files, or broken ones."""


def read_members(path: Path) -> dict[str, bytes]:
    """Content by name, `SHA256SUMS` left out. Writes nothing, and follows nothing.

    Raises `HarnessError` with the file's name for damage, for a member that is not a plain file
    with a place in an archive, for sizes over the limits, and for checksums that do not fit.
    """
    try:
        return _checked(_read(path))
    except HarnessError as error:
        raise HarnessError(f"{path.name}: {error}") from error
    except _DAMAGE as error:
        reason = " ".join(str(error).split()) or type(error).__name__
        raise HarnessError(f"{path.name}: damaged, or not an archive: {reason}") from error


def _read(path: Path) -> dict[str, bytes]:
    if path.stat().st_size > MOST_BYTES:
        raise HarnessError(f"larger than {MOST_BYTES >> 20} MiB")
    with zipfile.ZipFile(path) as archive:
        listed = archive.infolist()
        _require_plain(listed)
        members: dict[str, bytes] = {}
        left = MOST_BYTES
        for info in listed:
            members[info.filename] = _content(archive, info, min(left, MOST_BYTES_EACH))
            left -= len(members[info.filename])
        return members


def _require_plain(listed: Sequence[zipfile.ZipInfo]) -> None:
    """By the list of contents alone, before anything is unpacked."""
    if len(listed) > MOST_MEMBERS:
        raise HarnessError(f"{len(listed):,} members; {MOST_MEMBERS:,} are allowed")
    for info in listed:
        require_safe_name(info.orig_filename)
        mode = info.external_attr >> 16
        if stat.S_IFMT(mode) not in (0, stat.S_IFREG) or info.filename != info.orig_filename:
            raise HarnessError(f"{info.orig_filename!r} is a link, or not a plain file")
        if info.flag_bits & _ENCRYPTED or info.compress_type not in _METHODS:
            raise HarnessError(f"{info.filename!r} is encrypted, or packed in an unknown way")
        if info.file_size > MOST_BYTES_EACH:
            raise HarnessError(f"{info.filename!r} is larger than {MOST_BYTES_EACH >> 20} MiB")
    require_distinct(info.filename for info in listed)
    if sum(info.file_size for info in listed) > MOST_BYTES:
        raise HarnessError(f"unpacks to more than {MOST_BYTES >> 20} MiB")


def _content(archive: zipfile.ZipFile, info: zipfile.ZipInfo, most: int) -> bytes:
    """A member may claim to be small and not be."""
    with archive.open(info) as file:
        content = file.read(most + 1)
    if len(content) > most or len(content) != info.file_size:
        raise HarnessError(f"{info.filename!r} has not the size that it claims")
    return content


def _checked(members: dict[str, bytes]) -> dict[str, bytes]:
    if SUMS not in members or LOCK not in members:
        raise HarnessError(f"no {SUMS if SUMS not in members else LOCK}: not an exported archive")
    listed = _listed(members.pop(SUMS).decode("ascii"))
    odd = sorted(listed.keys() ^ members.keys())
    if odd:
        where = "in the archive" if odd[0] in members else f"in {SUMS}"
        raise HarnessError(f"{odd[0]!r} stands only {where}")
    for name, content in members.items():
        if sha256(content).hexdigest() != listed[name]:
            raise HarnessError(f"{name}: not the file whose checksum stands in {SUMS}")
    return members


def _listed(text: str) -> dict[str, str]:
    """SHA-256 by name."""
    pairs = [line.split("  ", 1) for line in text.splitlines()]
    if not all(len(pair) == 2 for pair in pairs):
        raise HarnessError(f"{SUMS}: each line needs a SHA-256, two spaces and a name")
    listed = {name: digest for digest, name in pairs}
    if len(listed) < len(pairs):
        raise HarnessError(f"{SUMS}: a name stands twice")
    return listed
