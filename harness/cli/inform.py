"""Commands that only tell: papers, models, the state of this machine, schemas."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from harness.cli.show import JsonFlag, emit, table

if TYPE_CHECKING:
    from harness.specs.worlds import World


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
    """List the models and synthetic worlds that can be named; also hf:ORG/NAME[@revision] and
    path:DIRECTORY."""
    from harness.models import registry
    from harness.specs.worlds import WORLDS

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
    worlds = [] if tier else [_world(world) for world in WORLDS.values()]

    def show() -> None:
        table(rows)
        if worlds:
            table(worlds)

    emit({"models": rows, "worlds": worlds}, as_json, show)


def _world(world: "World") -> dict[str, object]:
    return {
        "world": world.id,
        "features": world.features,
        "hidden_dim": world.hidden_dim,
        "width": world.width,
        "l0": world.l0,
        "samples": world.samples,
        "note": world.note,
    }


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
