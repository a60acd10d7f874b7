"""The site's folder on disk: written aside, then put in place of an earlier site, whole.

A list in the folder names every file that was written. A folder that holds anything else is
somebody's own, and is refused rather than emptied.
"""

import json
import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import cast

from harness.record import HarnessError, parse_json, read_text, write_bytes

LIST = ".site-files.json"


def write_site(output: Path, written: Mapping[str, bytes], copied: Mapping[str, Path]) -> None:
    """Write `written` and copy `copied`, by paths in the folder; what was there before goes.

    Raises `HarnessError` where the folder holds files that no earlier site wrote.
    """
    require_own(output)
    output.parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=output.parent, prefix=f".{output.name}.") as aside:
        new, old = Path(aside) / "new", Path(aside) / "old"
        _fill(new, written, copied)
        _swap(new, output, old)


def require_own(output: Path) -> None:
    """Raises `HarnessError` unless every file there is one that an earlier site wrote."""
    if output.is_symlink() or (output.exists() and not output.is_dir()):
        raise HarnessError(f"{output}: not a folder; name one that does not exist or is empty")
    here = sorted(_inside(output))
    if not here:
        return
    if LIST not in here:
        raise HarnessError(
            f"{output}: holds files that are not of a site ({here[0]}); name an empty folder"
        )
    foreign = sorted(set(here) - {LIST, *_listed(output / LIST)})
    if foreign:
        raise HarnessError(f"{output}: {foreign[0]} was not written by a site; move it elsewhere")


def _inside(output: Path) -> Iterable[str]:
    """Files and links of any kind, and folders with nothing in them."""
    for path in output.rglob("*"):
        empty = path.is_dir() and not path.is_symlink() and not any(path.iterdir())
        if empty or path.is_symlink() or not path.is_dir():
            yield path.relative_to(output).as_posix()


def _listed(path: Path) -> list[str]:
    names = parse_json(read_text(path), path).get("files")
    if not isinstance(names, list):
        raise HarnessError(f"{path}: files: expected a list of paths")
    return [str(name) for name in cast("list[object]", names)]


def _fill(folder: Path, written: Mapping[str, bytes], copied: Mapping[str, Path]) -> None:
    names = sorted([*written, *copied])
    assert len(set(names)) == len(names), "two files of one name"
    for name, source in copied.items():
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, target)
    listed = json.dumps({"files": names}, indent=0, ensure_ascii=False) + "\n"
    for name, content in {**written, LIST: listed.encode()}.items():
        write_bytes(folder / name, content)


def _swap(new: Path, output: Path, old: Path) -> None:
    """Two renames; the old site is put back where the second one fails."""
    if output.exists():
        output.rename(old)
    try:
        new.rename(output)
    except OSError as error:
        if old.exists():
            old.rename(output)
        raise HarnessError(f"{output}: cannot be written: {error.strerror}") from error
