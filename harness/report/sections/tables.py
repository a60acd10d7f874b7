"""The paper's tables with our numbers in their cells."""

from collections.abc import Sequence

from harness.expectations import TableMatch
from harness.report.comparison import ComparedCell, Comparison
from harness.report.document import (
    Badge,
    Block,
    Details,
    Heading,
    Line,
    Link,
    Paragraph,
    Small,
    Strong,
    Table,
    TableCell,
    cell,
)
from harness.report.figures.style import Drawing
from harness.report.figures.transfer import figure_name
from harness.report.material import Material
from harness.report.sections.evidence import source_line
from harness.report.sections.figures import picture
from harness.report.wording import DASH, counted, interval, limit_text, number


def tables_section(
    material: Material, compared: Sequence[Comparison], drawings: Sequence[Drawing]
) -> list[Block]:
    """Every claimed table as a heat map, with its cells folded; all of it where none is ours."""
    if not compared:
        return []
    blocks: list[Block] = [
        Heading(2, "The paper's tables beside ours", "tables"),
        Paragraph(
            (
                "Cell by cell: our number, its 95 % interval, and the paper's number. ",
                Badge("agrees", "agrees"),
                " ",
                Badge("undecided", "undecided"),
                " ",
                Badge("differs", "differs"),
                f"  {DASH} not measured",
            )
        ),
    ]
    for each in compared:
        blocks += _one(material, each, drawings)
    return blocks


def _one(material: Material, compared: Comparison, drawings: Sequence[Drawing]) -> list[Block]:
    table = compared.table
    grid = _grid(compared)
    if compared.measured == 0:
        summary: Line = (Strong(table.title), f": none of {len(compared.cells)} cells measured")
        source = Paragraph(source_line(table.source))
        return [Details(summary, (source, grid), f"table-{table.id}")]
    return [
        Heading(3, table.title, f"table-{table.id}"),
        Paragraph(source_line(table.source)),
        *(picture(each) for each in drawings if each.name == figure_name(table)),
        Details((Strong("Cell by cell"), f": {_summary(compared)}"), (grid,), f"cells-{table.id}"),
        Paragraph((_note(material, compared), " ", Link("CSV", f"tables/{table.id}.csv"))),
    ]


def _summary(compared: Comparison) -> str:
    return (
        f"{compared.measured} of {counted(len(compared.cells), 'cell')} measured: "
        f"{compared.count('agrees')} agree, {compared.count('undecided')} undecided, "
        f"{compared.count('differs')} differ."
    )


def _note(material: Material, compared: Comparison) -> Small:
    metric, outcome = compared.table.metric, _outcome(material, compared)
    if compared.tolerance is None:
        rule = "A cell agrees where our 95 % interval holds the paper's number."
    else:
        within = limit_text(compared.tolerance, metric)
        rule = f"A cell agrees where our whole 95 % interval lies within {within} of the paper's."
    if outcome == "not_applicable":
        end = "Shown, not judged: the paper's numbers are for its own model and scale."
    elif outcome is None:
        end = "Shown, not judged: no claim of the paper spec is about this table."
    else:
        end = "The verdict uses wider intervals, which allow for the number of cells."
    return Small(f"{rule} {end}")


def _outcome(material: Material, compared: Comparison) -> str | None:
    for claim, verdict in material.judged_pairs:
        if isinstance(claim.expects, TableMatch) and claim.expects.table == compared.table.id:
            return verdict.outcome
    return None


def _grid(compared: Comparison) -> Table:
    table = compared.table
    rows = tuple(
        (cell(Strong(row)), *(_cell(compared, row, column) for column in table.columns))
        for row in table.rows
    )
    return Table(("", *table.columns), rows)


def _cell(compared: Comparison, row: str, column: str) -> TableCell:
    if (row, column) not in compared.cells:
        return cell(Small("not in the paper"))
    return _compared_cell(compared.cells[row, column], compared.table.metric)


def _compared_cell(each: ComparedCell, metric: str) -> TableCell:
    paper: Line = (Small(f"paper {number(each.claimed.value, metric, digits=2)}"),)
    if each.here is None:
        return TableCell(((DASH,), paper))
    here = Strong(number(each.here.mean, metric, digits=2))
    span = Small(interval(each.here, metric, digits=2))
    return TableCell(((here,), (span,), paper), each.agreement)
