"""Which features of a layer's transcoder are looked at, and how a person names them."""

import re
from collections.abc import Sequence
from typing import NamedTuple

from harness.record import HarnessError
from harness.transcoders.transcoder import Transcoder

_PLACE = re.compile(r"(?P<layer>\d+)/(?P<index>\d+)")
_SPAN = re.compile(r"(?P<first>\d+)(?:-(?P<last>\d+))?")


class Place(NamedTuple):
    """A feature of a set, written `layer/index`."""

    layer: int
    feature: int

    def __str__(self) -> str:
        return f"{self.layer}/{self.feature}"


class Chosen(NamedTuple):
    """Some features of one layer."""

    layer: int
    transcoder: Transcoder
    indices: tuple[int, ...]


def parse_place(text: str) -> Place:
    """Read `12/345`. Raises `HarnessError` for anything else."""
    matched = _PLACE.fullmatch(text)
    if matched is None:
        raise HarnessError(f"feature {text!r}: expected LAYER/INDEX such as 12/345")
    return Place(int(matched["layer"]), int(matched["index"]))


def parse_numbers(text: str) -> tuple[int, ...]:
    """Read `0-3,7` as 0, 1, 2, 3 and 7, in that order and each once.

    Raises `HarnessError` for anything that is not such a list.
    """
    found: dict[int, None] = {}
    for part in text.split(","):
        matched = _SPAN.fullmatch(part.strip())
        if matched is None:
            raise HarnessError(f"numbers {text!r}: expected a list such as 0-3,7")
        first, last = int(matched["first"]), int(matched["last"] or matched["first"])
        if last < first:
            raise HarnessError(f"numbers {text!r}: {part.strip()} runs backwards")
        found |= dict.fromkeys(range(first, last + 1))
    return tuple(found)


def choose(
    layers: Sequence[Transcoder], layer: int, indices: Sequence[int] | None = None
) -> Chosen:
    """Features of one layer, all of them where no indices are given.

    Raises `HarnessError` for a layer or an index that the set does not have.
    """
    if not 0 <= layer < len(layers):
        raise HarnessError(f"layer {layer}: the set has layers 0 to {len(layers) - 1}")
    width = len(layers[layer].b_enc)
    wanted = tuple(range(width)) if indices is None else tuple(dict.fromkeys(indices))
    wrong = [index for index in wanted if not 0 <= index < width]
    if wrong or not wanted:
        raise HarnessError(f"layer {layer}: features {wrong} do not exist; valid: 0 to {width - 1}")
    return Chosen(layer, layers[layer], wanted)
