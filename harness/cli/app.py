"""The commands and what they have in common: errors, exit codes, `--json`."""

import json
import sys
from importlib.metadata import entry_points
from typing import Annotated, NoReturn, cast

import typer

from harness.cli import (
    archive,
    autoresearch,
    bench,
    claims,
    compare,
    explorer,
    features,
    freeze,
    graph,
    importing,
    inform,
    look,
    perform,
    publish,
    review,
    skills,
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
    skills.init_agent,
    perform.new,
    freeze.freeze,
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
app.add_typer(claims.app)
app.add_typer(autoresearch.app)


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


def main() -> NoReturn:
    """Run what the arguments name; mistakes of the user end with their text and exit code 2."""
    try:
        code = whole_app()(standalone_mode=False)
    except HarnessError as error:
        typer.echo(f"error: {error}", err=True)
        _fail(str(error))
    except UsageError as error:
        error.show()
        _fail(error.format_message())
    except (KeyboardInterrupt, typer.Abort):
        code = STOPPED
    if code == STOPPED:
        typer.echo("stopped; the same command goes on from here", err=True)
    sys.exit(code)


def whole_app() -> typer.Typer:
    """With the groups of commands that other packages bring, by the entry point
    `harness.commands`; they import this package, and so are looked for late."""
    known = {group.typer_instance for group in app.registered_groups}
    for found in entry_points(group="harness.commands"):
        group = found.load()
        if group not in known:
            app.add_typer(group)
    return app


def _fail(message: str) -> NoReturn:
    if "--json" in sys.argv:
        from harness.problem_lines import problems_in

        problems = [each.model_dump(mode="json") for each in problems_in(message)]
        content = {"error": message.splitlines(), "problems": problems}
        typer.echo(json.dumps(content, ensure_ascii=False))
    sys.exit(2)
