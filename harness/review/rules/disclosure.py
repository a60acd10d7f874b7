"""Whether a submission says what it does otherwise, what it leaves out and what failed.

Nothing that a spec names is opened: no model, no data, no folder of this machine.
"""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from harness.check.caught import caught
from harness.check.claims import claim_problems
from harness.deviations import detect, is_exact
from harness.examine import examine
from harness.expectations import Bound
from harness.measurement import Evidence
from harness.models.studied import studied
from harness.paper import Claim, PaperSpec
from harness.review.finding import Finding, Severity
from harness.review.rules.paths import shown

if TYPE_CHECKING:
    from harness.review.opened import Opened

_LONGEST = 1000
"""Characters of a line that is there to be copied."""
_UNWRITTEN = re.compile(r"\W*(todo|tbd|fixme|xxx|why)?\W*", re.IGNORECASE)


def disclosure(opened: "Opened") -> Iterator[Finding]:
    """Deviations, untested claims and crashes, each held against what is written down."""
    unknown = [
        message for spec in opened.replication.spec.experiments for message in caught(studied, spec)
    ]
    for message in unknown:
        yield _finding(opened, "unknown-model", shown(message), severity="blocker")
    if not unknown:
        yield from _deviations(opened)
        yield from _claims(opened)
    for failure in opened.replication.failures():
        message = f"experiment {failure.experiment} crashed: {failure.error}"
        yield _finding(opened, "failure", shown(message), severity="warning")


def _deviations(opened: "Opened") -> Iterator[Finding]:
    spec = opened.replication.spec
    for each in detect(opened.replication.paper.setup, spec):
        if not each.is_declared(spec.deviations):
            message = shown(f"add under `deviations`: {each.yaml.strip()}", longest=_LONGEST)
            yield _finding(opened, "undeclared", message, severity="blocker")
    for each in spec.deviations:
        if _UNWRITTEN.fullmatch(each.why):
            message = f"deviation {each.what} ({each.here}) gives no reason"
            yield _finding(opened, "no-reason", shown(message), severity="warning", at=each.here)


def _claims(opened: "Opened") -> Iterator[Finding]:
    spec = opened.replication.spec
    told: set[str] = set()
    if not any(each.model.startswith("path:") for each in spec.experiments):
        for problem in claim_problems(opened.replication):
            told.add(problem.message.split(":")[0])
            yield _finding(opened, "claim", shown(problem.message), severity="warning")
    untested = [each for each in opened.verdicts if each.outcome == "not_tested"]
    asked = {claim.id for claim in _asked(opened)} - set(spec.untested)
    for verdict in untested:
        if verdict.claim in asked and f"claim {verdict.claim}" not in told:
            message = f"claim {verdict.claim} has no rows, and nothing says why: {verdict.reason}"
            yield _finding(opened, "claim", shown(message), severity="warning")
    if untested:
        message = f"{len(untested)} of {len(opened.verdicts)} claims are not tested"
        yield _finding(opened, "untested", message, severity="note", at="untested")
    tested = {each.claim for each in opened.verdicts} - {each.claim for each in untested}
    for claim in sorted(tested & set(spec.untested)):
        message = f"claim {claim} stands under `untested`, and rows judge it"
        yield _finding(opened, "claim", message, severity="warning", at=claim)


def _asked(opened: "Opened") -> list[Claim]:
    """Claims that need rows: the paper's own numbers only where the set-up is its own, and none
    whose presupposed behaviour is absent, for there a run stops."""
    paper, evidence = opened.replication.paper, opened.replication.evidence()
    exact = is_exact(paper.setup, opened.replication.spec)
    return [
        claim
        for claim in paper.claims
        if (claim.scope == "general" or exact)
        and not (claim.presupposes and _is_absent(paper, claim.presupposes, evidence))
    ]


def _is_absent(paper: PaperSpec, base: Bound, evidence: Evidence) -> bool:
    return examine(paper, base, evidence, None).outcome not in ("replicated", "not_tested")


def _finding(
    opened: "Opened", rule: str, message: str, *, severity: Severity, at: str | None = None
) -> Finding:
    return Finding(
        rule=rule,
        axis="disclosure",
        severity=severity,
        path=opened.submission.path("replication.yaml"),
        line=None if at is None else opened.spec_line(at),
        message=message,
    )
