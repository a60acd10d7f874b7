"""What a referee reads of one replication: its records as JSON, cut to a budget by a stated rule.

A pure function of the replication and of what a review found. The free text of a report is never
part of it; every number comes from a record, every text from outside is made plain and short.
"""

import json
from collections.abc import Callable, Sequence
from hashlib import sha256
from typing import TYPE_CHECKING

from pydantic import JsonValue

from agents.referee import sections
from harness.record import HarnessError, Record

if TYPE_CHECKING:
    from harness.replication import Replication
    from harness.review.finding import Finding

_JUDGED = ("replicated", "partial", "not_replicated", "inconclusive")
_BY_SEVERITY = {"blocker": 0, "warning": 1, "note": 2}


class Dossier(Record):
    """The text that is asked about, and which claims must be answered for."""

    replication: str
    claims: tuple[str, ...]
    """Ids of the judged claims, in the paper's order."""
    text: str
    left_out: dict[str, int]
    """Entries that did not fit, by section."""

    @property
    def text_digest(self) -> str:
        """SHA-256 of the text: two replications that read alike have one digest."""
        return sha256(self.text.encode()).hexdigest()


def dossier(
    replication: "Replication", findings: Sequence["Finding"], *, characters: int
) -> Dossier:
    """The dossier of at most `characters`.

    Judged claims and the method are always in it. Then, as far as they fit and in this order:
    review findings by severity, claimed tables, claims that were not judged.
    Raises `HarnessError` where no claim was judged, or where the budget is too small for the first.
    """
    from harness.report.comparison import comparisons
    from harness.report.material import Material

    material = Material(
        paper=replication.paper,
        spec=replication.spec,
        measurements=replication.measurements(),
        verdicts=replication.verdicts(),
        manifest=replication.manifest(),
        failures=replication.failures(),
    )
    pairs = list(zip(material.paper.claims, material.verdicts, strict=True))
    judged = [pair for pair in pairs if pair[1].outcome in _JUDGED]
    if not judged:
        raise HarnessError(f"{replication.name}: no claim is judged; run the replication first")
    core: dict[str, JsonValue] = {
        "paper": sections.paper(material),
        "asked": [claim.id for claim, _ in judged],
        "claims": [sections.judged(material, *pair) for pair in judged],
        "metrics": sections.metrics(material, [claim for claim, _ in judged]),
        "method": sections.method(material),
    }
    ordered = sorted(findings, key=lambda each: _BY_SEVERITY[each.severity])
    extras: dict[str, list[JsonValue]] = {
        "review": [sections.finding(each) for each in ordered],
        "tables": [sections.table(each) for each in comparisons(material)],
        "other_claims": [sections.unjudged(*pair) for pair in pairs if pair not in judged],
    }
    text, left_out = _cut(core, extras, characters, replication.name)
    claims = tuple(claim.id for claim, _ in judged)
    return Dossier(replication=replication.name, claims=claims, text=text, left_out=left_out)


def _cut(
    core: dict[str, JsonValue], extras: dict[str, list[JsonValue]], characters: int, name: str
) -> tuple[str, dict[str, int]]:
    """Take from each section in turn as many entries, from its first, as fit."""
    kept: dict[str, list[JsonValue]] = {section: [] for section in extras}

    def text() -> str:
        counts: dict[str, JsonValue] = {**_left_out(kept, extras)}
        return json.dumps({**core, **kept, "left_out": counts}, ensure_ascii=False, indent=1)

    if len(text()) > characters:
        raise HarnessError(
            f"dossier_characters: {characters:,} are too few for the judged claims of {name}, "
            f"which take {len(text()):,}"
        )
    for section, entries in extras.items():

        def fits(count: int, section: str = section, entries: list[JsonValue] = entries) -> bool:
            kept[section] = entries[:count]
            return len(text()) <= characters

        fits(_most(len(entries), fits))
    return text(), _left_out(kept, extras)


def _left_out(
    kept: dict[str, list[JsonValue]], extras: dict[str, list[JsonValue]]
) -> dict[str, int]:
    return {
        section: len(entries) - len(kept[section])
        for section, entries in extras.items()
        if len(entries) > len(kept[section])
    }


def _most(count: int, fits: Callable[[int], bool]) -> int:
    """The largest number up to `count` that fits, by halving; 0 is known to fit."""
    low, high = 0, count
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if fits(middle) else (low, middle - 1)
    return low
