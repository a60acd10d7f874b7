"""What a report is made of: specs, rows, verdicts and pictures' arrays, already read from disk."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from harness.estimate import Estimate, estimate
from harness.examine import Finding, examine
from harness.manifest import Manifest
from harness.measurement import Condition, Failure, Measurement
from harness.paper import Claim, PaperSpec
from harness.report.pictures import (
    Cloud,
    CosineMap,
    TracedGraphs,
    read_clouds,
    read_cosine_maps,
    read_traced,
)
from harness.specs import CircuitTracingSpec, ReplicationSpec, SaeBenchSpec
from harness.verdict import Verdict

if TYPE_CHECKING:
    from harness.replication import Replication


class Setting(NamedTuple):
    """One quantity under one setting of an experiment, estimated over its seeds."""

    experiment: str
    metric: str
    control: str | None
    conditions: Mapping[str, Condition]
    estimate: Estimate


@dataclass(frozen=True)
class Material:
    """Everything that is shown. No renderer reads the disk besides."""

    paper: PaperSpec
    spec: ReplicationSpec
    measurements: Sequence[Measurement]
    """Rows of all experiments, those that no claim is judged by too."""
    verdicts: Sequence[Verdict]
    manifest: Manifest | None = None
    failures: Sequence[Failure] = ()
    clouds: Sequence[Cloud] = ()
    cosine_maps: Sequence[CosineMap] = ()
    traced: Sequence[TracedGraphs] = ()

    @classmethod
    def of(cls, replication: "Replication") -> "Material":
        """Read a replication's folder."""
        return cls(
            paper=replication.paper,
            spec=replication.spec,
            measurements=replication.measurements(),
            verdicts=replication.verdicts(),
            manifest=replication.manifest(),
            failures=replication.failures(),
            clouds=list(_clouds(replication)),
            cosine_maps=list(_cosine_maps(replication)),
            traced=list(_traced(replication)),
        )

    @property
    def folder(self) -> str:
        """Where the replication lies, as commands take it."""
        return f"replications/{self.spec.paper}/{self.spec.id}"

    @cached_property
    def evidence(self) -> list[Measurement]:
        """The rows that claims are judged by."""
        judged = {experiment.id for experiment in self.spec.experiments if experiment.judged}
        return [row for row in self.measurements if row.experiment in judged]

    @cached_property
    def settings(self) -> list[Setting]:
        """Every quantity that was measured, in the order of the first row of each."""
        return list(_settings(self.measurements))

    @cached_property
    def controls(self) -> dict[str, dict[str, Finding]]:
        """What each control of each claim gives, by claim and control."""
        by_control: defaultdict[str | None, list[Measurement]] = defaultdict(list)
        for row in self.evidence:
            by_control[row.control].append(row)
        return {
            claim.id: {
                control: examine(self.paper, claim.expects, by_control[control], control)
                for control in claim.controls
            }
            for claim in self.paper.claims
        }

    @cached_property
    def judged_pairs(self) -> list[tuple[Claim, Verdict]]:
        """Each claim with its verdict: judged ones first, then those shown, then the untested."""
        claims = {claim.id: claim for claim in self.paper.claims}
        last = {"not_applicable": 1, "not_tested": 2}
        ordered = sorted(self.verdicts, key=lambda verdict: last.get(verdict.outcome, 0))
        return [(claims[verdict.claim], verdict) for verdict in ordered]


def _clouds(replication: "Replication") -> Iterator[Cloud]:
    for spec in replication.spec.experiments:
        path = replication.artifact(spec, "pca.npz")
        if path.exists():
            yield from read_clouds(spec.id, path)


def _cosine_maps(replication: "Replication") -> Iterator[CosineMap]:
    for spec in replication.spec.experiments:
        path = replication.artifact(spec, "cosines.npz")
        if isinstance(spec, SaeBenchSpec) and path.exists():
            yield from read_cosine_maps(spec, path)


def _traced(replication: "Replication") -> Iterator[TracedGraphs]:
    for spec in replication.spec.experiments:
        if isinstance(spec, CircuitTracingSpec):
            found = read_traced(spec.id, replication.root, replication.artifacts(spec))
            if found is not None:
                yield found


def _settings(measured: Iterable[Measurement]) -> Iterator[Setting]:
    groups: dict[tuple[object, ...], list[Measurement]] = {}
    for row in measured:
        conditions = tuple(sorted(row.conditions.items()))
        groups.setdefault((row.experiment, row.metric, row.control, conditions), []).append(row)
    for rows in groups.values():
        rows.sort(key=lambda row: row.seed)
        first, got = rows[0], estimate(rows)
        assert got is not None
        yield Setting(first.experiment, first.metric, first.control, first.conditions, got)
