"""The command that packs a replication into one file, and what `rerun` says of an archive."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from harness.cli.show import JsonFlag, emit, relative

if TYPE_CHECKING:
    from collections.abc import Sequence

    from harness.archive.environment import Difference


def export(
    replication: Annotated[
        Path, typer.Argument(help="A replication's folder, replications/<paper>/<id>.")
    ],
    output: Annotated[
        Path | None, typer.Option(help="The archive.  [default: runs/<paper>-<id>.zip]")
    ] = None,
    as_json: JsonFlag = False,
) -> None:
    """Pack a finished replication, with the versions installed now, into one zip file."""
    from harness.archive.export import export as export_replication
    from harness.project import resolve_root
    from harness.replication import Replication

    opened = Replication.open(resolve_root(replication))
    path = output or Path("runs") / f"{opened.spec.paper}-{opened.spec.id}.zip"
    made = export_replication(opened, path)

    def show() -> None:
        typer.echo(
            f"archive: {relative(path)} ({made.members} files, {made.bytes / 2**20:.1f} MiB)"
        )
        for name in made.left_out:
            typer.echo(f"left out: {name}")
        show_versions(made.measured_otherwise, "measured with", "locked")

    emit({"archive": relative(path), **made.model_dump(mode="json")}, as_json, show)


def show_versions(differences: "Sequence[Difference]", theirs: str, ours: str) -> None:
    """Print each version that is not the same, on standard error."""
    for each in differences:
        here = each.here or "not installed"
        typer.echo(f"{each.what}: {theirs} {each.archive}, {ours} {here}", err=True)
