"""`harness graph`: attribution-graph files checked, shown, compared and analysed."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from harness.cli.show import JsonFlag, emit, relative

if TYPE_CHECKING:
    from harness.graphs.attribution_graph import AttributionGraph
    from harness.graphs.findings import Finding

app = typer.Typer(
    name="graph",
    help="Check, show, compare and analyse attribution-graph files.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
)
File = Annotated[
    Path,
    typer.Argument(help="A graph file of Neuronpedia's form: ours, circuit-tracer's, others'."),
]
Top = Annotated[int, typer.Option(min=1, help="Nodes and links that are shown.")]


@app.command()
def validate(file: File, as_json: JsonFlag = False) -> None:
    """Check a graph file: schema, Neuronpedia's traps, ids, numbers. Exit code 1 for an error."""
    from harness.cli.graph_tables import show_findings
    from harness.graphs.validate import validate_graph
    from harness.record import read_text

    found = validate_graph(read_text(file))
    content = {
        "file": relative(file),
        "errors": _count(found, "error"),
        "warnings": _count(found, "warning"),
        "findings": [each.model_dump(mode="json") for each in found],
    }
    emit(content, as_json, lambda: show_findings(found))
    if _count(found, "error"):
        raise typer.Exit(1)


@app.command()
def view(
    file: File,
    output: Annotated[
        Path | None, typer.Option(help="Where the page goes.  [default: runs/graph-<file>.html]")
    ] = None,
    features: Annotated[
        Path | None,
        typer.Option(help="Folder with details of features: FEATURE.json or LAYER/INDEX.json."),
    ] = None,
    as_json: JsonFlag = False,
) -> None:
    """Write one HTML page of a graph that works offline."""
    from harness.graphs.attribution_graph import parse_graph
    from harness.graphs.feature_files import feature_texts
    from harness.graphs.viewer import write_page
    from harness.record import read_text

    text = read_text(file)
    # The page shows files that are not sound too: only looking features up takes a sound one.
    details = {} if features is None else feature_texts(parse_graph(text, file), features)
    page = output or Path("runs") / f"graph-{file.stem}.html"
    write_page(text, page, features=details)
    content = {"page": relative(page), "feature_details": len(details)}
    emit(content, as_json, lambda: typer.echo(f"page: {relative(page)}"))


@app.command()
def show(file: File, top: Top = 10, as_json: JsonFlag = False) -> None:
    """Show what a graph holds: counts, scores, the most influential nodes, the strongest links."""
    from harness.cli.graph_tables import show_summary
    from harness.graphs.summary import summarise

    found = summarise(_open(file), top=top)
    emit(found.model_dump(mode="json"), as_json, lambda: show_summary(found))


@app.command()
def diff(
    left: File,
    right: File,
    align: Annotated[
        Literal["role", "position", "end"],
        typer.Option(
            help="Which tokens answer to each other: role, by the words around; position; or end, "
            "counted from the end."
        ),
    ] = "role",
    top: Top = 10,
    as_json: JsonFlag = False,
) -> None:
    """Compare two graphs: features, influence and links that they share and that they do not."""
    from harness.cli.graph_tables import show_diff
    from harness.graphs.diff import diff_graphs

    found = diff_graphs(_open(left), _open(right), alignment=align)
    emit(found.model_dump(mode="json"), as_json, lambda: show_diff(found, top))


@app.command()
def motifs(
    file: File,
    draws: Annotated[int, typer.Option(min=2, help="Random graphs.")] = 200,
    swaps: Annotated[int, typer.Option(min=2, help="Swaps tried for each link.")] = 20,
    signs: Annotated[
        Literal["keep", "deal"],
        typer.Option(help="A link's sign stays with its source, or all are dealt anew."),
    ] = "keep",
    seed: Annotated[int, typer.Option(min=0, help="Of the random graphs.")] = 0,
    as_json: JsonFlag = False,
) -> None:
    """Count three-node motifs and compare them with random graphs of the same degrees."""
    from harness.cli.graph_tables import show_motifs
    from harness.graphs.motif_report import motif_report

    found = motif_report(
        _open(file), draws=draws, swaps_per_edge=swaps, seed=seed, keep_signs=signs == "keep"
    )
    emit(found.model_dump(mode="json"), as_json, lambda: show_motifs(found))


@app.command()
def supernodes(
    file: File,
    threshold: Annotated[
        float, typer.Option(min=0.01, max=0.99, help="Mean similarity at which groups are joined.")
    ] = 0.4,
    across: Annotated[
        bool, typer.Option("--across", help="Groups may hold features of several tokens.")
    ] = False,
    output: Annotated[
        Path | None, typer.Option(help="Also write the graph with these supernodes there.")
    ] = None,
    as_json: JsonFlag = False,
) -> None:
    """Suggest supernodes: features with like neighbours."""
    from harness.cli.graph_tables import show_supernodes
    from harness.graphs.attribution_graph import write_graph
    from harness.graphs.supernode_report import suggest
    from harness.ops.supernodes import Grouping

    grouping = Grouping(threshold=threshold, same_position=not across)
    found = suggest(_open(file), grouping)
    if output is not None:
        write_graph(found.graph, output)
    content = {
        "threshold": threshold,
        "same_position": not across,
        "supernodes": [each.model_dump(mode="json") for each in found.supernodes],
        "output": None if output is None else relative(output),
    }
    emit(content, as_json, lambda: show_supernodes(found.supernodes, output))


def _open(file: Path) -> "AttributionGraph":
    """Read a file; what had to be told apart in it is told on standard error."""
    from harness.graphs.error_ids import open_graph
    from harness.report.wording import counted

    opened = open_graph(file)
    if opened.renamed:
        typer.echo(
            f"{file}: {counted(len(opened.renamed), 'error node')} bore the id of a feature and "
            f"got a new one; {counted(opened.ambiguous, 'link')} could be of either and kept the "
            "feature's",
            err=True,
        )
    return opened.graph


def _count(found: "Sequence[Finding]", severity: str) -> int:
    return sum(each.severity == severity for each in found)
