"""Say what is wrong with a replication before anything runs.

Reads both specs and what they name, and writes nothing there; the authors' data files, which are
small, are fetched into the cache to see that they can be had.
"""

from collections.abc import Callable, Iterator
from pathlib import Path

from harness.data.catalogue import KNOWN_SETS, get_set, load_statements
from harness.deviations import is_exact, require_declared
from harness.expectations import Bound, Equivalence, Value
from harness.measurement import Quantity, holds
from harness.metrics import get_metric
from harness.models.registry import availability, folder, resolve
from harness.paper import Claim, PaperSpec
from harness.problems import did_you_mean
from harness.record import HarnessError, parse_json, read_text
from harness.replication import Replication
from harness.specs import ExperimentSpec


def check(replication: Replication) -> None:
    """Raises `HarnessError` with every problem found, one a line."""
    problems = list(_each_experiment(replication, _names))
    if not problems:
        own = _each_experiment(replication, _data, _probes, _model)
        about_paper = (*_impossible(replication.paper), *_claims(replication))
        problems = [*own, *_deviations(replication), *about_paper]
    if problems:
        where = f"{replication.name}/replication.yaml"
        raise HarnessError("\n".join(f"{where}: {problem}" for problem in problems))


def _deviations(replication: Replication) -> Iterator[str]:
    yield from _caught(require_declared, replication.paper.setup, replication.spec)


def _impossible(paper: PaperSpec) -> Iterator[str]:
    """Numbers outside of their metric's range, such as per cent where a fraction is meant."""
    numbers = [
        (f"claim {claim.id}", *number) for claim in paper.claims for number in _number(claim)
    ]
    numbers += [
        (f"table {table.id}: {cell.row} / {cell.column}", cell.quantity, cell.value)
        for table in paper.tables
        for cell in table.cells
    ]
    for place, quantity, value in numbers:
        metric = get_metric(quantity.metric)
        if not metric.allows(value):
            known = (metric.low, metric.high)
            span = " to ".join("any" if end is None else f"{end:g}" for end in known)
            yield (
                f"papers/{paper.id}/paper.yaml: {place}: {value:g} is outside the range of "
                f"{metric.name}: {span}, in its unit {metric.unit!r}"
            )


def _number(claim: Claim) -> list[tuple[Quantity, float]]:
    match claim.expects:
        case Value(quantity=quantity, target=value) | Bound(quantity=quantity, limit=value):
            return [(quantity, value)]
        case Equivalence(quantity=quantity, to=float(value)):
            return [(quantity, value)]
        case _:
            return []


def _claims(replication: Replication) -> Iterator[str]:
    produced = _produced(replication)
    exact = is_exact(replication.paper.setup, replication.spec)
    known = [claim.id for claim in replication.paper.claims]
    for name in replication.spec.untested:
        if name not in known:
            yield f"untested.{name}: no such claim{did_you_mean(name, known)}"
    for claim in replication.paper.claims:
        if claim.scope == "general" or exact:
            yield from _claim(replication, claim, produced)


def _produced(replication: Replication) -> list[tuple[str, Quantity]]:
    return [
        (experiment.id, quantity)
        for experiment in replication.spec.experiments
        if experiment.judged
        for quantity in (*experiment.produces(), *_by_layer(experiment, replication.paper))
    ]


def _by_layer(experiment: ExperimentSpec, paper: PaperSpec) -> Iterator[Quantity]:
    """What is measured layer by layer, for the layers that claims name and for the first."""
    wanted = [each.where for claim in paper.claims for each in paper.quantities(claim)]
    named = {layer for where in wanted if isinstance(layer := where.get("layer"), int)}
    count = _layer_count(experiment.model)
    layers = sorted(layer for layer in {0, *named} if count is None or layer < count)
    for quantity in experiment.produces():
        for layer in layers if _is_swept(experiment, quantity) else ():
            yield quantity.model_copy(update={"where": {**quantity.where, "layer": layer}})


def _is_swept(experiment: ExperimentSpec, quantity: Quantity) -> bool:
    """Whether the experiment measures this at every layer too."""
    if quantity.metric == "accuracy_binary" and quantity.control in (None, "shuffled_labels"):
        where = quantity.where.items()
        return any(each.model_dump().items() <= where for each in experiment.sweep)
    return quantity.metric == "direction_angle"


def _claim(
    replication: Replication, claim: Claim, produced: list[tuple[str, Quantity]]
) -> Iterator[str]:
    """Each quantity of a judged claim comes from exactly one setting of one experiment."""
    needed = replication.paper.quantities(claim)
    sources = [(each, _sources(each, produced)) for each in needed]
    if claim.id in replication.spec.untested:
        if all(found for _, found in sources):
            yield f"untested.{claim.id}: but experiment {sources[0][1][0]!r} measures it"
        return
    for quantity, found in sources:
        if not found:
            yield (
                f"claim {claim.id}: no experiment produces {quantity}; add it to an experiment, "
                f"or say why under `untested`{_nearest(quantity, produced)}"
            )
        elif len(found) > 1:
            yield f"claim {claim.id}: {_ambiguous(quantity, produced)}"
    for control in claim.controls:
        for quantity in needed:
            if not _sources(quantity.under(control), produced):
                yield f"claim {claim.id}: no experiment produces its control {control}"
                break


def _sources(quantity: Quantity, produced: list[tuple[str, Quantity]]) -> list[str]:
    return [experiment for experiment, given in produced if _gives(given, quantity)]


def _ambiguous(quantity: Quantity, produced: list[tuple[str, Quantity]]) -> str:
    """Rows of one experiment differ in a condition; several experiments may agree in all."""
    rows = [(name, given.where) for name, given in produced if _gives(given, quantity)]
    names = sorted({name for name, _ in rows})
    differ = [
        f"{key}: {', '.join(values)}"
        for key in rows[0][1]
        if len(values := sorted({str(where[key]) for _, where in rows})) > 1
    ]
    told = f"by {'; '.join(differ)}" if differ else "by nothing"
    mend = "mark all but one `judged: false`" if len(names) > 1 else "the claim must say which"
    return f"{len(rows)} rows of {', '.join(names)} match {quantity}, told apart {told}; {mend}"


def _gives(given: Quantity, wanted: Quantity) -> bool:
    same = given.metric == wanted.metric and given.control == wanted.control
    return same and holds(wanted.where, given.where)


def _nearest(quantity: Quantity, produced: list[tuple[str, Quantity]]) -> str:
    """The condition that no row of this metric meets, with the values there are."""
    rows = [given.where for _, given in produced if given.metric == quantity.metric]
    if not rows:
        return f" (nothing here measures {quantity.metric})"
    for key, value in quantity.where.items():
        values = sorted({str(where[key]) for where in rows if key in where})
        if str(value) not in values:
            return f" ({key}={value}: measured are {', '.join(values) or 'none'})"
    return ""


def _each_experiment(
    replication: Replication, *questions: Callable[[ExperimentSpec], Iterator[str]]
) -> Iterator[str]:
    for experiment in replication.spec.experiments:
        for question in questions:
            yield from (f"experiment {experiment.id}: {each}" for each in question(experiment))


def _names(experiment: ExperimentSpec) -> Iterator[str]:
    """Nothing else can be asked about what is not known."""
    yield from _caught(resolve, experiment.model)
    for name in experiment.sets:
        yield from _caught(get_set, name)


def _data(experiment: ExperimentSpec) -> Iterator[str]:
    for name, size in experiment.sizes.items():
        if name not in experiment.sets:
            yield f"sizes.{name}: no set of it{did_you_mean(name, list(experiment.sets))}"
        elif size % 2 or size < 4:
            yield f"sizes.{name}: {size} is not possible; valid: even numbers from 4"
    if experiment.data == "original" and experiment.sizes:
        yield "sizes: are for generated data; original sets are used whole: remove them"
    elif experiment.data == "original":
        for name in experiment.sets:
            yield from _caught(load_statements, name, "original")


def _probes(experiment: ExperimentSpec) -> Iterator[str]:
    """Contrast-consistent search needs statements paired with their negations."""
    joined = [each.train for each in experiment.sweep if each.probe == "ccs"]
    if "ccs" in experiment.probes:
        joined += [train for train in experiment.train if "+" in train]
    for train in dict.fromkeys(joined):
        first, *others = train.split("+")
        if others != [KNOWN_SETS[first].partner]:
            partners = [f"{name}+{known.partner}" for name, known in KNOWN_SETS.items()]
            valid = ", ".join(pair for pair in partners if not pair.endswith("+None"))
            yield f"ccs: {train} is not a set with its negation; valid: {valid}"


def _model(experiment: ExperimentSpec) -> Iterator[str]:
    if experiment.model.startswith(f"path:{Path.home()}/"):
        yield f"model: {experiment.model}: write path:~/…, for others need not know whose it is"
    missing = availability(experiment.model)
    if missing:
        yield f"model: {missing}"
        return
    layers = _layer_count(experiment.model)
    if layers is not None and experiment.layer != "validation" and experiment.layer >= layers:
        yield f"layer: {experiment.layer}: {experiment.model} has layers 0 to {layers - 1}"


def _layer_count(model: str) -> int | None:
    """Blocks of a model in a local folder; `None` where only loading it would tell."""
    entry = resolve(model)
    file = folder(entry) / "config.json"
    if not (entry.source.startswith("path:") and file.is_file()):
        return None
    config = parse_json(read_text(file), file)
    return config.get("num_hidden_layers", config.get("n_layer"))


def _caught(action: Callable[..., object], *arguments: object) -> Iterator[str]:
    """The error of an action as text; nothing where it succeeds."""
    try:
        action(*arguments)
    except HarnessError as error:
        yield str(error)
