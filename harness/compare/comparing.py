"""Two replications of one paper held against each other, claim by claim."""

from collections.abc import Iterator, Sequence
from typing import Literal, NamedTuple

from harness.compare.asked import Asked, asked
from harness.compare.difference import difference
from harness.compare.side_by_side import (
    ClaimDifference,
    Numbers,
    QuantityDifference,
    Side,
    SideBySide,
)
from harness.estimate import Estimate, Term, contrast, share_units
from harness.experiments.context import Progress, no_progress
from harness.measurement import Evidence
from harness.paper import Claim, PaperSpec
from harness.record import HarnessError
from harness.replication import Replication
from harness.report.limits import demanded
from harness.report.wording import without_machine_paths
from harness.specs import ImportedSpec
from harness.terms import LEVEL
from harness.verdict import Verdict


class _Judged(NamedTuple):
    """What is read of a replication."""

    paper: PaperSpec
    evidence: Evidence
    verdicts: dict[str, Verdict]

    @classmethod
    def of(cls, replication: Replication) -> "_Judged":
        evidence = replication.evidence()
        if not evidence:
            raise HarnessError(f"{replication.name}: no measurements to compare; run it first")
        verdicts = {verdict.claim: verdict for verdict in replication.verdicts()}
        return cls(replication.paper, evidence, verdicts)

    def measured(self, claim: str) -> bool:
        return claim in self.verdicts and bool(self.verdicts[claim].estimates)


def compare(
    first: Replication, second: Replication, *, progress: Progress = no_progress
) -> SideBySide:
    """Differences are the second's numbers minus the first's, by the rows that claims rest on.

    Verdicts are computed from those rows, not read. Raises `HarnessError` where the two are of
    different papers, or one was not run.
    """
    if first.paper.id != second.paper.id:
        raise HarnessError(
            f"{second.name}: of paper {second.paper.id!r}, and {first.name} of "
            f"{first.paper.id!r}; only replications of one paper can be compared"
        )
    sides = _Judged.of(first), _Judged.of(second)
    return SideBySide(
        paper=first.paper.id,
        title=first.paper.title,
        first=_side(first),
        second=_side(second),
        claims=tuple(_counted(_claims(*sides), len(sides[0].paper.claims), progress)),
    )


def _counted(
    claims: Iterator[ClaimDifference], total: int, progress: Progress
) -> Iterator[ClaimDifference]:
    """Tell how many claims are done; those that only the second paper spec has take no time."""
    progress("compare", 0, total)
    for done, claim in enumerate(claims, start=1):
        progress("compare", min(done, total), total)
        yield claim


def _side(replication: Replication) -> Side:
    experiments = replication.spec.experiments
    judged = [each.model for each in experiments if each.judged]
    theirs = [each.commit for each in experiments if isinstance(each, ImportedSpec)]
    manifest = replication.manifest()
    return Side(
        replication=replication.name,
        models=tuple(dict.fromkeys(map(without_machine_paths, judged))),
        authors=replication.spec.authors,
        commit=theirs[0] if theirs else manifest.commit if manifest else None,
    )


def _claims(first: _Judged, second: _Judged) -> Iterator[ClaimDifference]:
    """Those of the first paper spec in its order, then those that only the second has."""
    theirs = {claim.id: claim for claim in second.paper.claims}
    for claim in first.paper.claims:
        other = theirs.pop(claim.id, None)
        if other is None:
            why = "only the paper spec of A has this claim"
            yield _claim(first.paper, claim, (first, second), why=why)
        elif asked(first.paper, claim) != asked(second.paper, other):
            why = "the paper specs of A and B ask for different numbers"
            yield _claim(first.paper, claim, (first, second), why=why)
        else:
            found = list(_quantities(asked(first.paper, claim), first, second))
            why = None if any(each.difference for each in found) else _why(claim, first, second)
            yield _claim(first.paper, claim, (first, second), why=why, quantities=found)
    for claim in theirs.values():
        why = "only the paper spec of B has this claim"
        yield _claim(second.paper, claim, (first, second), why=why)


def _claim(
    paper: PaperSpec,
    claim: Claim,
    sides: tuple[_Judged, _Judged],
    *,
    why: str | None,
    quantities: Sequence[QuantityDifference] = (),
) -> ClaimDifference:
    first, second = (side.verdicts.get(claim.id) for side in sides)
    return ClaimDifference(
        claim=claim.id,
        statement=claim.statement,
        demands=demanded(paper, claim),
        first=first.outcome if first else None,
        second=second.outcome if second else None,
        measured=_measured_in(claim, *sides),
        why=why,
        quantities=tuple(quantities),
    )


def _measured_in(
    claim: Claim, first: _Judged, second: _Judged
) -> Literal["both", "first", "second", "neither"]:
    match first.measured(claim.id), second.measured(claim.id):
        case True, True:
            return "both"
        case True, False:
            return "first"
        case False, True:
            return "second"
        case _:
            return "neither"


def _why(claim: Claim, first: _Judged, second: _Judged) -> str:
    """The reasons of whichever did not measure it."""
    sides = {"A": first, "B": second}
    lacking = {name: side for name, side in sides.items() if not side.measured(claim.id)}
    if not lacking:
        return "they measured different numbers of this claim"
    reasons = {name: side.verdicts[claim.id].reason for name, side in lacking.items()}
    if len(reasons) == 2 and reasons["A"] == reasons["B"]:
        return reasons["A"]
    return "; ".join(f"{name}: {reason}" for name, reason in reasons.items())


def _quantities(
    wanted: Sequence[Asked], first: _Judged, second: _Judged
) -> Iterator[QuantityDifference]:
    strict = 1 - (1 - LEVEL) / len(wanted)
    for each in wanted:
        ours, theirs = each.terms(first.evidence), each.terms(second.evidence)
        yield QuantityDifference(
            name=each.name,
            paper=each.paper,
            first=contrast(ours, level=LEVEL),
            second=contrast(theirs, level=LEVEL),
            difference=difference(ours, theirs, level=LEVEL),
            paired=share_units([*ours, *theirs]),
            numbers=_numbers(ours, theirs, strict),
        )


def _numbers(first: Sequence[Term], second: Sequence[Term], level: float) -> Numbers | None:
    found = difference(first, second, level=level)
    return None if found is None else told_apart(found)


def told_apart(difference: Estimate) -> Numbers:
    """Whether the interval of a difference leaves out 0."""
    if difference.low is None or difference.high is None:
        return "no_interval"
    return "not_told_apart" if difference.low <= 0 <= difference.high else "differ"
