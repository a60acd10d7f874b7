"""`harness bench sae`: architectures of sparse autoencoders compared on a synthetic world."""

from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer

from harness.cli.picture import Device, picture_path
from harness.cli.show import JsonFlag, bars, emit, relative, table

if TYPE_CHECKING:
    from harness.oneline.bench_sae import Found
    from harness.oneline.views.bench_sae import BenchView
    from harness.worlds.world import SyntheticWorld

app = typer.Typer(
    name="bench",
    help="Benchmark methods on synthetic worlds whose truth is known.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
)


@app.callback()
def _group() -> None: ...


@app.command()
def sae(
    world: Annotated[
        str, typer.Option(help="One of `harness models`, such as synthsae-1k or synthsae-16k.")
    ] = "synthsae-2k",
    arch: Annotated[
        list[str] | None,
        typer.Option(
            help="standard, topk, batchtopk, jumprelu, gated, matryoshka_batchtopk, "
            "matching_pursuit, or MODULE:CONFIG_CLASS that is registered with SAELens; may be "
            "repeated.  [default: batchtopk]"
        ),
    ] = None,
    l0: Annotated[
        list[float] | None,
        typer.Option(help="Active latents; may be repeated.  [default: the world's own]"),
    ] = None,
    samples: Annotated[
        int | None, typer.Option(min=1, help="To train on.  [default: the world's]")
    ] = None,
    seeds: Annotated[int, typer.Option(min=1, help="SAEs of each kind: seeds 0, 1, …")] = 3,
    width: Annotated[int | None, typer.Option(help="Latents.  [default: the world's]")] = None,
    lr: Annotated[
        float | None, typer.Option(help="Learning rate of Adam.  [default: the world's]")
    ] = None,
    batch: Annotated[int, typer.Option(min=1, help="Samples a step.")] = 1024,
    eval_samples: Annotated[int, typer.Option(min=1, help="Fresh ones, to measure on.")] = 100_000,
    config: Annotated[
        list[str] | None,
        typer.Option(
            metavar="KEY=VALUE",
            help="A field of the SAELens configuration, for each --arch; may be repeated.",
        ),
    ] = None,
    leaderboard: Annotated[
        Path | None,
        typer.Option(help="Lines are added there.  [default: runs/leaderboard/<world>.jsonl]"),
    ] = None,
    again: Annotated[
        bool, typer.Option("--again", help="Train anew what stands on the leaderboard.")
    ] = False,
    device: Device = "auto",
    output: Annotated[
        Path | None,
        typer.Option(help="Where the PNG goes.  [default: runs/bench-sae-<world>.png]"),
    ] = None,
    as_json: JsonFlag = False,
) -> None:
    """Train sparse autoencoders on a synthetic world and measure them against its true features.

    Each goes on the leaderboard as soon as it is measured. Safe to stop and repeat.
    """
    began = perf_counter()
    from harness.oneline.bench_request import Request, require_settings, spec_of
    from harness.oneline.board import read_board
    from harness.specs.worlds import resolve_world

    request = Request(
        world=world,
        architectures=arch or ["batchtopk"],
        l0=l0 or (),
        samples=samples,
        seeds=seeds,
        width=width,
        learning_rate=lr,
        batch=batch,
        eval_samples=eval_samples,
        config=config or (),
    )
    spec, entry = spec_of(request), resolve_world(world)
    board = leaderboard or Path("runs/leaderboard") / f"{world}.jsonl"
    read_board(board)
    require_settings(spec, entry)
    from harness.models.device import pick_device
    from harness.oneline.bench_sae import bench_sae
    from harness.worlds.world import open_world

    chosen = pick_device(device)
    with bars(quiet=as_json) as progress:
        opened = open_world(entry, chosen, progress=progress)
        found = bench_sae(spec, opened, board, again=again, progress=progress)
    delivery = _Delivery(board, output or picture_path("bench-sae", world), began)
    _deliver(opened, found, delivery, as_json=as_json)
    if found.benched.failures:
        raise typer.Exit(1)


class _Delivery(NamedTuple):
    """Where things go, and since when."""

    board: Path
    picture: Path
    began: float


def _deliver(
    world: "SyntheticWorld", found: "Found", delivery: _Delivery, *, as_json: bool
) -> None:
    """Write the picture, then print the tables or the JSON document with its provenance."""
    from harness.oneline.published import published_saes
    from harness.oneline.views.bench_sae import view
    from harness.oneline.world_provenance import provenance_of
    from harness.record import write_bytes
    from harness.report.figures.style import png

    published = published_saes()
    shown = view(found, published)
    write_bytes(delivery.picture, png(shown.drawing))
    seconds = perf_counter() - delivery.began
    provenance = provenance_of(
        world, found.surroundings, seeds=found.benched.seeds, seconds=seconds
    )
    content = {
        **found.benched.model_dump(mode="json"),
        "published": [
            each._asdict() for each in published if each.architecture in found.benched.architectures
        ],
        "leaderboard": relative(delivery.board),
        "picture": relative(delivery.picture),
        "provenance": provenance.model_dump(mode="json"),
    }
    emit(content, as_json, lambda: _show(shown, delivery, seconds))


def _show(view: "BenchView", delivery: _Delivery, seconds: float) -> None:
    for line in view.lines:
        typer.echo(line)
    for rows in view.tables:
        table(rows)
    typer.echo(f"leaderboard: {relative(delivery.board)}")
    typer.echo(f"picture: {relative(delivery.picture)} ({seconds:.1f} s)")
