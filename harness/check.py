"""Say what is wrong with a replication before anything runs. Reads both specs, writes nothing."""

from collections.abc import Callable, Iterator

from harness.data.catalogue import get_set
from harness.deviations import is_exact, require_declared
from harness.measurement import Quantity, holds
from harness.models.registry import availability
from harness.paper import Claim
from harness.problems import did_you_mean
from harness.record import HarnessError
from harness.replication import Replication
from harness.specs import ExperimentSpec


def check(replication: Replication) -> None:
    """Raises `HarnessError` with every problem found, one a line."""
    problems = [*_specs(replication), *_surroundings(replication)]
    if problems:
        where = f"{replication.name}/replication.yaml"
        raise HarnessError("\n".join(f"{where}: {problem}" for problem in problems))


def _specs(replication: Replication) -> Iterator[str]:
    yield from _caught(require_declared, replication.paper.setup, replication.spec)
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
        for quantity in experiment.produces()
    ]


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
            yield (
                f"claim {claim.id}: {len(found)} rows match {quantity} (from "
                f"{', '.join(sorted(set(found)))}); mark an experiment `judged: false`"
            )
    for control in claim.controls:
        for quantity in needed:
            if not _sources(quantity.under(control), produced):
                yield f"claim {claim.id}: no experiment produces its control {control}"
                break


def _sources(quantity: Quantity, produced: list[tuple[str, Quantity]]) -> list[str]:
    return [
        experiment
        for experiment, given in produced
        if given.metric == quantity.metric
        and given.control == quantity.control
        and holds(quantity.where, given.where)
    ]


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


def _surroundings(replication: Replication) -> Iterator[str]:
    for experiment in replication.spec.experiments:
        for problem in _reachable(experiment):
            yield f"experiment {experiment.id}: {problem}"


def _reachable(experiment: ExperimentSpec) -> Iterator[str]:
    for name in experiment.sets:
        yield from _caught(get_set, name)
    if experiment.data == "original" and experiment.sizes:
        yield "sizes are for generated data; original sets are used whole"
    try:
        missing = availability(experiment.model)
    except HarnessError as error:
        missing = str(error)
    if missing:
        yield missing


def _caught(action: Callable[..., object], *arguments: object) -> Iterator[str]:
    """The error of an action as text; nothing where it succeeds."""
    try:
        action(*arguments)
    except HarnessError as error:
        yield str(error)
