"""What an experiment would measure, for whoever writes claims: metrics, conditions, controls."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from harness.check.layers import layer_count
from harness.measurement import Condition, Quantity, holds
from harness.metrics import Metric, get_metric
from harness.paper import Claim, PaperSpec
from harness.scaffold.commented import comment, flow
from harness.specs import Experiment, ReplicationSpec

_MOST_SHOWN = 8
_POSITIVE = ("true_dictionary",)
"""Controls that must pass, which no claim can list."""


class Measured(NamedTuple):
    """Quantities of one metric that are told apart by the same conditions."""

    metric: Metric
    where: dict[str, tuple[Condition, ...]]
    """The values of each condition, the model left out; not every combination is measured."""
    controls: tuple[str, ...]
    examples: tuple[Quantity, ...]
    """Those of no control, as a claim names them: without what is the scale of this set-up."""


def measured(experiments: Sequence[Experiment]) -> list[Measured]:
    """Everything that the experiments measure whatever the model, in their order."""
    groups: dict[tuple[str, ...], list[Quantity]] = {}
    for experiment in experiments:
        for quantity in experiment.produces():
            groups.setdefault((quantity.metric, *quantity.where), []).append(quantity)
    return [_group(quantities) for quantities in groups.values()]


def metric_lines(found: Sequence[Measured]) -> list[str]:
    """A comment for each: facts of the metric, definition, conditions, controls."""
    lines: list[str] = []
    for each in found:
        lines += comment(f"{each.metric.name}: {facts(each.metric)}")
        lines += comment(each.metric.definition, within=2)
        where = "; ".join(f"{key} = {_values(values)}" for key, values in each.where.items())
        lines += comment(f"where: {where or 'no conditions'}", within=2)
        lines += comment(f"controls: {', '.join(each.controls) or 'none'}", within=2)
    return lines


def facts(metric: Metric) -> str:
    """Unit, range, direction and chance level in a line."""
    better = "neither way is better" if metric.better == "neither" else f"{metric.better} is better"
    chance = "no chance level" if metric.chance is None else f"chance {metric.chance:g}"
    return f"{metric.unit}, {_range(metric)}; {better}; {chance}"


def _range(metric: Metric) -> str:
    match metric.low, metric.high:
        case None, None:
            return "any number"
        case low, None:
            return f"{low:g} or more"
        case None, high:
            return f"{high:g} or less"
        case low, high:
            return f"{low:g} to {high:g}"


def unmeasured(paper: PaperSpec, spec: ReplicationSpec) -> list[str]:
    """General claims with a quantity that no judged experiment produces."""
    produced = list(_produced(paper, spec))

    def is_measured(wanted: Quantity) -> bool:
        return any(
            given.metric == wanted.metric
            and given.control == wanted.control
            and holds(wanted.where, given.where)
            for given in produced
        )

    general = [claim for claim in paper.claims if claim.scope == "general"]
    return [c.id for c in general if not all(map(is_measured, _needed(paper, c)))]


def _produced(paper: PaperSpec, spec: ReplicationSpec) -> Iterator[Quantity]:
    """What claims can be judged by, rows by layer at the layers that they name."""
    wheres = [each.where for claim in paper.claims for each in paper.quantities(claim)]
    named = {layer for where in wheres if isinstance(layer := where.get("layer"), int)}
    for experiment in spec.experiments:
        if experiment.judged:
            count = layer_count(experiment.model)
            layers = sorted(layer for layer in named if count is None or layer < count)
            yield from experiment.produces(layers)


def _needed(paper: PaperSpec, claim: Claim) -> tuple[Quantity, ...]:
    base = () if claim.presupposes is None else (claim.presupposes.quantity,)
    return (*paper.quantities(claim), *base)


def _group(quantities: Sequence[Quantity]) -> Measured:
    real = [_without(each, ["model"]) for each in quantities if each.control is None]
    keys = [key for key in quantities[0].where if key != "model"]
    where = {key: tuple(dict.fromkeys(each.where[key] for each in real)) for key in keys}
    controls = dict.fromkeys(each.control for each in quantities if each.control)
    listed = tuple(name for name in controls if name not in _POSITIVE)
    scale = [key for key, values in where.items() if _is_scale(values)]
    examples = tuple(_without(each, scale) for each in real)
    return Measured(get_metric(quantities[0].metric), where, listed, examples)


def _is_scale(values: Sequence[Condition]) -> bool:
    """A number that all rows share belongs to this set-up; a claim is about others too."""
    return len(values) == 1 and not isinstance(values[0], str)


def _without(quantity: Quantity, keys: Sequence[str]) -> Quantity:
    where = {key: value for key, value in quantity.where.items() if key not in keys}
    return quantity.model_copy(update={"where": where})


def _values(values: Sequence[Condition]) -> str:
    shown = " | ".join(map(flow, values[:_MOST_SHOWN]))
    return f"{shown} | …" if len(values) > _MOST_SHOWN else shown
