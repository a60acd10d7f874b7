"""A replication is a folder; each stage reads what earlier stages wrote there."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from harness.deviations import is_exact
from harness.manifest import Manifest
from harness.measurement import Evidence, Failure, Measurement
from harness.paper import PaperSpec
from harness.problems import did_you_mean
from harness.record import HarnessError, Record, read_text, write_text
from harness.specs import ExperimentSpec, ReplicationSpec
from harness.verdict import Verdict, judge


class VerdictFile(Record):
    """The verdicts on one paper spec, which is named by its digest."""

    paper_digest: str
    verdicts: tuple[Verdict, ...]

    def differing(self, anew: Sequence[Verdict]) -> list[str]:
        """Claims that these verdicts and those computed anew do not say the same of, sorted."""
        old = {verdict.claim: verdict for verdict in self.verdicts}
        new = {verdict.claim: verdict for verdict in anew}
        common = old.keys() & new.keys()
        changed = {claim for claim in common if not old[claim].agrees(new[claim])}
        return sorted((old.keys() ^ new.keys()) | changed)


@dataclass(frozen=True)
class Replication:
    """The folder `replications/<paper>/<id>` with its two specs."""

    root: Path
    spec: ReplicationSpec
    paper: PaperSpec

    @classmethod
    def open(cls, root: Path) -> "Replication":
        """Load both specs. Raises `HarnessError` where either is missing or wrong."""
        root = root.resolve()
        if not (root / "replication.yaml").is_file():
            there = sorted(path.parent.name for path in root.parent.glob("*/replication.yaml"))
            hint = did_you_mean(root.name, there) if there else ""
            raise HarnessError(f"{root}: no replication.yaml here{hint}")
        _require_own_files(root)
        spec = ReplicationSpec.load(root / "replication.yaml")
        if (root.parent.name, root.name) != (spec.paper, spec.id):
            raise HarnessError(
                f"{root / 'replication.yaml'}: paper {spec.paper!r} and id {spec.id!r} belong in a "
                f"folder {spec.paper}/{spec.id}, not {root.parent.name}/{root.name}"
            )
        return cls(root, spec, load_paper(root.parents[2], spec.paper))

    @property
    def project(self) -> Path:
        """The folder that holds `papers/` and `replications/`."""
        return self.root.parents[2]

    @property
    def name(self) -> str:
        """`replications/<paper>/<id>`, as commands take it from the project's folder."""
        return self.root.relative_to(self.project).as_posix()

    def copy_specs(self, project: Path) -> "Replication":
        """The same specs, and no results, in another project folder."""
        root = project / self.name
        paper = project / "papers" / self.paper.id / "paper.yaml"
        write_text(root / "replication.yaml", read_text(self.root / "replication.yaml"))
        source = self.project / "papers" / self.paper.id / "paper.yaml"
        write_text(paper, read_text(source))
        return Replication.open(root)

    def measurements_file(self, spec: ExperimentSpec) -> Path:
        """Named by the spec's digest and renamed into place: if it exists, it is complete."""
        return self.root / "measurements" / f"{spec.id}.{spec.digest[:8]}.jsonl"

    def failure_file(self, spec: ExperimentSpec) -> Path:
        """Present where the last try of this very spec crashed."""
        return self.measurements_file(spec).with_suffix(".failed.json")

    def artifacts(self, spec: ExperimentSpec) -> Path:
        """Beginning of the names of files that hold what is not a scalar."""
        return self.root / "artifacts" / f"{spec.id}.{spec.digest[:8]}"

    def artifact(self, spec: ExperimentSpec, suffix: str) -> Path:
        """One of those files; `suffix` is such as `pca.npz`."""
        return self.artifacts(spec).with_name(f"{self.artifacts(spec).name}.{suffix}")

    def rows(self, spec: ExperimentSpec) -> list[Measurement]:
        """Measurements of one experiment as its spec stands now; empty where it has not run."""
        path = self.measurements_file(spec)
        return Measurement.parse_lines(path) if path.exists() else []

    def measurements(self) -> list[Measurement]:
        """All rows; what an edited spec once gave does not count."""
        return [row for spec in self.spec.experiments for row in self.rows(spec)]

    def evidence(self) -> Evidence:
        """The rows that claims are judged by."""
        judged = [spec for spec in self.spec.experiments if spec.judged]
        return Evidence(row for spec in judged for row in self.rows(spec))

    def failures(self) -> list[Failure]:
        """Experiments whose last try crashed."""
        files = [self.failure_file(spec) for spec in self.spec.experiments]
        return [Failure.load(path) for path in files if path.exists()]

    def verdicts(self) -> tuple[Verdict, ...]:
        """A verdict on every claim of the paper, computed from the rows on disk."""
        evidence = self.evidence()
        failed = [f"{failure.experiment}: {failure.error}" for failure in self.failures()]
        exact = is_exact(self.paper.setup, self.spec)
        verdicts = [
            judge(self.paper, claim, evidence, exact_set_up=exact, failures=failed)
            for claim in self.paper.claims
        ]
        return tuple(map(self._with_own_reason, verdicts))

    def _with_own_reason(self, verdict: Verdict) -> Verdict:
        """Say why nothing was measured, where the replication says it."""
        if verdict.outcome == "not_tested" and verdict.claim in self.spec.untested:
            return verdict.model_copy(update={"reason": self.spec.untested[verdict.claim]})
        return verdict

    def stored_verdicts(self) -> VerdictFile | None:
        """What `judge` last wrote."""
        path = self.root / "verdicts.json"
        return VerdictFile.load(path) if path.exists() else None

    def manifest(self) -> Manifest | None:
        """How the numbers came about; `None` before the first run."""
        path = self.root / "manifest.json"
        return Manifest.load(path) if path.exists() else None


def _require_own_files(root: Path) -> None:
    """Refuse links, by which a stage would write or delete outside of the folder."""
    links = [path for path in sorted(root.rglob("*")) if path.is_symlink()]
    if links:
        raise HarnessError(f"{links[0]}: a symbolic link; a replication holds its own files only")


def load_paper(project: Path, paper: str) -> PaperSpec:
    """The paper spec of that id. Raises `HarnessError` with the papers there are."""
    path = project / "papers" / paper / "paper.yaml"
    if not path.is_file():
        raise HarnessError(f"{path}: no paper {paper!r}{did_you_mean(paper, paper_ids(project))}")
    spec = PaperSpec.load(path)
    if spec.id != paper:
        raise HarnessError(f"{path}: id: {spec.id!r} belongs in a folder of that name")
    return spec


def paper_ids(project: Path) -> list[str]:
    """Ids of the papers whose claims are written down."""
    return sorted(path.parent.name for path in project.glob("papers/*/paper.yaml"))


def replication_roots(project: Path, paper: str = "*") -> Sequence[Path]:
    """Folders of the replications of a paper, or of all."""
    return sorted(path.parent for path in project.glob(f"replications/{paper}/*/replication.yaml"))
