"""`harness explorer`: the site of all replications, and handing one in to Neuronpedia."""

from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated

import typer

from harness.cli.show import JsonFlag, bars, emit, relative

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pydantic import HttpUrl

    from harness.explorer.build import Built
    from harness.explorer.entry import ExplorerEntry
    from harness.explorer.submit import Submitted

app = typer.Typer(
    name="explorer",
    help="Build and serve the site of all replications; hand one in to Neuronpedia.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
)
Replications = Annotated[
    Path | None,
    typer.Option(help="A folder with <paper>/<id> below.  [default: the project's replications/]"),
]
Repository = Annotated[
    str | None, typer.Option(help="Web address of the source repository, for links to it.")
]
SkipBroken = Annotated[
    bool, typer.Option("--skip-broken", help="List what cannot be read instead of stopping.")
]


@app.command()
def build(
    output: Annotated[
        Path, typer.Option(help="The site's folder; an earlier site there is replaced.")
    ] = Path("runs/site"),
    replications: Replications = None,
    repository: Repository = None,
    skip_broken: SkipBroken = False,
    as_json: JsonFlag = False,
) -> None:
    """Build a static site of every replication: search, papers, claims × models, files, feed."""
    built = _build(output, replications, repository, skip_broken=skip_broken, quiet=as_json)
    content = {
        "site": relative(output / "index.html"),
        "papers": built.papers,
        "replications": built.replications,
        "files": built.files,
        "skipped": [each.model_dump() for each in built.skipped],
    }

    def show() -> None:
        typer.echo(f"site: {content['site']}")
        typer.echo(f"{built.papers} papers, {built.replications} replications, {built.files} files")

    emit(content, as_json, show)
    _say_skipped(built)


@app.command()
def serve(
    port: Annotated[int, typer.Option(min=0, max=65535, help="0 takes one that is free.")] = 8000,
    output: Annotated[
        Path | None, typer.Option(help="The site's folder.  [default: one that goes at the end]")
    ] = None,
    replications: Replications = None,
    repository: Repository = None,
    skip_broken: SkipBroken = False,
    as_json: JsonFlag = False,
) -> None:
    """Build the site and serve it on 127.0.0.1 alone, until Ctrl-C."""
    from harness.explorer.serve import address, serving

    with ExitStack() as stack:
        folder = output or Path(stack.enter_context(TemporaryDirectory())) / "site"
        built = _build(folder, replications, repository, skip_broken=skip_broken, quiet=as_json)
        _say_skipped(built)
        server = stack.enter_context(serving(folder, port))
        where = address(server)
        emit({"address": where}, as_json, lambda: typer.echo(f"{where} (Ctrl-C ends it)"))
        try:
            server.serve_forever(poll_interval=0.1)
        except KeyboardInterrupt:
            typer.echo("ended", err=True)


@app.command()
def submit(
    replication: Annotated[Path, typer.Argument(help="A replication's folder.")],
    url: Annotated[
        str, typer.Option(help="Web address of the published replication, the entry's main link.")
    ],
    yes: Annotated[bool, typer.Option("--yes", help="Send it; else only show it.")] = False,
    as_json: JsonFlag = False,
) -> None:
    """Show what goes to Neuronpedia's explorer for a replication; with --yes, send it.

    The key is read from NEURONPEDIA_API_KEY, the service's address from NEURONPEDIA_URL.
    Exit code 1: the paper has no node there to be related to, or the service did not do its part.
    """
    entry = _entry(replication, url)
    if not yes:
        content = {"sent": False, **_bodies(entry)}
        emit(content, as_json, lambda: _show_bodies(content))
        return
    done = _send(entry, as_json)
    relations = [each._asdict() for each in done.relations]
    told = {"sent": True, "node": done.node, "outcome": done.outcome, "relations": relations}
    emit(told, as_json, lambda: _show_submitted(done))
    if not done.whole:
        raise typer.Exit(1)


def _build(
    output: Path,
    replications: Path | None,
    repository: str | None,
    *,
    skip_broken: bool,
    quiet: bool,
) -> "Built":
    from harness.explorer.build import build_site

    with bars(quiet=quiet) as progress:
        return build_site(
            _roots(replications),
            output,
            repository=_web_address("--repository", repository) if repository else None,
            skip_broken=skip_broken,
            progress=progress,
        )


def _roots(replications: Path | None) -> "Sequence[Path]":
    from harness.project import find_project
    from harness.record import HarnessError
    from harness.replication import replication_roots

    if replications is None:
        return replication_roots(find_project())
    if not replications.is_dir():
        raise HarnessError(f"{replications}: no such folder")
    return sorted(path.parent for path in replications.resolve().glob("*/*/replication.yaml"))


def _web_address(option: str, text: str) -> "HttpUrl":
    from pydantic import HttpUrl, TypeAdapter, ValidationError

    from harness.record import HarnessError

    try:
        return TypeAdapter(HttpUrl).validate_python(text)
    except ValidationError as error:
        raise HarnessError(f"{option}: {text!r} is no web address (https://…)") from error


def _say_skipped(built: "Built") -> None:
    for each in built.skipped:
        typer.echo(f"skipped: {each.folder}: {each.why}", err=True)


def _entry(replication: Path, url: str) -> "ExplorerEntry":
    from harness.explorer.collect import published_entry
    from harness.project import resolve_root

    return published_entry(resolve_root(replication), main_url=str(_web_address("--url", url)))


def _bodies(entry: "ExplorerEntry") -> dict[str, object]:
    """What is sent; the ids of both ends of an edge are found at the service by address."""
    from harness.explorer.neuronpedia import body_of

    edges = [{"type": each.type, "target": str(each.targetMainUrl)} for each in entry.edges]
    return {"node/new": body_of(entry.node), "edge/new": edges}


def _show_bodies(content: dict[str, object]) -> None:
    import json

    typer.echo(json.dumps(content, indent=2, ensure_ascii=False))
    typer.echo("nothing was sent; --yes sends it", err=True)


def _send(entry: "ExplorerEntry", as_json: bool) -> "Submitted":
    import json
    import os

    from harness.explorer.neuronpedia import BASE, Neuronpedia, ServiceError
    from harness.explorer.submit import submit as hand_in
    from harness.record import HarnessError

    key = os.environ.get("NEURONPEDIA_API_KEY", "")
    if not key:
        raise HarnessError("NEURONPEDIA_API_KEY: not set; a key stands in the service's settings")
    service = Neuronpedia(os.environ.get("NEURONPEDIA_URL", BASE), key)
    try:
        return hand_in(entry, service)
    except ServiceError as error:
        if as_json:
            typer.echo(json.dumps({"error": [str(error)]}, ensure_ascii=False))
        typer.echo(f"failed: {error}", err=True)
        raise typer.Exit(1) from error


def _show_submitted(done: "Submitted") -> None:
    typer.echo(f"node {done.node}: {done.outcome}")
    for each in done.relations:
        typer.echo(f"{each.type} {each.target}: {each.outcome}")
