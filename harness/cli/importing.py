"""The command that takes over replications of the predecessor harness."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from harness.cli.show import JsonFlag, bars, emit, relative, table

if TYPE_CHECKING:
    from harness.experiments.context import Progress
    from harness.imports import Imported


def import_(
    source: Annotated[
        Path, typer.Argument(help="A checkout or git directory of mechinterp-replication.")
    ],
    paper: Annotated[str | None, typer.Option(help="Only of this paper.")] = None,
    repository: Annotated[
        str | None,
        typer.Option(help="https://github.com/OWNER/NAME.  [default: its remote origin]"),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="List what there is; write nothing.")
    ] = False,
    as_json: JsonFlag = False,
) -> None:
    """Take over others' replications: write specs, read their numbers, judge and report them."""
    from harness.imports import import_replications
    from harness.imports.git_source import GitSource
    from harness.project import find_project

    opened = GitSource.open(source, repository)
    found = import_replications(find_project(), opened, paper=paper, dry_run=dry_run)
    outcomes: dict[Path, dict[str, int]] = {}
    with bars(quiet=as_json) as progress:
        for done, each in enumerate(() if dry_run else found):
            progress("replications", done, len(found))
            outcomes[each.root] = _complete(each, progress)
            progress("replications", done + 1, len(found))
    rows = [(each, outcomes.get(each.root)) for each in found]
    content = [_content(each, counts) for each, counts in rows]
    emit(
        {"commit": opened.commit, "replications": content},
        as_json,
        lambda: table([_row(each, counts) for each, counts in rows]),
    )


def _complete(found: "Imported", progress: "Progress") -> dict[str, int]:
    from harness.api import complete, outcomes
    from harness.replication import Replication

    return dict(outcomes(complete(Replication.open(found.root), progress=progress).verdicts))


def _content(found: "Imported", outcomes: dict[str, int] | None) -> dict[str, object]:
    return {
        "replication": relative(found.root),
        "author": found.author,
        "model": found.model,
        "numbers": found.numbers,
        "spec": found.status,
        "outcomes": outcomes,
    }


def _row(found: "Imported", outcomes: dict[str, int] | None) -> dict[str, object]:
    """What fits on a line; a dash for verdicts where nothing was judged."""
    marks = {"replicated": "✔", "partial": "◐", "not_replicated": "✘", "inconclusive": "?"}
    counted = [f"{outcomes[kind]}{marks[kind]}" for kind in marks if outcomes and kind in outcomes]
    return {
        "replication": f"{found.root.parent.name}/{found.root.name}",
        "spec": found.status,
        "numbers": found.numbers,
        "verdicts": " ".join(counted) or None,
    }
