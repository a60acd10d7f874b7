"""Judge a claim against measurements. Pure: the same inputs give the same verdict.

A verdict rests on an interval: wholly where the claim holds, wholly where it does not, or across.
"""

from collections.abc import Sequence

from harness.examine import Finding, NamedEstimate, Outcome, examine, show
from harness.measurement import Measurement
from harness.paper import Claim, PaperSpec
from harness.record import Record
from harness.terms import lead_over


class Verdict(Record):
    """What the measurements say of one claim."""

    claim: str
    outcome: Outcome
    reason: str
    estimates: tuple[NamedEstimate, ...] = ()
    controls: tuple[NamedEstimate, ...] = ()
    """What the controls gave; each name begins with the control's."""

    def agrees(self, other: "Verdict") -> bool:
        """Whether both say the same; numbers may differ by what summation order costs."""
        if (self.claim, self.outcome, self.reason) != (other.claim, other.outcome, other.reason):
            return False
        ours, theirs = (*self.estimates, *self.controls), (*other.estimates, *other.controls)
        return len(ours) == len(theirs) and all(map(NamedEstimate.agrees, ours, theirs))


def judge(
    paper: PaperSpec,
    claim: Claim,
    measured: Sequence[Measurement],
    *,
    exact_set_up: bool,
    failures: Sequence[str] = (),
) -> Verdict:
    """The verdict on one claim.

    `exact_set_up` says whether model, data and scale are the paper's own; where they are not, a
    claim of scope `exact` is shown beside ours where it was measured, and not judged. A claim about
    a model that does not do what it presupposes is inconclusive, or not tested. `failures` are
    experiments that crashed, each with its error.
    Raises `HarnessError` where a quantity is ambiguous.
    """
    found = examine(paper, claim.expects, measured, control=None)
    if claim.scope == "exact" and not exact_set_up and found.estimates:
        reason = "the paper's number is for its own model and scale; shown beside ours, not judged"
        return Verdict(
            claim=claim.id, outcome="not_applicable", reason=reason, estimates=found.estimates
        )
    if found.outcome == "not_tested" and failures:
        found = found._replace(reason=f"{found.reason}; failed: {'; '.join(failures)}")
    base = _base(paper, claim, measured)
    if base is not None and {base.outcome, found.outcome} != {"not_tested"}:
        outcome = "not_tested" if found.outcome == "not_tested" else "inconclusive"
        reason = f"the base behaviour is absent: {base.reason}"
        return Verdict(claim=claim.id, outcome=outcome, reason=reason, estimates=found.estimates)
    controls: list[NamedEstimate] = []
    for control in claim.controls if found.outcome in ("replicated", "partial") else ():
        found, seen = _against_control(paper, claim, measured, control, found)
        controls.extend(
            each.model_copy(update={"name": f"{control}: {each.name}"}) for each in seen
        )
    return Verdict(
        claim=claim.id,
        outcome=found.outcome,
        reason=found.reason,
        estimates=found.estimates,
        controls=tuple(controls),
    )


def _base(paper: PaperSpec, claim: Claim, measured: Sequence[Measurement]) -> Finding | None:
    """What keeps the model from being one that the claim is about; `None` where nothing does."""
    if claim.presupposes is None:
        return None
    found = examine(paper, claim.presupposes, measured, control=None)
    if found.outcome == "replicated":
        return None
    return found._replace(reason=f"{claim.presupposes.quantity}: {found.reason}")


def _against_control(
    paper: PaperSpec,
    claim: Claim,
    measured: Sequence[Measurement],
    control: str,
    found: Finding,
) -> tuple[Finding, tuple[NamedEstimate, ...]]:
    """Withdraw what was found if the control passes too, or cannot be told from the real thing."""
    theirs = examine(paper, claim.expects, measured, control=control)
    if theirs.outcome == "not_tested":
        return Finding("inconclusive", f"control {control} was not measured", found.estimates), ()
    if theirs.outcome in ("replicated", "partial"):
        reason = f"the control passes: {control} gives {theirs.reason}"
        return Finding("inconclusive", reason, found.estimates), theirs.estimates
    lead = lead_over(claim.expects, measured, control)
    if lead is None and theirs.outcome != "not_replicated":
        reason = f"{found.reason}, but the control {control} does not clearly fail: {theirs.reason}"
        return Finding("inconclusive", reason, found.estimates), theirs.estimates
    if lead is not None and (lead.low is None or lead.low <= 0):
        reason = f"{found.reason}, but not clearly ahead of the control {control} ({show(lead)})"
        return Finding("inconclusive", reason, found.estimates), theirs.estimates
    return found, theirs.estimates
