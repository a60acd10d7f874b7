"""What can be wrong with a probing experiment: sets, sizes, CCS pairs, layers."""

from collections.abc import Iterator

from harness.check.caught import caught
from harness.check.layers import layer_count
from harness.data.catalogue import KNOWN_SETS, get_set, load_statements
from harness.problems import did_you_mean
from harness.specs import ProbingSpec


def unknown_sets(experiment: ProbingSpec) -> Iterator[str]:
    """Sets that do not exist."""
    for name in experiment.sets:
        yield from caught(get_set, name)


def probing_problems(experiment: ProbingSpec) -> Iterator[str]:
    """Everything else, once the names are known."""
    yield from _data(experiment)
    yield from _probes(experiment)
    yield from _layer(experiment)


def _data(experiment: ProbingSpec) -> Iterator[str]:
    for name, size in experiment.sizes.items():
        if name not in experiment.sets:
            yield f"sizes.{name}: no set of it{did_you_mean(name, list(experiment.sets))}"
        elif size % 2 or size < 4:
            yield f"sizes.{name}: {size} is not possible; valid: even numbers from 4"
    if experiment.data == "original" and experiment.sizes:
        yield "sizes: are for generated data; original sets are used whole: remove them"
    elif experiment.data == "original":
        for name in experiment.sets:
            yield from caught(load_statements, name, "original")


def _probes(experiment: ProbingSpec) -> Iterator[str]:
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


def _layer(experiment: ProbingSpec) -> Iterator[str]:
    layers = layer_count(experiment.model)
    if layers is not None and experiment.layer != "validation" and experiment.layer >= layers:
        yield f"layer: {experiment.layer}: {experiment.model} has layers 0 to {layers - 1}"
