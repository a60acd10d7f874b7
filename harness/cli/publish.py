"""Propose a replication or a paper: one commit, a branch, a pull request."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from harness.cli.show import JsonFlag, bars, emit

if TYPE_CHECKING:
    from harness.publish import Published, Request

Folder = Annotated[
    Path,
    typer.Argument(
        help="A replication's folder, replications/<paper>/<id>, or a paper's, papers/<paper>."
    ),
]
RemoteName = Annotated[
    str, typer.Option(help="Remote of the repository that the pull request goes to.")
]
Base = Annotated[
    str | None,
    typer.Option(help="Branch that it goes into.  [default: the remote's default branch]"),
]
Fork = Annotated[
    str | None,
    typer.Option(help="Push to the remote of this owner's fork instead.", metavar="OWNER"),
]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Say what each step does; write nothing.")]
Patch = Annotated[
    bool, typer.Option("--patch", help="Write the text and a patch to send; push nothing.")
]


def publish(
    folder: Folder,
    remote: RemoteName = "origin",
    base: Base = None,
    fork: Fork = None,
    dry_run: DryRun = False,
    patch: Patch = False,
    as_json: JsonFlag = False,
) -> None:
    """Propose a reviewed replication, or a frozen paper: one commit, a branch, a pull request.

    Safe to repeat. With `--base paper/PAPER` a replication goes on top of a paper that is proposed.

    The pull request is opened with GITHUB_TOKEN, else through gh, else its files are written.
    """
    from harness.publish import Request

    request = Request(remote=remote, base=base, fork=fork, dry_run=dry_run, patch=patch)
    done = _publish(folder, request, as_json)
    emit(done.model_dump(mode="json"), as_json, lambda: _show(done))


def _publish(folder: Path, request: "Request", as_json: bool) -> "Published":
    from harness.project import resolve_root
    from harness.publish import RemoteError, publish_paper
    from harness.publish import publish as publish_replication
    from harness.replication import Replication

    root = resolve_root(folder).resolve()
    try:
        with bars(quiet=as_json) as progress:
            if root.parent.name == "papers" and root.parents[1].name != "replications":
                return publish_paper(root.parents[1], root.name, request, progress=progress)
            return publish_replication(Replication.open(root), request, progress=progress)
    except RemoteError as error:
        if as_json:
            typer.echo(json.dumps({"error": [str(error)]}, ensure_ascii=False))
        typer.echo(f"failed: {error}", err=True)
        raise typer.Exit(1) from error


def _show(done: "Published") -> None:
    for step in done.steps:
        typer.echo(f"{step.name}: {step.said}")
    for name in done.left_out:
        typer.echo(f"left out, for git ignores it: {name}", err=True)
    for line in filter(None, (done.url, *done.files)):
        typer.echo(line)
    if done.outcome == "dry run":
        typer.echo("nothing was written; without --dry-run it is")
