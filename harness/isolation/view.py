"""What of the file system a cell sees otherwise than as it is: every other place is read-only."""

import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Literal, NamedTuple

Kind = Literal["private", "hidden", "readable", "writable"]
_KINDS: Sequence[Kind] = ("private", "hidden", "readable", "writable")
_PRIVATE = (Path("/tmp"), Path("/run"))
"""Empty and writable inside. They are where sockets of other programs lie (an SSH agent, Docker),
which a read-only mount does not close."""
_CODE = Path(__file__).parents[2]


class Place(NamedTuple):
    """`private`: empty, writable, gone afterwards; `hidden`: empty; the others as they are."""

    kind: Kind
    path: Path


def places(
    *, hidden: Iterable[Path], readable: Iterable[Path], writable: Iterable[Path]
) -> list[Place]:
    """In the order in which they are laid over the file system: what lies within comes later."""
    covers = [
        *(Place("private", path) for path in _PRIVATE if path.is_dir()),
        *(Place("hidden", path.resolve()) for path in hidden if path.exists()),
    ]
    shown = [
        *(Place("readable", path) for path in _own() if is_covered(path, covers)),
        *(Place("readable", path.resolve()) for path in readable),
        *(Place("writable", path.resolve()) for path in writable),
    ]
    by_path = {each.path: each for each in sorted((*covers, *shown), key=_rank)}
    return sorted(by_path.values(), key=lambda each: len(each.path.parts))


def is_covered(path: Path, laid: Iterable[Place]) -> bool:
    """Whether what lies at a path cannot be seen once the places are laid."""
    around = [each for each in laid if path.is_relative_to(each.path)]
    return bool(around) and around[-1].kind in ("private", "hidden")


def _own() -> set[Path]:
    """What the harness itself is run from."""
    return {Path(sys.prefix).resolve(), Path(sys.base_prefix).resolve(), _CODE}


def _rank(place: Place) -> int:
    return _KINDS.index(place.kind)
