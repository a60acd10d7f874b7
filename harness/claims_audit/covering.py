"""Which replications of a paper measure a claim, and what the others say about it."""

from collections.abc import Mapping
from pathlib import Path
from typing import Literal, NamedTuple

from harness.check.claims import experiments_for
from harness.deviations import is_exact
from harness.paper import Claim
from harness.record import HarnessError, Record
from harness.replication import Replication, replication_roots

How = Literal["judged", "shown", "untested", "not_applicable", "nothing"]
"""`shown`: measured, on another set-up than the number is of; `not_applicable`: such a number, and
not measured; `nothing`: neither an experiment nor a reason."""


class Coverage(Record):
    """What one replication does about a claim."""

    replication: str
    """Its id."""
    how: How
    experiments: tuple[str, ...] = ()
    """Judged ones that measure it."""
    reason: str | None = None
    """Of the replication's own, where it is `untested`."""


class Surveyed(NamedTuple):
    """All replications of a paper."""

    covered: dict[str, tuple[Coverage, ...]]
    """By claim."""
    unread: dict[str, str]
    """Replications whose specs cannot be read, each with the first line of why."""


def survey(project: Path, paper_id: str, claims: tuple[Claim, ...]) -> Surveyed:
    """Read each replication's spec; nothing is run."""
    covered: dict[str, list[Coverage]] = {claim.id: [] for claim in claims}
    unread: dict[str, str] = {}
    for root in replication_roots(project, paper_id):
        try:
            found = _covers(Replication.open(root))
        except HarnessError as error:
            unread[root.name] = str(error).partition("\n")[0].replace(f"{project}/", "")
            continue
        for claim in claims:
            covered[claim.id].append(found[claim.id])
    return Surveyed({name: tuple(each) for name, each in covered.items()}, unread)


def _covers(replication: Replication) -> dict[str, Coverage]:
    sources = experiments_for(replication)
    exact = is_exact(replication.paper.setup, replication.spec)
    return {
        claim.id: _cover(replication, claim, sources, is_judged=claim.scope == "general" or exact)
        for claim in replication.paper.claims
    }


def _cover(
    replication: Replication,
    claim: Claim,
    sources: Mapping[str, tuple[str, ...]],
    *,
    is_judged: bool,
) -> Coverage:
    name, experiments = replication.spec.id, sources[claim.id]
    reason = replication.spec.untested.get(claim.id)
    if experiments:
        how = "judged" if is_judged else "shown"
        return Coverage(replication=name, how=how, experiments=experiments)
    if reason is not None:
        return Coverage(replication=name, how="untested", reason=reason)
    return Coverage(replication=name, how="nothing" if is_judged else "not_applicable")
