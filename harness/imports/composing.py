"""The replication of one model: its experiment, what deviates, what is left untested."""

import re
from io import StringIO

from harness.expectations import TableMatch
from harness.imports.filling import Filling
from harness.measurement import Quantity, holds
from harness.paper import Claim, PaperSpec
from harness.specs import Deviation, ImportedSpec, ReplicationSpec

SCHEMA_LINE = "# yaml-language-server: $schema=../../../harness/schemas/replication.schema.json\n"
_TUNED = re.compile(r"-(instruct|it|chat)$")


def compose(paper: PaperSpec, filling: Filling) -> ReplicationSpec:
    """Raises `HarnessError` where a file does not fit the recipe."""
    experiment = _experiment(filling)
    deviations = [
        Deviation(
            what=each.what,
            paper=filling.filled(each.paper),
            here=filling.filled(each.here),
            why=filling.filled(each.why),
        )
        for each in filling.recipe.deviations
        if not each.models or filling.model in each.models
    ]
    return ReplicationSpec(
        id=_id(filling),
        paper=paper.id,
        authors=(filling.theirs.author,),
        experiments=(experiment,),
        deviations=tuple(deviations),
        untested=_untested(paper, experiment, filling),
    )


def render(spec: ReplicationSpec, filling: Filling) -> str:
    """The text of `replication.yaml`."""
    from ruamel.yaml import YAML

    content = spec.model_dump(mode="json", exclude_defaults=True)
    for dumped in content["experiments"]:
        family = dumped.pop("family", "imported")
        rest = dict(dumped)
        dumped.clear()
        dumped.update(family=family, **rest)
    text = StringIO()
    writer = YAML()
    writer.default_flow_style = None
    writer.width = 4096
    writer.dump(content, text)
    return (
        f"{SCHEMA_LINE}# Numbers of {filling.theirs.id}, read from its files and judged anew.\n"
        f"{text.getvalue()}"
    )


def _experiment(filling: Filling) -> ImportedSpec:
    numbers = filling.taken
    return ImportedSpec(
        family="imported",
        id="theirs",
        model=filling.ref,
        seeds=tuple(sorted({number.seed for number in numbers})),
        data=filling.recipe.data,
        repository=filling.source.repository,
        commit=filling.source.commit,
        numbers=numbers,
    )


def _id(filling: Filling) -> str:
    name = _TUNED.sub("", filling.theirs.models[filling.model].rpartition("/")[2].lower())
    return f"{filling.theirs.handle.lower()}-{re.sub(r'[^a-z0-9.]+', '-', name)}"


def _untested(paper: PaperSpec, experiment: ImportedSpec, filling: Filling) -> dict[str, str]:
    recipe, produced = filling.recipe, list(experiment.produces())
    reasons = {**recipe.untested, **recipe.untested_of.get(filling.model, {})}
    return {
        claim.id: filling.filled(reasons.get(claim.id, recipe.otherwise))
        for claim in paper.claims
        if not _is_measured(paper, claim, produced)
    }


def _is_measured(paper: PaperSpec, claim: Claim, produced: list[Quantity]) -> bool:
    """Whether the numbers hold every quantity that the claim needs, or some cell of its table."""
    base = () if claim.presupposes is None else (claim.presupposes.quantity,)
    found = [
        any(
            given.metric == wanted.metric
            and given.control == wanted.control
            and holds(wanted.where, given.where)
            for given in produced
        )
        for wanted in (*paper.quantities(claim), *base)
    ]
    return any(found) if isinstance(claim.expects, TableMatch) else all(found)
