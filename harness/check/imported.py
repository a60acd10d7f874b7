"""What can be wrong with an experiment of the family `imported`: readings that no metric takes."""

from collections.abc import Iterator

from harness.metrics import get_metric
from harness.specs import ImportedSpec
from harness.specs.imported import Correlation, CorrelationOf, ImportedNumber, Number


def imported_problems(experiment: ImportedSpec) -> Iterator[str]:
    """Readings that give numbers of another kind than their metric's. The files are not fetched."""
    hashes: dict[str, str] = {}
    for place, number in enumerate(experiment.numbers):
        if hashes.setdefault(number.file, number.sha256) != number.sha256:
            yield f"numbers[{place}]: sha256: {number.file} has another one above"
        yield from (f"numbers[{place}]: {problem}" for problem in _number(number))


def _number(number: ImportedNumber) -> Iterator[str]:
    metric, reading = get_metric(number.metric), number.reading
    if isinstance(reading, Number):
        return
    kind = reading.kind
    if isinstance(reading, Correlation | CorrelationOf):
        if metric.high != 1 or metric.is_proportion:
            yield f"reading: {kind} gives a correlation, which {metric.name} is not"
        signed = not (isinstance(reading, Correlation) and reading.sign == "absolute")
        if signed != (metric.low == -1):
            yield f"reading: {kind}: sign: {metric.name} goes from {metric.low} to {metric.high}"
    elif not metric.is_proportion:
        yield f"reading: {kind} gives a share of units, which {metric.name} is not"
