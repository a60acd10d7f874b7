"""Prepare a folder for coding agents."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from harness.cli.show import JsonFlag, emit

if TYPE_CHECKING:
    from harness.skills import AgentFile


def init_agent(
    directory: Annotated[
        Path, typer.Argument(help="A checkout, or a folder of your own.", show_default="here")
    ] = Path(),
    force: Annotated[
        bool, typer.Option("--force", help="Replace skills that were edited, too.")
    ] = False,
    as_json: JsonFlag = False,
) -> None:
    """Write skills for Claude Code and Codex, and AGENTS.md and CLAUDE.md where there are none.

    A skill that was edited is left alone.
    """
    from harness.skills import write_agent_files

    done = write_agent_files(directory, force=force)
    emit({"files": [each.model_dump() for each in done]}, as_json, lambda: _show(done))


def _show(done: "list[AgentFile]") -> None:
    for each in done:
        typer.echo(f"{each.state}: {each.path}" + (f" ({each.note})" if each.note else ""))
