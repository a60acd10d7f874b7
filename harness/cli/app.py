"""The commands and what they have in common: errors, exit codes, `--json`."""

import json
import sys
from typing import Annotated

import typer

from harness.cli import inform, perform
from harness.record import HarnessError

app = typer.Typer(
    name="harness",
    help="Replicate the claims of mechanistic-interpretability papers and judge them.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

for command in (
    inform.papers,
    inform.models,
    inform.doctor,
    inform.schema,
    perform.new,
    perform.check,
    perform.run,
    perform.judge,
    perform.report,
    perform.replicate,
    perform.rerun,
):
    app.command()(command)


@app.callback()
def _version(
    version: Annotated[bool, typer.Option("--version", help="Show the version.")] = False,
) -> None:
    if version:
        from importlib.metadata import version as installed

        typer.echo(installed("interp-replication-harness"))
        raise typer.Exit


def main() -> None:
    """Run a command; mistakes of the user end with their text and exit code 2."""
    try:
        app()
    except HarnessError as error:
        if "--json" in sys.argv:
            typer.echo(json.dumps({"error": str(error).splitlines()}))
        typer.echo(f"error: {error}", err=True)
        sys.exit(2)
    except KeyboardInterrupt:
        typer.echo("stopped; the same command goes on from here", err=True)
        sys.exit(130)
