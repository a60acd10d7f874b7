"""The text of a new replication.yaml: of an existing one's experiments, or of a first one."""

import io
from collections.abc import Mapping, Sequence

from harness.deviations import detect
from harness.paper import PaperSpec
from harness.record import HarnessError
from harness.scaffold.commented import comment, first_paragraph, flow, record_lines
from harness.scaffold.measured import unmeasured
from harness.scaffold.starts import TO_WRITE, family_spec, notes
from harness.specs import DataSource, ReplicationSpec

SCHEMA_LINE = "# yaml-language-server: $schema=../../../harness/schemas/replication.schema.json"
_NOT_FROZEN = (
    "paper_digest: what `harness freeze {paper} --json` says, once its claims are reviewed; from "
    "there on a paper.yaml that changes is refused."
)
_EXPERIMENTS = (
    "What is run. Each quantity that a claim needs comes from exactly one judged experiment; "
    "`judged: false` keeps an experiment's rows out of the verdicts."
)
_DEVIATIONS = (
    "What is done otherwise than in the paper, each with a true `why`. What follows from model, "
    "data and settings is detected and must stand here: `harness check` prints the lines, which "
    "take the place of `[]`. Other differences are yours to tell: `what` is model, dataset, scale, "
    "hyperparameter or metric."
)
_UNTESTED = "Claims that no experiment here measures, each with the reason: `claim: reason`."


def moved_text(
    paper: PaperSpec,
    like: ReplicationSpec,
    name: str,
    *,
    model: str,
    data: DataSource,
    digest: str | None,
) -> str:
    """The experiments of `like` on another model or data, with what deviates filled in.

    `digest` is that of the paper's spec where it is frozen.

    Raises `HarnessError` where no experiment has such data; those without it keep their own.
    """
    changed = tuple(each.moved(model=model, data=data) for each in like.experiments)
    if data not in {each.data for each in changed}:
        raise HarnessError(f"{like.paper}: no experiment reads {data} data; valid: generated")
    anew = {"id": name, "paper_digest": digest, "experiments": changed, "deviations": ()}
    spec = like.model_copy(update=anew)
    content = spec.model_dump(mode="json", exclude_defaults=True)
    for experiment, dumped in zip(spec.experiments, content["experiments"], strict=True):
        dumped.pop("family", None)
        dumped.update(family=experiment.family)
    content["deviations"] = [
        {"what": each.what, "paper": each.paper, "here": each.here, "why": _why(like, each.what)}
        for each in detect(paper.setup, spec)
    ]
    content["untested"] = {**spec.untested, **_reasons_to_write(paper, spec)}
    intro = [f"# Experiments as in {like.id}; so are the reasons of deviations where it gave one."]
    return _assembled(intro, content, _dumped({"experiments": content.pop("experiments")}))


def started_text(
    paper_id: str,
    name: str,
    experiment: Mapping[str, object],
    paper: PaperSpec | None,
    *,
    digest: str | None,
) -> str:
    """One experiment with every key of its family; `paper` is `None` where it is still to write."""
    content: dict[str, object] = {"id": name, "paper": paper_id}
    if digest is not None:
        content["paper_digest"] = digest
    if paper is not None and not has_placeholders(experiment):
        spec = ReplicationSpec.model_validate({**content, "experiments": [experiment]})
        content["deviations"] = [
            {"what": each.what, "paper": each.paper, "here": each.here, "why": f"{TO_WRITE} why so"}
            for each in detect(paper.setup, spec)
        ]
        content["untested"] = _reasons_to_write(paper, spec)
    intro = comment(
        "What is done about the paper here. What is commented out stands at its default."
    )
    family = str(experiment["family"])
    rest = {key: value for key, value in experiment.items() if key != "family"}
    keys = record_lines(family_spec(family), rest, 4, notes=notes(family))
    told = comment(first_paragraph(family_spec(family)), 2)
    lines = ["experiments:", *told, f"  - family: {family}", *keys]
    return _assembled(intro, content, "\n".join(lines) + "\n")


def _reasons_to_write(paper: PaperSpec, spec: ReplicationSpec) -> dict[str, str]:
    names = [name for name in unmeasured(paper, spec) if name not in spec.untested]
    return dict.fromkeys(names, f"{TO_WRITE} why no experiment here measures it")


def _assembled(intro: Sequence[str], content: dict[str, object], experiments: str) -> str:
    """Every block under a comment that says what it is."""
    deviations = content.pop("deviations", None)
    untested = content.pop("untested", None)
    head = [f"{key}: {flow(value)}" for key, value in content.items()]
    if "paper_digest" not in content:
        head += comment(_NOT_FROZEN.format(paper=content["paper"]))
    blocks = (
        [SCHEMA_LINE, *intro, *head],
        [*comment(_EXPERIMENTS), experiments],
        [*comment(_DEVIATIONS), _block("deviations", deviations, "[]")],
        [*comment(_UNTESTED), _block("untested", untested, "{}")],
    )
    return "\n\n".join("\n".join(block).rstrip("\n") for block in blocks) + "\n"


def _block(key: str, value: object, empty: str) -> str:
    return _dumped({key: value}) if value else f"{key}: {empty}\n"


def _dumped(content: Mapping[str, object]) -> str:
    from ruamel.yaml import YAML

    text = io.StringIO()
    writer = YAML()
    writer.default_flow_style = None
    writer.width = 100
    writer.dump(dict(content), text)
    return text.getvalue()


def _why(like: ReplicationSpec, what: str) -> str:
    """The reason that the template gives for a deviation of this kind."""
    reasons = [each.why for each in like.deviations if each.what == what]
    return reasons[0] if reasons else "asked for on the command line"


def has_placeholders(value: object) -> bool:
    """Whether something within is still to write."""
    match value:
        case Mapping():
            return any(map(has_placeholders, value.values()))
        case list():
            return any(map(has_placeholders, value))
        case _:
            return isinstance(value, str) and value.startswith(TO_WRITE)
