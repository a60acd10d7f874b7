"""Which heads an experiment found: they have no names until they are found."""

from collections.abc import Iterator
from typing import NamedTuple

from harness.measurement import Measurement
from harness.report.document import Block, Code, Heading, Paragraph, Table, TableCell, cell
from harness.report.material import Material
from harness.report.wording import words

_FOUND, _SCORED = "found_layer", "held_apart_prefix_matching_score"
"""Metrics of the rows that tell a head of a class by its rank."""


class _Place(NamedTuple):
    experiment: str
    heads: str
    seed: int


def heads_section(material: Material) -> list[Block]:
    """A row a class and seed, its heads from the strongest downwards; nothing where none is."""
    found: dict[_Place, list[str]] = {}
    for row in material.measurements:
        if row.metric in (_FOUND, _SCORED):
            found.setdefault(_place(row), []).append(_head(row))
    if not found:
        return []
    return [
        Heading(2, "Heads found", "heads"),
        Paragraph(
            (
                "Written layer.head, the strongest first. Found on units held apart, which no "
                "number of this report is measured on.",
            )
        ),
        Table(("Class", "Experiment", "Seed", "Heads"), tuple(_rows(found))),
    ]


def _place(row: Measurement) -> _Place:
    heads = "prefix matching" if row.metric == _SCORED else str(row.conditions["heads"])
    return _Place(row.experiment, heads, row.seed)


def _head(row: Measurement) -> str:
    layer = row.conditions["layer"] if row.metric == _SCORED else int(row.value)
    return f"{layer}.{row.conditions['head']}"


def _rows(found: dict[_Place, list[str]]) -> Iterator[tuple[TableCell, ...]]:
    for place, heads in found.items():
        yield (
            cell(words(place.heads)),
            cell(Code(place.experiment)),
            cell(str(place.seed)),
            cell(", ".join(heads)),
        )
