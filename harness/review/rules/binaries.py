"""What the bytes of a file are, by their content and not by their name alone.

Nothing is unpickled, unpacked or run: headers are read by hand, and of a zip its directory.
"""

from collections.abc import Iterator
from pathlib import PurePosixPath

from harness.review.finding import Axis, Finding
from harness.review.rules.arrays import array_faults, is_pickle
from harness.review.rules.paths import shown
from harness.review.rules.texts import TEXTS, decoded
from harness.review.submission import Blob, Submission

ALLOWED = frozenset(
    {".yaml", ".json", ".jsonl", ".md", ".html", ".csv", ".png", ".svg", ".npz", ".ipynb"}
)
"""Kinds of files that a replication holds."""
_SCRIPTS = frozenset({"reproduce.sh", "experiment.py"})
"""Files of code that have a place; the one is compared with what the harness writes."""
_CODE = frozenset(
    {".py", ".sh", ".bash", ".zsh", ".bat", ".cmd", ".ps1", ".js", ".mjs", ".rb", ".pl", ".lua"}
    | {".pth", ".toml", ".cfg", ".ini", ".mk", ".r", ".jl", ".vbs", ".php"}
)
_PICKLES = frozenset(
    {".pt", ".pth", ".pkl", ".pickle", ".joblib", ".bin", ".ckpt", ".h5", ".hdf5", ".npy"}
    | {".dill", ".th", ".keras", ".pb", ".onnx", ".mat", ".rds", ".feather", ".parquet"}
)
_MAGIC: tuple[tuple[bytes, str], ...] = (
    (b"\x7fELF", "a program (ELF)"),
    (b"MZ", "a program (PE)"),
    (b"\xcf\xfa\xed\xfe", "a program (Mach-O)"),
    (b"\xce\xfa\xed\xfe", "a program (Mach-O)"),
    (b"\xca\xfe\xba\xbe", "a program (Mach-O or Java)"),
    (b"\x00asm", "a program (WebAssembly)"),
    (b"\x1f\x8b", "an archive (gzip)"),
    (b"BZh", "an archive (bzip2)"),
    (b"\xfd7zXZ\x00", "an archive (xz)"),
    (b"7z\xbc\xaf'\x1c", "an archive (7z)"),
    (b"Rar!", "an archive (rar)"),
    (b"(\xb5/\xfd", "an archive (zstd)"),
    (b"\x89HDF", "an HDF5 file, which can hold pickles"),
    (b"%PDF", "a PDF"),
)
_PNG = b"\x89PNG\r\n\x1a\n"
_PNG_CHUNKS = frozenset({b"IHDR", b"pHYs", b"PLTE", b"tRNS", b"IDAT", b"IEND"})
_LFS = b"version https://git-lfs.github.com/spec/"


def contents(submission: Submission) -> Iterator[Finding]:
    """Pickles, programs, archives, scripts, executables, pointers, and files that are not
    what their names say."""
    for relative, blob in submission.files.items():
        if blob.kind in ("link", "submodule") or relative == ".lock":
            continue
        path = shown(submission.path(relative))
        for rule, message in (*_by_name(relative, blob), *_by_content(relative, blob.content)):
            axis: Axis = "integrity" if rule in ("lfs-pointer", "file-kind") else "safety"
            yield Finding(rule=rule, axis=axis, severity="blocker", path=path, message=message)


def _by_name(relative: str, blob: Blob) -> Iterator[tuple[str, str]]:
    suffix = PurePosixPath(relative).suffix.lower()
    if blob.kind == "executable":
        yield "executable", "may be executed (mode 755); no file of a replication is"
    if relative == "experiment.py":
        yield "code", "code of its own: read it; a review never runs it"
    elif relative in _SCRIPTS:
        return
    elif suffix in _PICKLES:
        yield "pickle", f"{suffix} files can run code when they are loaded"
    elif suffix in _CODE:
        yield "script", f"{suffix} files have no place in a replication"
    elif suffix not in ALLOWED:
        kinds = ", ".join(sorted(ALLOWED))
        yield "file-kind", f"{shown(suffix) or 'no suffix'}; a replication holds {kinds}"


def _by_content(relative: str, content: bytes) -> Iterator[tuple[str, str]]:
    suffix = PurePosixPath(relative).suffix.lower()
    if content.startswith(_LFS):
        yield "lfs-pointer", "a pointer to a file elsewhere (Git LFS), not the data"
        return
    if content.startswith(b"#!") and relative not in _SCRIPTS:
        yield "script", "begins as a script does (#!)"
    program = next((words for magic, words in _MAGIC if content.startswith(magic)), None)
    if program is not None:
        yield "program", program
    elif is_pickle(content):
        yield "pickle", "a pickle, which can run code when it is loaded"
    elif _is_bytecode(content):
        yield "program", "compiled Python"
    elif suffix == ".npz":
        yield from array_faults(content)
    elif content.startswith(b"PK\x03\x04"):
        yield "archive", "a zip file under another name"
    elif suffix == ".png":
        yield from _image(content)
    elif suffix in TEXTS and (decoded(content) is None or b"\x00" in content):
        yield "file-kind", f"is not UTF-8 text, as {suffix} files are"


def _is_bytecode(content: bytes) -> bool:
    """A .pyc file: two bytes of version, then CR LF."""
    return len(content) > 16 and content[2:4] == b"\r\n" and content[1] in (0x0C, 0x0D, 0x0E)


def _image(content: bytes) -> Iterator[tuple[str, str]]:
    """Of a PNG: its chunks, and what stands after its end."""
    if not content.startswith(_PNG):
        yield "file-kind", "is no PNG"
        return
    place = len(_PNG)
    while place + 12 <= len(content):
        length = int.from_bytes(content[place : place + 4], "big")
        kind = content[place + 4 : place + 8]
        if kind not in _PNG_CHUNKS:
            yield "hidden-bytes", f"has a chunk {shown(kind.decode('latin-1'))} beside its pixels"
            return
        place += 12 + length
        if kind == b"IEND":
            break
    else:
        yield "file-kind", "is a PNG without an end"
        return
    if place != len(content):
        yield "hidden-bytes", f"{len(content) - place:,} bytes stand after the end of the image"
