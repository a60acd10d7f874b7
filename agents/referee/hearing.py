"""Ask all members at once, keep each answer as it comes, and write what the panel says.

An answer that is stored for the very same question is not asked for again.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from agents.referee.asking import ModelReferee, Referee
from agents.referee.dossier import Dossier, dossier
from agents.referee.page import panel_page
from agents.referee.panel import FindingShown, Panel, Subject, panel
from agents.referee.panel_spec import PanelSpec
from agents.referee.prompt import Prompt
from agents.referee.transcript import Transcript
from harness.plain_text import plain
from harness.record import HarnessError, write_text

if TYPE_CHECKING:
    from harness.replication import Replication
    from harness.review.finding import Finding

Progress = Callable[[str, int, int], None]
"""Told of a member, 0 or 1 answers, of 1."""


def hear(
    replication: "Replication",
    spec: PanelSpec,
    findings: Sequence["Finding"],
    output: Path,
    *,
    again: bool,
    progress: Progress,
) -> Panel:
    """Write panel.json, panel.md and transcripts/MEMBER.json under `output`, nothing elsewhere.

    Raises `HarnessError` for an `output` inside the replication, a missing key or SDK, or a
    replication without a judged claim.
    """
    if output.resolve().is_relative_to(replication.root):
        raise HarnessError(f"{output}: inside the replication; opinions are kept outside of it")
    asked = dossier(replication, findings, characters=spec.dossier_characters)
    stored = {} if again else _stored(spec, asked, output)
    referees = {
        member.id: ModelReferee(member, spec) for member in spec.members if member.id not in stored
    }
    for member in spec.members:
        progress(member.id, int(member.id in stored), 1)
    transcripts = {**stored, **asyncio.run(_ask_all(referees, asked, output, progress))}
    verdicts = [each for each in replication.verdicts() if each.claim in asked.claims]
    subject = Subject(asked.replication, asked.left_out, verdicts, _shown(findings))
    result = panel(subject, [transcripts[member.id] for member in spec.members])
    result.dump(output / "panel.json")
    write_text(output / "panel.md", panel_page(result))
    return result


async def _ask_all(
    referees: Mapping[str, Referee], asked: Dossier, output: Path, progress: Progress
) -> dict[str, Transcript]:
    """Each answer is on disk before the next is waited for; being stopped loses only the others."""
    found: dict[str, Transcript] = {}
    for answered in asyncio.as_completed([each.ask(asked) for each in referees.values()]):
        transcript = await answered
        member = transcript.member.id
        found[member] = transcript
        transcript.dump(_transcript_file(output, member))
        progress(member, 1, 1)
    return found


def _stored(spec: PanelSpec, asked: Dossier, output: Path) -> dict[str, Transcript]:
    """Valid answers to this very question. Raises `HarnessError` for a file that is damaged."""
    prompt = Prompt.about(asked)
    found: dict[str, Transcript] = {}
    for member in spec.members:
        path = _transcript_file(output, member.id)
        if path.is_file():
            transcript = Transcript.load(path)
            if transcript.answers(member, asked.text_digest, prompt.digest):
                found[member.id] = transcript
    return found


def _transcript_file(output: Path, member: str) -> Path:
    return output / "transcripts" / f"{member}.json"


def _shown(findings: Sequence["Finding"]) -> list[FindingShown]:
    return [
        FindingShown(
            rule=plain(each.rule),
            severity=each.severity,
            place=plain(each.place),
            message=plain(each.message),
        )
        for each in findings
    ]
