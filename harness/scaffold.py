"""Start a replication: the experiments of one that exists, with another model or data."""

import re
from pathlib import Path

from harness.deviations import detect
from harness.models.registry import DEFAULT_MODEL
from harness.models.studied import studied
from harness.paper import PaperSpec
from harness.record import HarnessError, write_text
from harness.replication import load_paper, replication_roots
from harness.specs import DataSource, ReplicationSpec

SCHEMA_LINE = "# yaml-language-server: $schema=../../../harness/schemas/replication.schema.json\n"


def replication_id(model: str, data: str) -> str:
    """Folder name of the replication of a paper on one model and data source.

    Of a local model only the last part of its path, which else would tell whose machine it was.
    """
    shown = Path(model).name if model.startswith("path:") else model.removeprefix("hf:")
    slug = re.sub(r"[^a-z0-9.]+", "-", shown.lower().removeprefix("path:"))
    return slug.strip("-.") + ("" if data == "generated" else f"-{data}")


def scaffold(
    project: Path, paper_id: str, *, model: str | None = None, data: DataSource = "generated"
) -> Path:
    """Write `replication.yaml` for a model and name its folder; one that exists is left alone.

    Without a model it is that of the replication to start from. Raises `HarnessError` for an
    unknown paper, model or world, a paper without any replication, or a folder of that name that
    is about another model.
    """
    paper = load_paper(project, paper_id)
    like = _template(project, paper_id)
    first = like.experiments[0]
    model = studied(first.moved(model=_shareable(model or first.model), data=data)).id
    name = replication_id(model, data)
    root = project / "replications" / paper_id / name
    if (root / "replication.yaml").exists():
        return _about(root, model)
    write_text(root / "replication.yaml", render(paper, like, name, model=model, data=data))
    return root


def _shareable(model: str) -> str:
    """A local model below the home folder without the name of whose home that is."""
    home = f"path:{Path.home()}/"
    return f"path:~/{model.removeprefix(home)}" if model.startswith(home) else model


def _about(root: Path, model: str) -> Path:
    experiments = ReplicationSpec.load(root / "replication.yaml").experiments
    used = sorted({experiment.model for experiment in experiments})
    if model not in used:
        raise HarnessError(
            f"{root / 'replication.yaml'}: is about {', '.join(used)}, not {model}; "
            "give the folder of one of the models another name"
        )
    return root


def _template(project: Path, paper_id: str) -> ReplicationSpec:
    """The default model's replication, else the first there is."""
    roots = list(replication_roots(project, paper_id))
    if not roots:
        raise HarnessError(
            f"{paper_id} has no replication to start from; write replications/{paper_id}/<id>/"
            "replication.yaml by hand (its schema: harness/schemas/replication.schema.json)"
        )
    roots.sort(key=lambda root: root.name != DEFAULT_MODEL)
    return ReplicationSpec.load(roots[0] / "replication.yaml")


def render(
    paper: PaperSpec, like: ReplicationSpec, name: str, *, model: str, data: DataSource
) -> str:
    """The YAML text of a new replication with what deviates filled in, reasons left to write.

    Raises `HarnessError` where no experiment has such data; those without it keep their own.
    """
    import io

    from ruamel.yaml import YAML

    changed = tuple(each.moved(model=model, data=data) for each in like.experiments)
    if data not in {each.data for each in changed}:
        raise HarnessError(f"{like.paper}: no experiment reads {data} data; valid: generated")
    spec = like.model_copy(update={"id": name, "experiments": changed, "deviations": ()})
    content = spec.model_dump(mode="json", exclude_defaults=True)
    for experiment, dumped in zip(spec.experiments, content["experiments"], strict=True):
        dumped.pop("family", None)
        dumped.update(family=experiment.family)
    content["deviations"] = [
        {"what": each.what, "paper": each.paper, "here": each.here, "why": _why(like, each.what)}
        for each in detect(paper.setup, spec)
    ]
    text = io.StringIO()
    writer = YAML()
    writer.default_flow_style = None
    writer.width = 100
    writer.dump(content, text)
    return f"{SCHEMA_LINE}# Experiments as in {like.id}.\n{text.getvalue()}"


def _why(like: ReplicationSpec, what: str) -> str:
    """The reason that the template gives for a deviation of this kind."""
    reasons = [each.why for each in like.deviations if each.what == what]
    return reasons[0] if reasons else "asked for on the command line"
