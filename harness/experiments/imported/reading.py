"""The ways to a value with its uncertainty from somebody's result file. Pure."""

import hashlib
from collections.abc import Sequence
from typing import NamedTuple, assert_never

from harness.experiments.imported.correlation_error import correlation_stderr, pearson
from harness.experiments.imported.result_file import MOST_ENTRIES, Json, ResultFile
from harness.measurement import Items
from harness.record import HarnessError
from harness.specs.imported import (
    Accuracy,
    ConfusionMatrix,
    Correlation,
    CorrelationOf,
    Number,
    Probabilities,
    Rates,
    Reading,
    Signs,
)


class Read(NamedTuple):
    """A value with what is known of its spread; `None` is unknown."""

    value: float
    n: int
    stderr: float | None = None
    items: Items | None = None


def read(reading: Reading, file: ResultFile) -> Read:
    """Raises `HarnessError` with file and key where the reading does not fit."""
    match reading:
        case ConfusionMatrix():
            return _confusion_matrix(reading, file)
        case Accuracy():
            return _accuracy(reading, file)
        case Rates():
            return _rates(reading, file)
        case Probabilities():
            return _scores(file, reading.at, [_share(file, each) for each in reading.at])
        case Signs():
            return _signs(reading, file)
        case Correlation():
            return _correlation(reading, file)
        case CorrelationOf():
            return _correlation_of(reading, file)
        case Number():
            return Read(file.number(reading.at), file.count(reading.n))
        case _:
            assert_never(reading)


def _confusion_matrix(reading: ConfusionMatrix, file: ResultFile) -> Read:
    got = _scores(file, (reading.at,), _hits(reading.at, file))
    if reading.accuracy is not None:
        _require_same(file, reading.accuracy, got)
    return got


def _accuracy(reading: Accuracy, file: ResultFile) -> Read:
    share, n = _share(file, reading.at), file.count(reading.n)
    if reading.matrix is not None:
        counted = _scores(file, (reading.matrix,), _hits(reading.matrix, file))
        _require_same(file, reading.at, counted)
        if counted.n != n:
            raise HarnessError(f"{file.name}: {reading.matrix}: counts {counted.n} items, not {n}")
    return Read(share, n, (share * (1 - share) / n) ** 0.5)


def _hits(pointer: str, file: ResultFile) -> list[float]:
    """1 for each item on the diagonal, 0 for every other, class after class."""
    rows = file.entries(pointer)
    hits: list[float] = []
    for true, row in enumerate(rows):
        if not isinstance(row, list) or len(row) != len(rows):
            raise HarnessError(f"{file.name}: {pointer}: not a square matrix of counts")
        for predicted, value in enumerate(row):
            place = f"{pointer}/{true}/{predicted}"
            hits += [float(true == predicted)] * _whole(file, place, file.as_number(value, place))
            if len(hits) > MOST_ENTRIES:
                raise HarnessError(f"{file.name}: {pointer}: counts over a million items")
    if not hits:
        raise HarnessError(f"{file.name}: {pointer}: counts nothing")
    return hits


def _require_same(file: ResultFile, pointer: str, counted: Read) -> None:
    stored = file.number(pointer)
    if abs(stored - counted.value) > 1e-6:
        raise HarnessError(
            f"{file.name}: {pointer}: says {stored:.6g}, but its own confusion matrix gives "
            f"{counted.value:.6g}"
        )


def _rates(reading: Rates, file: ResultFile) -> Read:
    trials = file.count(reading.n)
    hits: list[float] = []
    for pointer in reading.at:
        times = _whole(file, pointer, _share(file, pointer) * trials)
        hits += [1.0] * times + [0.0] * (trials - times)
    return _scores(file, reading.at, hits)


def _signs(reading: Signs, file: ResultFile) -> Read:
    scores: list[float] = []
    for place, entry in enumerate(file.entries(reading.at)):
        inner = ResultFile(f"{file.name}: {reading.at}/{place}", entry)
        if all(_text(inner, key) == value for key, value in reading.only.items()):
            scores.append(float(inner.number(reading.value) > 0))
    if not scores:
        raise HarnessError(f"{file.name}: {reading.at}: no entry has {reading.only}")
    return _scores(file, (reading.at, reading.value, *reading.only.values()), scores)


def _text(entry: ResultFile, key: str) -> Json:
    return entry.at(f"/{key}")


def _correlation(reading: Correlation, file: ResultFile) -> Read:
    r, n = file.number(reading.at), file.count(reading.n)
    _require_correlation(file, reading.at, r)
    r = {"as_stored": r, "negated": -r, "absolute": abs(r)}[reading.sign]
    return Read(r, n, correlation_stderr(r, n, ranks=reading.method == "spearman"))


def _correlation_of(reading: CorrelationOf, file: ResultFile) -> Read:
    found = file.at(reading.at)
    if not isinstance(found, dict):
        raise HarnessError(f"{file.name}: {reading.at}: expected values by name")
    unrated = sorted(found.keys() - reading.ratings.keys())
    if unrated or len(found) < 4:
        raise HarnessError(
            f"{file.name}: {reading.at}: {len(found)} values, without a rating: "
            f"{', '.join(unrated) or 'none'}; four rated ones are needed"
        )
    values = [file.as_number(found[name], f"{reading.at}/{name}") for name in found]
    r = pearson(values, [reading.ratings[name] for name in found])
    if r is None:
        raise HarnessError(
            f"{file.name}: {reading.at}: all values are equal, so that there is no correlation"
        )
    if reading.stored is not None:
        file.require(reading.stored, r)
    return Read(r, len(values), correlation_stderr(r, len(values), ranks=False))


def _share(file: ResultFile, pointer: str) -> float:
    found = file.number(pointer)
    if not 0 <= found <= 1:
        raise HarnessError(f"{file.name}: {pointer}: {found:g} is no share of 0 to 1")
    return found


def _require_correlation(file: ResultFile, pointer: str, r: float) -> None:
    if not -1 <= r <= 1:
        raise HarnessError(f"{file.name}: {pointer}: {r:g} is no correlation")


def _whole(file: ResultFile, pointer: str, value: float) -> int:
    if value < 0 or abs(value - round(value)) > 1e-6 or value > MOST_ENTRIES:
        raise HarnessError(f"{file.name}: {pointer}: {value:g} is no count")
    return round(value)


def _scores(file: ResultFile, pointers: Sequence[str], scores: Sequence[float]) -> Read:
    """Scores of units that only this file and these places have, so that nothing is paired."""
    named = "\n".join((file.name, *pointers))
    items = Items.pack(hashlib.sha256(named.encode()).hexdigest()[:12], scores)
    mean, n = sum(scores) / len(scores), len(scores)
    variance = sum((score - mean) ** 2 for score in scores) / (n - 1) if n > 1 else None
    stderr = None if variance is None else (variance / n) ** 0.5
    return Read(mean, n, stderr, items)
