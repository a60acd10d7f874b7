"""One experiment under different rules of what may stand on both sides of a split."""

from collections.abc import Iterable, Iterator, Sequence

from matplotlib.axes import Axes

from harness.metrics import get_metric
from harness.report.figures.layers import METRIC, chosen_layers
from harness.report.figures.style import (
    COLOURS,
    MARKERS,
    SOFT,
    WIDTH_INCHES,
    Drawing,
    new_figure,
)
from harness.report.material import Material, Setting
from harness.report.wording import joined, transfer, words
from harness.specs import ExperimentSpec, ProbingSpec

_ORDER = ("statement", "unit", "country")
"""From the split that leaks most to the one that leaks least."""

_MOST = 8
"""Transfers that fit in a figure."""


def split_comparison(material: Material) -> Iterator[Drawing]:
    """One figure a group of experiments that differ in nothing but their split."""
    for alike in _alike(material.spec.experiments):
        ids = [each.id for each in alike]
        found = _few(each for each in material.settings if each.experiment in ids)
        if len({each.conditions["split"] for each in found}) > 1:
            layers = sorted({layer for name in ids for layer in chosen_layers(material, name)})
            yield _draw(found, layers, f"splits.{ids[0]}")


def _alike(experiments: Sequence[ExperimentSpec]) -> list[list[ProbingSpec]]:
    groups: dict[str, list[ProbingSpec]] = {}
    for each in experiments:
        if not isinstance(each, ProbingSpec):
            continue
        bare = each.model_copy(update={"id": "any", "judged": True, "split": "unit"})
        groups.setdefault(bare.digest, []).append(each)
    return list(groups.values())


def _few(settings: Iterable[Setting]) -> list[Setting]:
    """The accuracies at the reported layer; if many, those on a set that was trained on."""
    plain = [each for each in settings if _is_plain(each)]
    if len(set(map(_label, plain))) <= _MOST:
        return plain
    return [e for e in plain if str(e.conditions["test"]) in str(e.conditions["train"]).split("+")]


def _is_plain(setting: Setting) -> bool:
    conditions = setting.conditions
    named = {"split", "layer", "probe", "train", "test"} <= conditions.keys()
    plain = setting.metric == METRIC and setting.control is None
    return plain and named and conditions["layer"] == "chosen"


def _label(setting: Setting) -> str:
    return f"{transfer(setting.conditions)}\n{words(str(setting.conditions['probe']))}"


def _draw(settings: Sequence[Setting], layers: Sequence[float], name: str) -> Drawing:
    labels = list(dict.fromkeys(map(_label, settings)))
    used = {str(each.conditions["split"]) for each in settings}
    splits = [split for split in _ORDER if split in used]
    figure = new_figure(WIDTH_INCHES * 0.85, 0.5 * len(labels) + 1.2)
    axes = figure.subplots()
    for index, split in enumerate(splits):
        shift = (index - (len(splits) - 1) / 2) * 0.22
        shown = [each for each in settings if each.conditions["split"] == split]
        places = [labels.index(_label(each)) + shift for each in shown]
        _points(axes, places, shown, index)
        axes.plot([], [], color=COLOURS[index], marker=MARKERS[index], label=f"split by {split}")
    _frame(axes, labels)
    where = f"layer {joined(f'{layer:g}' for layer in layers)}" if layers else "the chosen layer"
    axes.set_xlabel(f"accuracy at {where}")
    figure.legend(loc="outside upper center", ncols=4)
    return Drawing(name, _caption(splits), figure)


def _frame(axes: Axes, labels: Sequence[str]) -> None:
    chance = get_metric(METRIC).chance
    if chance is not None:
        axes.axvline(chance, color=SOFT, linewidth=0.9, linestyle="--", label="chance")
    axes.set_yticks(range(len(labels)), labels)
    axes.set_ylim(len(labels) - 0.5, -0.5)
    axes.grid(axis="x", color="#edf0f2")


def _points(axes: Axes, places: Sequence[float], shown: Sequence[Setting], index: int) -> None:
    for y, each in zip(places, shown, strict=True):
        got, colour = each.estimate, COLOURS[index]
        if got.low is not None and got.high is not None:
            axes.plot([got.low, got.high], [y, y], color=colour, linewidth=1.8)
        axes.plot([got.mean], [y], color=colour, marker=MARKERS[index], markersize=5)


def _caption(splits: Sequence[str]) -> str:
    return (
        f"The same probes with the data split by {joined(splits)}: what an accuracy owes to a "
        "unit or country that stands on both sides. Bars are 95 % intervals."
    )
