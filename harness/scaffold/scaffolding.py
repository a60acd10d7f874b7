"""Start a replication, and the paper's spec where there is none: files that are there stay."""

from dataclasses import dataclass
from pathlib import Path

from harness.frozen import Frozen
from harness.models.registry import DEFAULT_MODEL
from harness.models.studied import studied
from harness.paper import PaperSpec
from harness.problems import did_you_mean
from harness.record import HarnessError, write_text
from harness.replication import load_paper, paper_ids, replication_roots
from harness.scaffold.measured import measured
from harness.scaffold.naming import replication_id, require_about, require_plain, shareable
from harness.scaffold.paper_file import NOTHING_KNOWN, Bibliography, paper_file, paper_text
from harness.scaffold.replication_file import has_placeholders, moved_text, started_text
from harness.scaffold.starts import families, family_spec, model_id, start
from harness.specs import DataSource, Experiment, ReplicationSpec


@dataclass(frozen=True)
class Wanted:
    """What a new replication is to be like."""

    model: str | None = None
    """`None`: that of the replication to start from, or the smallest that the family can use."""
    data: DataSource = "generated"
    family: str | None = None
    """Start from one experiment of this family instead of an existing replication."""
    name: str | None = None
    """Of the folder; `None`: after the model and the data."""
    about: Bibliography = NOTHING_KNOWN
    """Of a paper that is new."""


def scaffold(
    project: Path, paper_id: str, *, model: str | None = None, data: DataSource = "generated"
) -> Path:
    """Write `replication.yaml` of a known paper for a model and name its folder.

    Raises `HarnessError` as `begin` does.
    """
    return begin(project, paper_id, Wanted(model=model, data=data))


def begin(project: Path, paper_id: str, wanted: Wanted) -> Path:
    """Write the specs that are not there yet and name the replication's folder.

    Of an unknown paper with a family, paper.yaml too, with placeholders that no command accepts.
    Raises `HarnessError` for an unknown paper without a family, an unknown family, model or world,
    a known paper without a replication to start from, facts of a paper that is there already, or
    a folder of that name that is about another model.
    """
    if wanted.family is None:
        return _moved(project, paper_id, wanted)
    return _started(project, paper_id, wanted, wanted.family)


def _moved(project: Path, paper_id: str, wanted: Wanted) -> Path:
    """The experiments of a replication that exists."""
    paper = _known(project, paper_id)
    _require_no_facts(project, paper_id, wanted.about)
    like = _template(project, paper_id)
    first = like.experiments[0]
    moved = first.moved(model=shareable(wanted.model or first.model), data=wanted.data)
    model = studied(moved).id
    root = _folder(project, paper_id, wanted, model)
    if not _is_there(root, model):
        digest = _digest(project, paper_id)
        text = moved_text(paper, like, root.name, model=model, data=wanted.data, digest=digest)
        write_text(root / "replication.yaml", text)
    return root


def _started(project: Path, paper_id: str, wanted: Wanted, family: str) -> Path:
    """One experiment of a family, and the paper's spec where it is not there."""
    require_plain("PAPER", paper_id)
    spec = family_spec(family)
    model = model_id(family, wanted.model and shareable(wanted.model))
    values = start(family, model)
    experiment = None if has_placeholders(values) else spec.model_validate(values)
    if experiment is not None and wanted.data != experiment.data:
        values["data"] = _readable(experiment, wanted.data)
    root = _folder(project, paper_id, wanted, model)
    if _is_there(root, model):
        return root
    file = paper_file(project, paper_id)
    paper = None
    if file.exists():
        _require_no_facts(project, paper_id, wanted.about)
        paper = load_paper(project, paper_id)
    text = started_text(paper_id, root.name, values, paper, digest=_digest(project, paper_id))
    if paper is None:
        found = measured([experiment] if experiment else [])
        write_text(file, paper_text(paper_id, wanted.about, family, found, _settings(spec)))
    write_text(root / "replication.yaml", text)
    return root


def _settings(spec: type[Experiment]) -> list[str]:
    """Fields of a family that authors may have set otherwise."""
    shared = (*Experiment.model_fields, "family", "task", "numbers")
    return [name for name in spec.model_fields if name not in shared]


def _readable(experiment: Experiment, data: DataSource) -> DataSource:
    if experiment.moved(model=experiment.model, data=data).data != data:
        raise HarnessError(f"{experiment.id}: no experiment reads {data} data; valid: generated")
    return data


def _folder(project: Path, paper_id: str, wanted: Wanted, model: str) -> Path:
    name = replication_id(model, wanted.data)
    if wanted.name is not None:
        name = require_plain("--id", wanted.name)
    return project / "replications" / paper_id / name


def _digest(project: Path, paper_id: str) -> str | None:
    """Of the paper's spec as it was reviewed; `None` where it is not frozen."""
    frozen = Frozen.load_for(project, paper_id)
    return None if frozen is None else frozen.paper_digest


def _is_there(root: Path, model: str) -> bool:
    there = (root / "replication.yaml").exists()
    if there:
        require_about(root, model)
    return there


def _known(project: Path, paper_id: str) -> PaperSpec:
    """The paper's spec; of one that is not there, what would start it."""
    if paper_id in paper_ids(project):
        return load_paper(project, paper_id)
    file = paper_file(project, paper_id)
    raise HarnessError(
        f"{file}: no paper {paper_id!r}, and a new one is started with --family (one of "
        f"{', '.join(families())}){did_you_mean(paper_id, paper_ids(project))}"
    )


def _require_no_facts(project: Path, paper_id: str, about: Bibliography) -> None:
    if about != NOTHING_KNOWN:
        given = ", ".join(f"--{key}" for key, value in about if value)
        raise HarnessError(
            f"{paper_file(project, paper_id)}: is there already; {given} are for a new paper"
        )


def _template(project: Path, paper_id: str) -> ReplicationSpec:
    """The default model's replication, else the first there is."""
    roots = list(replication_roots(project, paper_id))
    if not roots:
        raise HarnessError(
            f"{paper_id} has no replication to start from; give --family, one of "
            f"{', '.join(families())}"
        )
    roots.sort(key=lambda root: root.name != DEFAULT_MODEL)
    return ReplicationSpec.load(roots[0] / "replication.yaml")
