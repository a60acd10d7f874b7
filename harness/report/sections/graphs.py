"""Attribution graphs: the first as a picture, how to open it, and all of them in numbers."""

from collections.abc import Iterator, Sequence

from harness.graphs.graph_table import GraphEntry
from harness.report.document import (
    Block,
    Commands,
    Heading,
    Line,
    Link,
    Paragraph,
    Small,
    Table,
    TableCell,
    cell,
)
from harness.report.figures.attribution_graph import figure_name
from harness.report.figures.style import Drawing
from harness.report.material import Material
from harness.report.pictures import TracedGraphs
from harness.report.sections.figures import picture
from harness.report.wording import DASH, counted, number

_MOST_ROWS = 8
_HEAD = ("Prompt", "Answer", "Nodes", "Edges", "Replacement", "Completeness", "Seconds")
_SIZES, _SCORES = ("graph_nodes", "graph_edges"), ("replacement_score", "completeness_score")


def graphs_section(material: Material, drawings: Sequence[Drawing]) -> list[Block]:
    """One part an experiment that kept graphs; nothing where none did."""
    parts = [part for each in material.traced for part in _one(material, each, drawings)]
    return [Heading(2, "Attribution graphs", "attribution-graphs"), *parts] if parts else []


def _one(material: Material, traced: TracedGraphs, drawings: Sequence[Drawing]) -> Iterator[Block]:
    yield from (picture(each) for each in drawings if each.name == figure_name(traced.experiment))
    if traced.files:
        yield Paragraph(
            (
                "Kept whole: ",
                *_links(traced.files),
                ". Such a file opens in a browser, with all its links and its supernodes and "
                "without a network, by",
            )
        )
        yield Commands(
            f"harness graph view {material.folder}/{traced.files[0]} --output graph.html"
        )
    if traced.entries:
        yield Table(_HEAD, tuple(map(_row, traced.entries[:_MOST_ROWS])))
        yield Paragraph((Small(_note(traced)),))


def _links(files: Sequence[str]) -> Line:
    separated: list[str | Link] = []
    for file in files:
        separated += [", ", Link(file.rpartition("/")[2], file)]
    return tuple(separated[1:])


def _row(entry: GraphEntry) -> tuple[TableCell, ...]:
    return (
        cell(entry.prompt),
        cell(entry.answer.strip()),
        *(cell(_whole(entry.scores.get(metric))) for metric in _SIZES),
        *(cell(number(entry.scores.get(metric), metric)) for metric in _SCORES),
        cell(f"{entry.seconds:.1f}"),
    )


def _whole(value: float | None) -> str:
    return DASH if value is None else f"{value:,.0f}"


def _note(traced: TracedGraphs) -> str:
    more = len(traced.entries) - _MOST_ROWS
    rest = f"And {more:,} more. " if more > 0 else ""
    return (
        f"{rest}{counted(len(traced.entries), 'graph')} of experiment {traced.experiment}, its "
        "first seed; nodes and edges after pruning, scores from 0 to 1, seconds of the attribution."
    )
