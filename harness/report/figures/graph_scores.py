"""How complete attribution graphs are, and how many feed-forward loops they have for their shape.

Each prompt is a point; random transcoders stand beside those that were trained.
"""

from collections.abc import Iterator, Sequence

import numpy as np
from matplotlib.axes import Axes

from harness.measurement import Measurement
from harness.metrics import get_metric
from harness.report.figures.style import COLOURS, SOFT, WIDTH_INCHES, Drawing, new_figure
from harness.report.material import Material
from harness.report.wording import words

METRICS = ("replacement_score", "completeness_score", "ffl_percentile")
_LOOKS = {None: ("trained", COLOURS[0], "o"), "random_transcoders": ("random", SOFT, "s")}
_SPREAD = 0.22
"""Half the height over which points of one kind are scattered."""


def graph_scores(material: Material) -> Iterator[Drawing]:
    """One figure an experiment that attributed."""
    found = [row for row in material.measurements if row.metric in METRICS]
    for experiment in dict.fromkeys(row.experiment for row in found):
        own = [row for row in found if row.experiment == experiment]
        metrics = [metric for metric in METRICS if any(row.metric == metric for row in own)]
        figure = new_figure(WIDTH_INCHES, 2.1)
        grid = figure.subplots(1, len(metrics), sharey=True, squeeze=False)[0]
        for axes, metric in zip(grid, metrics, strict=True):
            _panel(axes, metric, [row for row in own if row.metric == metric])
        grid[0].set_yticks(range(len(_LOOKS)), [name for name, *_ in _LOOKS.values()])
        grid[0].set_ylim(len(_LOOKS) - 0.5, -0.5)
        grid[0].set_ylabel("transcoders")
        yield Drawing(f"graphs.{experiment}", _CAPTION.format(experiment), figure)


def _panel(axes: Axes, metric: str, rows: Sequence[Measurement]) -> None:
    chance = get_metric(metric).chance
    if chance is not None:
        axes.axvline(chance, color=SOFT, linewidth=0.9, linestyle="--")
    for place, (control, (_, colour, marker)) in enumerate(_LOOKS.items()):
        scores = [score for row in rows if row.control == control for score in _scores(row)]
        if scores:
            heights = place + _SPREAD * np.sin(2.4 * np.arange(len(scores)))
            axes.scatter(
                scores, heights, color=colour, marker=marker, s=10, alpha=0.5, linewidths=0
            )
            mean = float(np.mean(scores))
            axes.plot([mean, mean], [place - 0.34, place + 0.34], color=colour, linewidth=2)
    axes.set_xlim(-0.03, 1.03)
    axes.set_title(words(metric))
    axes.grid(axis="x", color="#edf0f2")
    axes.tick_params(axis="y", length=0)


def _scores(row: Measurement) -> tuple[float, ...]:
    """One a prompt where the row has them."""
    return (row.value,) if row.items is None else row.items.unpack()


_CAPTION = (
    "Attribution graphs of experiment {}, a point a prompt and a bar at the mean. Replacement "
    "score: share of the influence of embeddings on logits that goes through features and not "
    "through errors. Completeness score: share of the nodes' inputs, weighed by influence, that is "
    "explained. Percentile: rank of the feed-forward loops among null graphs of the same degrees "
    "between each two layers; the dashed line is chance. Grey: random transcoders, on some of the "
    "prompts."
)
