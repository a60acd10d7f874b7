"""Whether each judged claim has exactly one source for every number that it needs."""

from collections.abc import Iterator

from harness.check.layers import layer_count
from harness.check.places import Misplaced
from harness.deviations import is_exact
from harness.measurement import Quantity, holds
from harness.paper import Claim, PaperSpec
from harness.problems import did_you_mean
from harness.replication import Replication


def claim_problems(replication: Replication) -> Iterator[Misplaced]:
    """Claims that no experiment can answer, or more than one."""
    produced = _produced(replication)
    exact = is_exact(replication.paper.setup, replication.spec)
    known = [claim.id for claim in replication.paper.claims]
    for name in replication.spec.untested:
        if name not in known:
            yield Misplaced(("untested", name), f"no such claim{did_you_mean(name, known)}")
    for claim in replication.paper.claims:
        if claim.scope == "general" or exact:
            yield from _untested(replication, claim, produced)
            for problem in _claim(replication, claim, produced):
                yield Misplaced(("experiments",), f"claim {claim.id}: {problem}")


def experiments_for(replication: Replication) -> dict[str, tuple[str, ...]]:
    """By claim, the judged experiments that measure all that it needs; none of them where they
    leave out a part."""
    produced = _produced(replication)
    found: dict[str, tuple[str, ...]] = {}
    for claim in replication.paper.claims:
        sources = [given for _, given in _needs(replication, claim, produced)]
        names = {name: None for given in sources for name in given}
        found[claim.id] = tuple(names) if all(sources) else ()
    return found


def _produced(replication: Replication) -> list[tuple[str, Quantity]]:
    """Every quantity that claims can be judged by, with its experiment."""
    named = _named_layers(replication.paper)
    found: list[tuple[str, Quantity]] = []
    for experiment in replication.spec.experiments:
        if experiment.judged:
            count = layer_count(experiment.model)
            layers = sorted(layer for layer in named if count is None or layer < count)
            found += [(experiment.id, quantity) for quantity in experiment.produces(layers)]
    return found


def _named_layers(paper: PaperSpec) -> set[int]:
    """Layers that claims name, and the first, as an example of what is measured by layer."""
    wanted = [each.where for claim in paper.claims for each in paper.quantities(claim)]
    return {0} | {layer for where in wanted if isinstance(layer := where.get("layer"), int)}


def _untested(
    replication: Replication, claim: Claim, produced: list[tuple[str, Quantity]]
) -> Iterator[Misplaced]:
    """A reason not to measure what is measured."""
    if claim.id in replication.spec.untested:
        sources = [found for _, found in _needs(replication, claim, produced)]
        if all(sources):
            yield Misplaced(("untested", claim.id), f"but experiment {sources[0][0]!r} measures it")


def _claim(
    replication: Replication, claim: Claim, produced: list[tuple[str, Quantity]]
) -> Iterator[str]:
    """Each quantity of a judged claim comes from exactly one setting of one experiment."""
    if claim.id in replication.spec.untested:
        return
    sources = _needs(replication, claim, produced)
    for quantity, found in sources:
        if not found:
            yield (
                f"no experiment produces {quantity}; add it to an experiment, or say why under "
                f"`untested`{_nearest(quantity, produced)}"
            )
        elif len(found) > 1:
            yield _ambiguous(quantity, produced)
    if _only_imported(replication, [found for _, found in sources]):
        return
    for control in claim.controls:
        for quantity in replication.paper.quantities(claim):
            if not _sources(quantity.under(control), produced):
                yield f"no experiment produces its control {control}"
                break


def _needs(
    replication: Replication, claim: Claim, produced: list[tuple[str, Quantity]]
) -> list[tuple[Quantity, list[str]]]:
    """Each quantity that a verdict needs, with the experiments that give it."""
    base = () if claim.presupposes is None else (claim.presupposes.quantity,)
    needed = (*replication.paper.quantities(claim), *base)
    return [(quantity, _sources(quantity, produced)) for quantity in needed]


def _only_imported(replication: Replication, sources: list[list[str]]) -> bool:
    """Whether only others measured it: a control that they left out cannot be added."""
    imported = {each.id for each in replication.spec.experiments if each.family == "imported"}
    names = {name for found in sources for name in found}
    return bool(names) and names <= imported


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
    if "control" in quantity.where:
        return " (a control is no condition: list it under `controls` of a claim)"
    for key, value in quantity.where.items():
        values = sorted({str(where[key]) for where in rows if key in where})
        if str(value) not in values:
            return f" ({key}={value}: measured are {', '.join(values) or 'none'})"
    return ""
