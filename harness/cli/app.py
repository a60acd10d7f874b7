"""The commands and what they have in common: errors, exit codes, `--json`."""

import json
import sys
from typing import Annotated, NoReturn, cast

import typer

from harness.cli import (
    archive,
    bench,
    compare,
    explorer,
    features,
    graph,
    importing,
    inform,
    look,
    perform,
    publish,
    review,
    trace,
    transcoders,
)
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
    compare.compare,
    archive.export,
    review.review,
    publish.publish,
    look.lens,
    look.attend,
    look.patch,
    look.probe,
    look.steer,
    trace.trace,
    trace.change,
):
    app.command()(command)
app.command("import")(importing.import_)
app.add_typer(bench.app)
app.add_typer(graph.app)
app.add_typer(transcoders.app)
app.add_typer(features.app)
app.add_typer(explorer.app)


UsageError = cast("type[typer.BadParameter]", typer.BadParameter.__bases__[0])
"""Click's UsageError, which typer carries under a name that depends on its version."""
STOPPED = 130


def _show_version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        typer.echo(version("interp-replication-harness"))
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool,
        typer.Option("--version", help="Show the version.", is_eager=True, callback=_show_version),
    ] = False,
) -> None: ...


def main() -> None:
    """Run a command of `harness`."""
    run_command(app, stopped="the same command goes on from here")


def run_command(commands: typer.Typer, *, stopped: str) -> NoReturn:
    """Run what the arguments name; mistakes of the user end with their text and exit code 2.

    `stopped` says what the same command does after it was interrupted.
    """
    try:
        code = commands(standalone_mode=False)
    except HarnessError as error:
        typer.echo(f"error: {error}", err=True)
        _fail(str(error))
    except UsageError as error:
        error.show()
        _fail(error.format_message())
    except (KeyboardInterrupt, typer.Abort):
        code = STOPPED
    if code == STOPPED:
        typer.echo(f"stopped; {stopped}", err=True)
    sys.exit(code)


def _fail(message: str) -> NoReturn:
    if "--json" in sys.argv:
        typer.echo(json.dumps({"error": message.splitlines()}, ensure_ascii=False))
    sys.exit(2)
