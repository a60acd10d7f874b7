"""What a change of latents costs in the replacement model against what it costs in the original."""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np
from matplotlib.axes import Axes

from harness.measurement import Condition, Measurement
from harness.report.figures.intervention_effects import METRIC, RANDOM
from harness.report.figures.style import COLOURS, FAINT, MARKERS, SOFT, Drawing, new_figure
from harness.report.material import Material
from harness.report.wording import with_interval, words

Key = tuple[tuple[str, Condition], ...]


class Pair(NamedTuple):
    """One prompt under one change, in nats that the answer loses."""

    replacement: float
    original: float


def effect_agreement(material: Material) -> Iterator[Drawing]:
    """One figure an experiment whose rows carry a score for each prompt in both runs."""
    found = [row for row in material.measurements if row.metric == METRIC and row.items]
    for experiment in dict.fromkeys(row.experiment for row in found):
        pairs = _pairs([row for row in found if row.experiment == experiment])
        if pairs:
            yield _draw(material, experiment, pairs)


def _pairs(rows: Sequence[Measurement]) -> dict[str, list[Pair]]:
    """By what was changed, the random latents last; only prompts that both runs scored."""
    originals = {_key(row): row for row in rows if row.conditions["run"] == "original"}
    found: dict[str, list[Pair]] = {}
    for row in rows:
        other = originals.get(_key(row))
        change = str(row.conditions["intervention"])
        if row.conditions["run"] == "original" or other is None or change == "none":
            continue
        assert row.items is not None and other.items is not None, row
        if row.items.set == other.items.set:
            name = RANDOM if row.control else words(change)
            joined = zip(row.items.unpack(), other.items.unpack(), strict=True)
            found.setdefault(name, []).extend(Pair(*each) for each in joined)
    return dict(sorted(found.items(), key=lambda each: each[0] == RANDOM))


def _key(row: Measurement) -> tuple[Key, str | None, int]:
    """Equal for the two runs of one change."""
    rest = {key: value for key, value in row.conditions.items() if key != "run"}
    return tuple(sorted(rest.items())), row.control, row.seed


def _draw(material: Material, experiment: str, pairs: Mapping[str, Sequence[Pair]]) -> Drawing:
    figure = new_figure(6.6, 4.4)
    axes = figure.subplots()
    _diagonal(axes, pairs)
    for place, (name, points) in enumerate(pairs.items()):
        random = name == RANDOM
        axes.scatter(
            [each.replacement for each in points],
            [each.original for each in points],
            color=SOFT if random else COLOURS[place % len(COLOURS)],
            marker="o" if random else MARKERS[place % len(MARKERS)],
            s=5 if random else 12,
            alpha=0.5,
            linewidths=0,
            zorder=1 if random else 2,
            label=name,
        )
    axes.set(xlabel="nats lost in the replacement model", ylabel="nats lost in the original model")
    legend = figure.legend(loc="outside right upper", markerscale=1.6)
    for handle in legend.legend_handles:
        if handle is not None:
            handle.set_alpha(1)
    return Drawing(f"agreement.{experiment}", _caption(material, experiment), figure)


def _diagonal(axes: Axes, pairs: Mapping[str, Sequence[Pair]]) -> None:
    every = np.array([each for points in pairs.values() for each in points])
    ends = [float(every.min()), float(every.max())]
    axes.plot(ends, ends, color=FAINT, linewidth=1.2, linestyle="--", zorder=0)
    for line in (axes.axhline, axes.axvline):
        line(0, color=FAINT, linewidth=0.8, zorder=0)


def _caption(material: Material, experiment: str) -> str:
    agreed = [
        each.estimate
        for each in material.settings
        if each.experiment == experiment and each.metric == "effect_agreement"
    ]
    told = (
        f" Their correlation is {with_interval(agreed[0], 'effect_agreement')}." if agreed else ""
    )
    return (
        "Log probability that the answer loses when latents are changed, with attention frozen "
        f"and in the original model, experiment {experiment}. A point is one prompt under one "
        f"change; on the dashed line both lose the same.{told}"
    )
