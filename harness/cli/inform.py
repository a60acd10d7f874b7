"""Commands that only tell: papers, models, the state of this machine, schemas."""

import json
from pathlib import Path
from typing import Annotated

import typer

from harness.cli.show import JsonFlag, emit, table


def papers(as_json: JsonFlag = False) -> None:
    """List the papers whose claims are written down, and their replications."""
    from harness.project import find_project
    from harness.replication import load_paper, paper_ids, replication_roots

    project = find_project()
    specs = [load_paper(project, paper) for paper in paper_ids(project)]
    rows = [
        {
            "paper": spec.id,
            "title": spec.title,
            "claims": len(spec.claims),
            "replications": [root.name for root in replication_roots(project, spec.id)],
        }
        for spec in specs
    ]
    emit(rows, as_json, lambda: table(rows))


def models(
    tier: Annotated[str | None, typer.Option(help="local, small, medium or large.")] = None,
    as_json: JsonFlag = False,
) -> None:
    """List the models that can be named; also hf:ORG/NAME[@revision] and path:DIRECTORY."""
    from harness.models import registry

    found = registry.tier(tier) if tier else registry.entries()
    rows = [
        {
            "model": entry.id,
            "tier": entry.tier,
            "source": entry.source,
            "float32 GiB": entry.memory_gib,
            "note": entry.note,
        }
        for entry in found
    ]
    emit(rows, as_json, lambda: table(rows))


def doctor(as_json: JsonFlag = False) -> None:
    """Say whether this machine is ready: disk, memory, packages, device, credentials by name."""
    from harness.doctor import examine_machine

    findings = examine_machine()
    rows = [finding.model_dump() for finding in findings]
    emit(rows, as_json, lambda: table(rows))
    if any(finding.state == "broken" for finding in findings):
        raise typer.Exit(1)


def schema(
    directory: Annotated[Path | None, typer.Option(help="Write both schemas there.")] = None,
) -> None:
    """Print, as one JSON document, or write the JSON Schemas of paper.yaml and replication.yaml."""
    from harness.record import write_text
    from harness.schemas import schemas

    if directory is None:
        typer.echo(json.dumps(schemas(), indent=2, sort_keys=True))
        return
    for name, content in schemas().items():
        write_text(directory / name, json.dumps(content, indent=2, sort_keys=True) + "\n")
