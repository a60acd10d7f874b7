"""What ablating heads costs: the loss on repeats and on new tokens, beside random heads."""

from collections.abc import Iterator, Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from harness.report.figures.style import (
    COLOURS,
    SOFT,
    WIDTH_INCHES,
    Drawing,
    new_figure,
)
from harness.report.material import Material, Setting

METRIC = "loss_increase"
_BLOCKS = {"later": "tokens that came before", "first": "tokens seen for the first time"}
_SETS = {None: ("the heads named", COLOURS[0], "o"), "random_heads": ("random heads", SOFT, "s")}
"""Label, colour and marker of the real thing and of its control."""


def ablations(material: Material) -> Iterator[Drawing]:
    """One figure of all experiments that ablated heads on repeated tokens."""
    found = [each for each in material.settings if each.metric == METRIC]
    if found:
        yield Drawing("ablations", _CAPTION, _draw(found))


_CAPTION = (
    "Rise of the next-token loss on repeated random tokens when heads are ablated: the heads that "
    "match prefixes best, and as many random others. Zero or mean: what stands in for their "
    "output. Patterns kept: later heads attend as in the whole model. Bars are 95 % intervals."
)


def _draw(found: Sequence[Setting]) -> Figure:
    labels = list(dict.fromkeys(map(_label, found)))
    figure = new_figure(WIDTH_INCHES, 0.42 * len(labels) + 1.3)
    grid = figure.subplots(1, len(_BLOCKS), sharex=True, sharey=True)
    for axes, (block, title) in zip(grid.flat, _BLOCKS.items(), strict=True):
        _panel(axes, [each for each in found if each.conditions["block"] == block], labels)
        axes.set_title(title)
    grid.flat[0].set_yticks(range(len(labels)), labels)
    grid.flat[0].set_ylim(len(labels) - 0.5, -0.5)
    figure.supxlabel("rise of the loss (nats)", fontsize=9)
    handles, names = grid.flat[0].get_legend_handles_labels()
    figure.legend(handles, names, loc="outside upper center", ncols=len(names))
    return figure


def _panel(axes: Axes, found: Sequence[Setting], labels: Sequence[str]) -> None:
    axes.axvline(0, color=SOFT, linewidth=0.9, linestyle="--")
    for place, (control, (name, colour, marker)) in enumerate(_SETS.items()):
        axes.plot([], [], color=colour, marker=marker, label=name)
        for each in found:
            if each.control == control:
                y, got = labels.index(_label(each)) + (place - 0.5) * 0.3, each.estimate
                if got.low is not None and got.high is not None:
                    axes.plot([got.low, got.high], [y, y], color=colour, linewidth=1.8)
                axes.plot([got.mean], [y], color=colour, marker=marker, markersize=5)
    axes.grid(axis="x", color="#edf0f2")
    axes.tick_params(axis="y", length=0)


def _label(setting: Setting) -> str:
    conditions = setting.conditions
    return f"{conditions['heads']}\n{conditions['ablation']}, patterns {conditions['patterns']}"
