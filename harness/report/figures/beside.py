"""Points with their intervals, the real thing and its control side by side, one panel a title."""

from collections.abc import Callable, Mapping, Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from harness.report.figures.style import COLOURS, SOFT, WIDTH_INCHES, new_figure
from harness.report.material import Setting

Label = Callable[[Setting], str]
_LOOKS = ((COLOURS[0], "o"), (SOFT, "s"))
"""Colour and marker of the real thing and of its control."""


def beside(
    panels: Mapping[str, Sequence[Setting]],
    label: Label,
    *,
    axis: str,
    names: Mapping[str | None, str],
) -> Figure:
    """A row a label, in the order of the settings; `names` says what the controls are called."""
    labels = list(dict.fromkeys(label(each) for found in panels.values() for each in found))
    figure = new_figure(WIDTH_INCHES, 0.42 * len(labels) + 1.3)
    grid = figure.subplots(1, len(panels), sharex=True, sharey=True, squeeze=False)
    for axes, (title, found) in zip(grid.flat, panels.items(), strict=True):
        _panel(axes, found, [labels.index(label(each)) for each in found], names)
        axes.set_title(title)
    grid.flat[0].set_yticks(range(len(labels)), labels)
    grid.flat[0].set_ylim(len(labels) - 0.5, -0.5)
    figure.supxlabel(axis, fontsize=9)
    handles, shown = grid.flat[0].get_legend_handles_labels()
    figure.legend(handles, shown, loc="outside upper center", ncols=len(shown))
    return figure


def _panel(
    axes: Axes, found: Sequence[Setting], rows: Sequence[int], names: Mapping[str | None, str]
) -> None:
    axes.axvline(0, color=SOFT, linewidth=0.9, linestyle="--")
    for place, ((control, name), (colour, marker)) in enumerate(
        zip(names.items(), _LOOKS, strict=True)
    ):
        axes.plot([], [], color=colour, marker=marker, label=name)
        for each, row in zip(found, rows, strict=True):
            if each.control == control:
                y, got = row + (place - 0.5) * 0.3, each.estimate
                if got.low is not None and got.high is not None:
                    axes.plot([got.low, got.high], [y, y], color=colour, linewidth=1.8)
                axes.plot([got.mean], [y], color=colour, marker=marker, markersize=5)
    axes.grid(axis="x", color="#edf0f2")
    axes.tick_params(axis="y", length=0)
