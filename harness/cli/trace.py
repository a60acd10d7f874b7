"""`harness trace` and `harness change`: a prompt's attribution graph, and interventions on it."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from harness.cli.picture import Device, Model, open_model, picture_path
from harness.cli.show import JsonFlag, bars, emit, relative, table

if TYPE_CHECKING:
    from harness.graphs.findings import Finding
    from harness.oneline.change import Changed
    from harness.oneline.trace import TracedPrompt

Prompt = Annotated[str, typer.Argument(help="Text that the model reads.")]
Transcoders = Annotated[
    str | None,
    typer.Option(
        help="A name from `harness transcoders list`, hf:ORG/NAME or path:DIR.  "
        "[default: the first that is for the model]"
    ),
]


def trace(
    model: Model,
    prompt: Prompt,
    transcoders: Transcoders = None,
    max_features: Annotated[int, typer.Option(min=1, help="Feature nodes attributed.")] = 1000,
    node_threshold: Annotated[
        float, typer.Option(min=0.01, max=1, help="Share of the influence that is kept.")
    ] = 0.8,
    edge_threshold: Annotated[float, typer.Option(min=0.01, max=1)] = 0.98,
    output: Annotated[
        Path | None, typer.Option(help="The graph file.  [default: runs/trace-<prompt>.json]")
    ] = None,
    device: Device = "auto",
    as_json: JsonFlag = False,
) -> None:
    """Trace a prompt: write its attribution graph and a page to look at it.

    Needs transcoders of the model; those that a recipe names are trained first where they never
    were.
    """
    ref = transcoders or _default_set(model)
    opened = open_model(model, device, "float32")
    from harness.circuits.attributing import Pruning
    from harness.graphs.attribution_graph import write_graph
    from harness.graphs.viewer import write_page
    from harness.oneline.provenance import provenance_of
    from harness.oneline.trace import trace_prompt
    from harness.transcoders.sets import load_set

    file = output or picture_path("trace", prompt).with_suffix(".json")
    with bars(quiet=as_json) as progress:
        found = load_set(ref, device=device, progress=progress)
    pruning = Pruning(max_features, node_threshold, edge_threshold)
    traced = trace_prompt(opened.lm, found, prompt, pruning, slug=file.stem)
    write_graph(traced.graph, file)
    page = file.with_suffix(".html")
    write_page(traced.graph.to_json(), page)
    provenance = provenance_of(opened.lm, seed=None, seconds=opened.seconds)
    content = {
        **traced.numbers.model_dump(mode="json"),
        "graph": relative(file),
        "page": relative(page),
        "provenance": provenance.model_dump(mode="json"),
    }
    emit(content, as_json, lambda: _show_graph(traced.numbers, file, page))
    if any(each.severity == "error" for each in traced.numbers.findings):
        raise typer.Exit(1)


def change(
    model: Model,
    prompt: Prompt,
    transcoders: Transcoders = None,
    set_: Annotated[
        list[str] | None,
        typer.Option("--set", help="LAYER/LATENT@POSITION=VALUE; may be repeated."),
    ] = None,
    scale: Annotated[
        list[str] | None, typer.Option(help="LAYER/LATENT@POSITION=FACTOR; may be repeated.")
    ] = None,
    ablate: Annotated[
        list[str] | None, typer.Option(help="LAYER/LATENT@POSITION; may be repeated.")
    ] = None,
    supernode: Annotated[
        list[str] | None, typer.Option(help="NAME=FACTOR, of --graph; may be repeated.")
    ] = None,
    graph: Annotated[
        Path | None, typer.Option(help="A graph file whose supernodes are named.")
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="Draws the random latents.")] = 0,
    device: Device = "auto",
    as_json: JsonFlag = False,
) -> None:
    """Set, scale or ablate latents on a prompt, and see what the model then says.

    In the replacement model, whose attention is frozen, and in the original one, beside random
    latents of equal activation. A latent need not be in any graph; position 0 is the start token.
    """
    ref = transcoders or _default_set(model)
    opened = open_model(model, device, "float32")
    from harness.oneline.change import Wanted, change_prompt
    from harness.oneline.provenance import provenance_of
    from harness.record import HarnessError
    from harness.transcoders.sets import CrossLayerSet, load_set

    with bars(quiet=as_json) as progress:
        found = load_set(ref, device=device, progress=progress)
    if isinstance(found, CrossLayerSet):
        raise HarnessError(f"{ref} writes across layers; give a set with one transcoder a layer")
    wanted = Wanted(set_ or (), scale or (), ablate or (), supernode or (), graph)
    changed = change_prompt(opened.lm, found, prompt, wanted, seed=seed)
    provenance = provenance_of(opened.lm, seed=seed, seconds=opened.seconds)
    content = {
        **changed.model_dump(mode="json"),
        "provenance": provenance.model_dump(mode="json"),
    }
    emit(content, as_json, lambda: _show_change(changed))


def _default_set(model: str) -> str:
    from harness.record import HarnessError
    from harness.specs.circuit_tracing import fitting
    from harness.specs.transcoders import RECIPES

    own = fitting(model)
    if not own:
        choices = ", ".join(sorted(RECIPES))
        raise HarnessError(f"no transcoders are for {model}; give --transcoders: {choices}, …")
    return own[0].id


def _show_graph(found: "TracedPrompt", file: Path, page: Path) -> None:
    likely = ", ".join(f"{token!r} {chance:.0%}" for token, chance in found.outputs.items())
    typer.echo(f"next: {likely}")
    typer.echo(
        f"{found.nodes} nodes, {found.links} links of {found.active_features} active features; "
        f"replacement score {found.replacement_score:.2f}, completeness "
        f"{found.completeness_score:.2f}; {found.attribution_seconds:.1f} s, "
        f"{found.peak_memory_mib:.0f} MiB"
    )
    table(
        [
            {
                "token": repr(node.token),
                "position": node.position,
                "layer": node.layer,
                "latent": node.latent,
                "activation": f"{node.activation:.2f}",
                "influence": f"{node.influence:.4f}",
            }
            for node in found.top
        ]
    )
    _show_findings(found.findings)
    typer.echo(f"graph: {relative(file)}")
    typer.echo(f"page: {relative(page)}")


def _show_findings(findings: "tuple[Finding, ...]") -> None:
    for each in findings:
        typer.echo(f"{each.severity}: {each.where}: {each.message}", err=True)


def _show_change(found: "Changed") -> None:
    table([each.model_dump() for each in found.changes])
    table(
        [
            {
                "model": said.run,
                "changed": said.changed,
                "next": ", ".join(f"{t!r} {p:.1%}" for t, p in list(said.tokens.items())[:5]),
            }
            for said in found.said
        ]
    )
