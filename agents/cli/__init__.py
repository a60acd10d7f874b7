"""`harness agent …`: agents that replicate, language models that referee.

The `harness` package finds these commands by their entry point and imports nothing of them itself.
"""

import typer

from agents.cli.campaign import drivers, replicate, status
from agents.cli.referee import review

app = typer.Typer(
    name="agent",
    help="Let a coding agent replicate a paper, or language models referee a replication.",
    no_args_is_help=True,
)
for command in (replicate, status, drivers, review):
    app.command()(command)
