"""Rows that repeat others: one quantity twice, seeds that are copies, controls that are copies.

Some rows are honestly equal: what no seed touches, a steering coefficient of 0, a metric at its
end. So a copy is alleged only where every telling row of a seed or of a control is one.
"""

import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from itertools import combinations
from typing import TYPE_CHECKING, NamedTuple

from harness.metrics import get_metric
from harness.review.finding import Finding
from harness.review.rules.rows import Placed, conditions_key

if TYPE_CHECKING:
    from harness.review.opened import Opened
    from harness.review.submission import Submission

_ENOUGH = 5
"""Telling rows, all of them equal, below which equality may be chance."""
_FEW = 3
_LEAST_UNITS = 100
_DIFFERENT_SCORES = 3
"""A row tells something with that many different scores: constants agree by themselves."""


class _Shared(NamedTuple):
    """The pairs of rows that two sides have in common and that tell something."""

    pairs: list[tuple[Placed, Placed]]

    @property
    def all_equal(self) -> bool:
        return bool(self.pairs) and all(_same(left, right) for left, right in self.pairs)


def duplicates(opened: "Opened") -> Iterator[Finding]:
    """Keys that stand twice, copied seeds, copied controls, copied settings, copied files."""
    rows = opened.placed
    yield from _keys(rows)
    yield from _files(opened.submission)
    for own in _grouped(rows, lambda each: each.row.experiment):
        yield from _seeds(own)
        yield from _controls(own)
    yield from _settings(rows)


def _keys(rows: Iterable[Placed]) -> Iterator[Finding]:
    first: dict[tuple[object, ...], Placed] = {}
    for each in rows:
        row = each.row
        key = (row.experiment, row.metric, row.control, row.seed, conditions_key(row.conditions))
        known = first.setdefault(key, each)
        if known is not each:
            yield each.finding("duplicate-row", f"the same quantity and seed as {known.place}")


def _files(submission: "Submission") -> Iterator[Finding]:
    first: dict[str, str] = {}
    for relative, blob in submission.files.items():
        if not relative.startswith("measurements/") or not blob.content:
            continue
        digest = hashlib.sha256(blob.content).hexdigest()
        known = first.setdefault(digest, relative)
        if known != relative:
            yield Finding(
                rule="duplicate-file",
                axis="evidence",
                severity="blocker",
                path=submission.path(relative),
                message=f"holds the very rows of {known}",
            )


def _seeds(rows: list[Placed]) -> Iterator[Finding]:
    by_seed = {
        seed: _keyed(rows, seed=seed) for seed in dict.fromkeys(each.row.seed for each in rows)
    }
    for one, other in combinations(by_seed, 2):
        shared = _shared(by_seed[one], by_seed[other])
        if shared.all_equal and len(shared.pairs) >= _FEW:
            count = len(shared.pairs)
            message = f"all {count} rows that a seed can change are those of seed {one}"
            severity = "blocker" if count >= _ENOUGH else "warning"
            yield shared.pairs[0][1].finding("copied-seed", message, severity=severity)


def _controls(rows: list[Placed]) -> Iterator[Finding]:
    """Of each metric: a control whose every telling row is the real one."""
    real = {_key(each): each for each in rows if each.row.control is None}
    controls = [each for each in rows if each.row.control is not None]
    for own in _grouped(controls, lambda each: (each.row.control, each.row.metric)):
        shared = _shared({_key(each): each for each in own}, real)
        if shared.all_equal and len(shared.pairs) >= _FEW:
            message = f"all {len(shared.pairs)} rows of the control are those of the real thing"
            yield shared.pairs[0][0].finding("copied-control", message)


def _settings(rows: Iterable[Placed]) -> Iterator[Finding]:
    """Two training sets whose probes score every unit of one test set alike."""
    trained = [each for each in rows if "train" in each.row.conditions and not each.row.control]
    whole = [each for each in trained if each.scores is not None]
    scored = [each for each in whole if _tells(each) and each.row.n >= _LEAST_UNITS]
    for own in _grouped(scored, lambda each: (each.row.metric, each.row.items)):
        other = next(
            (x for x in own if x.row.conditions["train"] != own[0].row.conditions["train"]), None
        )
        if other is not None:
            message = f"trained on other data, and every unit scored as in {own[0].place}"
            yield other.finding("copied-setting", message, severity="warning")


def _grouped(rows: Iterable[Placed], key: Callable[[Placed], object]) -> list[list[Placed]]:
    groups: dict[str, list[Placed]] = defaultdict(list)
    for each in rows:
        groups[repr(key(each))].append(each)
    return list(groups.values())


def _keyed(rows: Iterable[Placed], *, seed: int) -> dict[tuple[object, ...], Placed]:
    return {
        (each.row.metric, each.row.control, conditions_key(each.row.conditions)): each
        for each in rows
        if each.row.seed == seed
    }


def _key(each: Placed) -> tuple[object, ...]:
    """What a control's row shares with the real one."""
    return (each.row.metric, each.row.seed, conditions_key(each.row.conditions))


def _shared(
    left: dict[tuple[object, ...], Placed], right: dict[tuple[object, ...], Placed]
) -> _Shared:
    pairs = [(left[key], right[key]) for key in left if key in right]
    return _Shared([pair for pair in pairs if _tells(pair[0])])


def _same(left: Placed, right: Placed) -> bool:
    return left.row.value == right.row.value and left.scores == right.scores


def _tells(each: Placed) -> bool:
    """Whether equality with another row means something."""
    if each.scores is not None:
        return len(set(each.scores)) >= _DIFFERENT_SCORES
    metric = get_metric(each.row.metric)
    ends = (metric.low, metric.high, metric.chance)
    return not each.row.value.is_integer() and each.row.value not in ends
