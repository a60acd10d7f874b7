"""Small submissions and measurements that hold one planted fault each."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from statistics import fmean, stdev

from harness.measurement import Condition, Items, Measurement
from harness.replication import Replication
from harness.review.finding import Finding
from harness.review.opened import Opened
from harness.review.submission import Blob, Change, Kind, Submission

PROJECT = Path(__file__).parents[2]
HONEST = sorted(
    path.parent.relative_to(PROJECT).as_posix()
    for path in PROJECT.glob("replications/*/*/replication.yaml")
)
NAME = "replications/actadd/smollm2-135m-instruct"


def submission(
    files: Mapping[str, bytes | str | Blob],
    *,
    outside: Sequence[Change] = (),
    paper: str = "",
    paper_is_new: bool = False,
) -> Submission:
    """A folder of these files; text and bytes are plain files."""
    blobs = {name: _blob(content) for name, content in files.items()}
    return Submission(
        name=NAME, files=blobs, paper=paper, paper_is_new=paper_is_new, outside=tuple(outside)
    )


def _blob(content: bytes | str | Blob) -> Blob:
    if isinstance(content, Blob):
        return content
    return Blob("file", content.encode() if isinstance(content, str) else content)


def entry(kind: Kind, content: bytes = b"") -> Blob:
    """An entry of a tree that is no plain file."""
    return Blob(kind, content)


def honest(name: str) -> Submission:
    """A committed replication as it stands, with its paper's text under review as well."""
    root = PROJECT / name
    files = {
        path.relative_to(root).as_posix(): Blob("file", path.read_bytes())
        for path in sorted(root.rglob("*"))
        if path.is_file()
    }
    paper = (PROJECT / "papers" / root.parent.name / "paper.yaml").read_text()
    return Submission(name=name, files=files, paper=paper, paper_is_new=True)


def found(
    rule: Callable[[Submission], Iterator[Finding]], files: Mapping[str, bytes | str | Blob]
) -> set[tuple[str, str, str, int | None]]:
    """Rule, severity, file in the folder and line of everything that a rule finds."""
    return {
        (each.rule, each.severity, each.path.removeprefix(f"{NAME}/"), each.line)
        for each in rule(submission(files))
    }


def row(
    value: float | Sequence[float],
    *,
    metric: str = "accuracy_binary",
    n: int = 100,
    stderr: float | None = None,
    seed: int = 0,
    control: str | None = None,
    **conditions: Condition,
) -> Measurement:
    """A bare value over n units, or the mean of one score a unit with its standard error."""
    items = None
    if not isinstance(value, float):
        scores, n = list(value), len(value)
        items, value = Items.pack("units", scores), fmean(scores)
        stderr = stdev(scores) / n**0.5 if stderr is None else stderr
    return Measurement(
        experiment="topics",
        metric=metric,
        value=value,
        stderr=stderr,
        n=n,
        seed=seed,
        conditions={"model": "smollm2-135m-instruct", **conditions},
        control=control,
        items=items,
    )


def opened(project: Path, rows: Sequence[Measurement]) -> Opened:
    """The committed replication of actadd with other measurements."""
    for name in (f"{NAME}/replication.yaml", "papers/actadd/paper.yaml"):
        (project / name).parent.mkdir(parents=True, exist_ok=True)
        (project / name).write_text((PROJECT / name).read_text())
    replication = Replication.open(project / NAME)
    file = replication.measurements_file(replication.spec.experiments[0])
    file.parent.mkdir(exist_ok=True)
    file.write_text("".join(f"{each.model_dump_json(exclude_none=True)}\n" for each in rows))
    return Opened(submission({f"measurements/{file.name}": file.read_bytes()}), replication)


def faults(
    rule: Callable[[Opened], Iterator[Finding]], project: Path, rows: Sequence[Measurement]
) -> list[tuple[str, str, int | None]]:
    """Rule, severity and line of everything that a rule finds in rows."""
    return [(each.rule, each.severity, each.line) for each in rule(opened(project, rows))]
