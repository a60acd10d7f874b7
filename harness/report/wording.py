"""Numbers and names as a person reads them. What is unknown is a dash, never a number."""

import re
from collections.abc import Iterable, Mapping, Sequence

from harness.estimate import Estimate
from harness.measurement import Condition, Quantity
from harness.metrics import get_metric

DASH = "—"
_UNITS = {"degrees": "°"}
_PART = r"[^\s/\\'\"`:,;()<>|]+"
_ROOTED_PATH = re.compile(
    rf"(?<![\w/.~])(?:(?:/(?!/){_PART}){{2,}}|~(?:/{_PART})+|[A-Za-z]:(?:\\{_PART})+)"
)


def number(value: float | None, metric: str, *, digits: int = 3) -> str:
    """A value in the metric's unit; a dash where there is none."""
    if value is None:
        return DASH
    unit = get_metric(metric).unit
    places = {"degrees": 1, "layer": 1}.get(unit, digits)
    shown = f"{value:.{places}f}"
    if unit == "layer":
        shown = shown.removesuffix(".0")
    return _without_minus_zero(shown) + _UNITS.get(unit, "")


def limit_text(value: float, metric: str) -> str:
    """A number that somebody wrote down, with just the digits it was written with."""
    return f"{value:g}" + _UNITS.get(get_metric(metric).unit, "")


def interval(got: Estimate, metric: str, *, digits: int = 3) -> str:
    """`[low, high]`, or a dash in the brackets where one value gives no interval."""
    if got.low is None or got.high is None:
        return f"[{DASH}]"
    low, high = (number(end, metric, digits=digits) for end in (got.low, got.high))
    return f"[{low},\u00a0{high}]"


def with_interval(got: Estimate | None, metric: str, *, digits: int = 3) -> str:
    """Value and interval; a dash where nothing was measured."""
    if got is None:
        return DASH
    value, span = number(got.mean, metric, digits=digits), interval(got, metric, digits=digits)
    return f"{value}\u00a0{span}"


def sample(got: Estimate) -> str:
    """How much data stands behind an estimate."""
    return f"n = {got.n:,}, {counted(got.seeds, 'seed')}"


def counted(count: int, noun: str) -> str:
    """`1 seed`, `3 seeds`."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def words(name: str) -> str:
    """An identifier as words."""
    return name.replace("_", " ")


def shortened(text: str, limit: int) -> str:
    """The text, cut at a word and marked by an ellipsis where it is longer than `limit`."""
    text = " ".join(text.split())
    if len(text) <= limit:
        return text
    kept = text[: limit - 1]
    return (kept.rsplit(" ", 1)[0] if " " in kept[limit // 2 :] else kept).rstrip(" ,;:") + "…"


def without_machine_paths(text: str) -> str:
    """The text with every rooted path cut down to its last part: `…/name`."""
    return _ROOTED_PATH.sub(lambda found: "…/" + re.split(r"[/\\]", found[0])[-1], text)


def metric_name(metric: str) -> str:
    """A metric as a sentence names it."""
    return words(metric.removesuffix("_binary"))


def metric_words(metric: str) -> str:
    """A metric with its unit, as an axis names it."""
    return f"{metric_name(metric)} ({get_metric(metric).unit})"


def unbroken(text: str) -> str:
    """The text on one line wherever it stands."""
    return text.replace(" ", "\u00a0")


def short_title(title: str) -> str:
    """What stands before the colon."""
    return title.split(": ", 1)[0]


def transfer(conditions: Mapping[str, Condition]) -> str:
    """`cities → neg_cities` where a probe was trained and tested, else the conditions."""
    if "train" in conditions and "test" in conditions:
        return f"{conditions['train']} → {conditions['test']}"
    if "first" in conditions and "second" in conditions:
        return f"{conditions['first']}, {conditions['second']}"
    return ", ".join(f"{key} {value}" for key, value in conditions.items())


def telling_apart(quantities: Sequence[Quantity]) -> dict[str, str]:
    """The shortest name of each quantity that keeps it apart from the others, by its full name."""
    differing = {key for q in quantities for key in q.where if _varies(key, quantities)}
    several_metrics = len({quantity.metric for quantity in quantities}) > 1
    several_controls = len({quantity.control for quantity in quantities}) > 1
    names: dict[str, str] = {}
    for quantity in quantities:
        conditions = {key: v for key, v in quantity.where.items() if key in differing}
        parts = [
            words(quantity.metric) if several_metrics else "",
            words(quantity.control or "measured") if several_controls else "",
            transfer_and_rest(conditions),
        ]
        names[str(quantity)] = " ".join(part for part in parts if part)
    return names


def transfer_and_rest(conditions: Mapping[str, Condition]) -> str:
    """The transfer first, then what else was varied."""
    pair = {key: conditions[key] for key in ("train", "test") if key in conditions}
    rest = [_condition(key, value) for key, value in conditions.items() if key not in pair]
    moved = transfer(pair) if len(pair) == 2 else " ".join(str(v) for v in pair.values())
    return ", ".join(part for part in (moved, *rest) if part)


def _condition(key: str, value: Condition) -> str:
    """`nothing ablated`, `layer 5`; other values speak for themselves."""
    if key == "ablated":
        return f"{'nothing' if value == 'none' else words(str(value))} ablated"
    return words(str(value)) if isinstance(value, str) else f"{words(key)} {value:g}"


def joined(names: Iterable[str]) -> str:
    """`a, b and c`."""
    *first, last = list(names) or [DASH]
    return f"{', '.join(first)} and {last}" if first else last


def _varies(key: str, quantities: Sequence[Quantity]) -> bool:
    values = {str(each.where[key]) if key in each.where else None for each in quantities}
    return len(values) > 1


def _without_minus_zero(shown: str) -> str:
    return shown[1:] if shown.startswith("-") and not shown.strip("-0.") else shown
