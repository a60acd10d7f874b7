"""`harness features`: what the features of transcoders respond to, one by one and side by side."""

import re
from pathlib import Path
from time import perf_counter
from typing import Annotated, Literal

import typer

from harness.cli.feature_material import Asked, Material, load_sets, open_material
from harness.cli.feature_tables import show_comparison, show_feature, show_rows
from harness.cli.picture import Device, Dtype
from harness.cli.show import JsonFlag, bars, emit, relative

app = typer.Typer(
    name="features",
    help="Look at features of transcoders: examples, densities, logits, and two side by side.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
)

Set = Annotated[
    str, typer.Argument(metavar="SET", help="Transcoders: a recipe, hf:ORG/NAME or path:DIR.")
]
Place = Annotated[str, typer.Argument(metavar="LAYER/INDEX", help="A feature, such as 12/345.")]
CorpusOption = Annotated[
    str,
    typer.Option(
        help="own (what the set was trained on; package_text where that is not known), "
        "package_text, or a file with a text a line."
    ),
]
Tokens = Annotated[int, typer.Option(min=1, help="To read of own or package_text, about.")]
ModelOption = Annotated[
    str | None, typer.Option(help="The set's language model.  [default: the one it names]")
]
_TOKENS = 100_000


@app.callback()
def _group() -> None: ...


@app.command()
def show(
    transcoders: Set,
    layer: Annotated[int, typer.Option(min=0, help="Of the feature.")],
    index: Annotated[int, typer.Option(min=0, help="Of the feature within its layer.")],
    corpus: CorpusOption = "own",
    tokens: Tokens = _TOKENS,
    model: ModelOption = None,
    device: Device = "auto",
    dtype: Dtype = "float32",
    output: Annotated[
        Path | None,
        typer.Option(help="Where the page goes; else runs/feature-<set>-<layer>-<index>.html."),
    ] = None,
    as_json: JsonFlag = False,
) -> None:
    """Show one feature: how often it fires, on what, and which tokens it raises."""
    began = perf_counter()
    from harness.features.chosen import choose
    from harness.features.dashboards import dashboards
    from harness.features.layers import layers_of
    from harness.features.page.pages import feature_page
    from harness.record import write_text

    with bars(quiet=as_json) as progress:
        sets = load_sets([transcoders], device, progress)
        chosen = choose(layers_of(sets[0]), layer, [index])
        asked = Asked(model, corpus, tokens, device, dtype)
        opened = open_material(sets, asked, began, progress)
        (found,) = dashboards(opened.lm, sets[0], opened.corpus, [chosen], progress=progress)
    page = output or Path("runs") / f"feature-{_slug(transcoders)}-{layer}-{index}.html"
    write_text(page, feature_page(found))
    content = {**found.model_dump(mode="json"), **_closing(opened, page)}
    emit(content, as_json, lambda: show_feature(found, page, perf_counter() - began))


@app.command()
def build(
    transcoders: Set,
    output: Annotated[Path, typer.Option(help="Folder of the files, the pages and their list.")],
    layers: Annotated[str | None, typer.Option(help="Such as 0-3,7.  [default: all]")] = None,
    indices: Annotated[
        str | None, typer.Option(help="Of each layer, such as 0-99.  [default: all]")
    ] = None,
    naming: Annotated[
        Literal["layer", "cantor"],
        typer.Option(
            help="layer: 3/17.json; cantor: 227.json, where pages of attribution graphs look."
        ),
    ] = "layer",
    corpus: CorpusOption = "own",
    tokens: Tokens = _TOKENS,
    model: ModelOption = None,
    device: Device = "auto",
    dtype: Dtype = "float32",
    as_json: JsonFlag = False,
) -> None:
    """Write dashboards of many features: a JSON file and a page each, and a list of them."""
    began = perf_counter()
    from harness.features.chosen import choose, parse_numbers
    from harness.features.dashboards import dashboards
    from harness.features.layers import layers_of
    from harness.features.writing import write_dashboards

    with bars(quiet=as_json) as progress:
        sets = load_sets([transcoders], device, progress)
        of_layer = layers_of(sets[0])
        wanted = range(len(of_layer)) if layers is None else parse_numbers(layers)
        of_each = None if indices is None else parse_numbers(indices)
        chosen = [choose(of_layer, layer, of_each) for layer in wanted]
        opened = open_material(sets, Asked(model, corpus, tokens, device, dtype), began, progress)
        found = dashboards(opened.lm, sets[0], opened.corpus, chosen, progress=progress)
        total = sum(len(each.indices) for each in chosen)
        rows = write_dashboards(found, output, naming=naming, total=total, progress=progress)
    content = {
        "features": len(rows),
        "silent": sum(row.highest is None for row in rows),
        "folder": relative(output),
        **_closing(opened, output / "index.html"),
    }
    emit(content, as_json, lambda: show_rows(rows, output / "index.html", perf_counter() - began))


@app.command()
def compare(
    left_set: Set,
    left: Place,
    right_set: Set,
    right: Place,
    output: Annotated[
        Path, typer.Option(help="Where the page goes; the JSON goes beside it.")
    ] = Path("runs/compare-features.html"),
    corpus: CorpusOption = "own",
    tokens: Tokens = _TOKENS,
    model: ModelOption = None,
    device: Device = "auto",
    dtype: Dtype = "float32",
    as_json: JsonFlag = False,
) -> None:
    """Compare two features on one corpus, side by side; both sets are of one language model."""
    began = perf_counter()
    from harness.features.chosen import parse_place
    from harness.features.comparing import Side
    from harness.features.comparing import compare as measure
    from harness.features.page.pages import compare_page
    from harness.record import write_text

    if output.suffix == ".json":
        raise typer.BadParameter("--output is the page's; the JSON goes beside it as *.json")
    places = (parse_place(left), parse_place(right))
    with bars(quiet=as_json) as progress:
        sets = load_sets([left_set, right_set], device, progress)
        opened = open_material(sets, Asked(model, corpus, tokens, device, dtype), began, progress)
        one, other = (Side(each, place) for each, place in zip(sets, places, strict=True))
        found = measure(opened.lm, one, other, opened.corpus, progress=progress)
    write_text(output, compare_page(found))
    found.write(output.with_suffix(".json"))
    content = {**found.model_dump(mode="json"), **_closing(opened, output)}
    emit(content, as_json, lambda: show_comparison(found, output, perf_counter() - began))


def _closing(opened: Material, page: Path) -> dict[str, object]:
    """What a JSON document ends with."""
    from harness.oneline.provenance import provenance_of

    seconds = perf_counter() - opened.began
    provenance = provenance_of(opened.lm, seed=None, seconds=seconds)
    return {"page": relative(page), "provenance": provenance.model_dump(mode="json")}


def _slug(ref: str) -> str:
    return re.sub(r"\W+", "-", ref.removeprefix("path:").rstrip("/").rpartition("/")[2]).strip("-")
