"""A probe by layer: the table, and the curve with the band of shuffled labels."""

from matplotlib.axes import Axes

from harness.metrics import get_metric
from harness.oneline.probe import Accuracy, Probe
from harness.oneline.views.view import View
from harness.report.figures.style import COLOURS, FAINT, INK, SOFT, Drawing, drawing, new_figure
from harness.report.wording import words

_TIMES = 1.96
"""Standard errors either side of a mean that make up a 95 % interval."""


def view(found: Probe) -> View:
    """Layers upward, then the curve; of a given layer, its controls."""
    rows = [
        {
            "layer": str(each.layer),
            "accuracy": _shown(each.accuracy),
            "shuffled labels": _shown(each.shuffled_labels),
        }
        for each in reversed(found.by_layer)
    ] or [
        {"labels and inputs": words(name), "accuracy": _shown(accuracy)}
        for name, accuracy in {"as they are": found.accuracy, **found.controls}.items()
    ]
    return View(_line(found), rows, _picture(found))


def _line(found: Probe) -> str:
    how = "chosen on units held apart" if found.is_chosen else "as asked"
    controls = ", ".join(f"{words(name)} {one.value:.2f}" for name, one in found.controls.items())
    return (
        f"{words(found.probe)} probe, {found.train} → {found.test}: accuracy "
        f"{_shown(found.accuracy)} at layer {found.layer} ({how}; {found.accuracy.n} units); "
        f"controls: {controls}"
    )


def _shown(accuracy: Accuracy) -> str:
    if accuracy.stderr is None:
        return f"{accuracy.value:.3f}"
    return f"{accuracy.value:.3f} ± {_TIMES * accuracy.stderr:.3f}"


def _ends(accuracies: list[Accuracy]) -> tuple[list[float], list[float]]:
    """95 % intervals, from below and from above."""
    reach = [_TIMES * (each.stderr or 0.0) for each in accuracies]
    both = list(zip(accuracies, reach, strict=True))
    return [one.value - half for one, half in both], [one.value + half for one, half in both]


def _curve(axes: Axes, found: Probe) -> None:
    layers = [each.layer for each in found.by_layer]
    own = [each.accuracy for each in found.by_layer]
    shuffled = _ends([each.shuffled_labels for each in found.by_layer])
    axes.fill_between(layers, *shuffled, color=FAINT, linewidth=0, label="shuffled labels")
    axes.fill_between(layers, *_ends(own), color=COLOURS[0], alpha=0.18, linewidth=0)
    means = [each.value for each in own]
    axes.plot(layers, means, "o-", markersize=3, color=COLOURS[0], label=words(found.probe))
    dotted = axes.axvline(found.layer, color=INK, linewidth=0.9, label="chosen layer")
    dotted.set_linestyle((0, (1, 2)))
    axes.set(xlabel="layer")


def _at_one_layer(axes: Axes, accuracies: dict[str, Accuracy]) -> None:
    """The probe and its controls, a point each."""
    places, values = range(len(accuracies)), list(accuracies.values())
    axes.vlines(places, *_ends(values), color=COLOURS[0], linewidth=2)
    axes.plot(places, [each.value for each in values], "o", color=COLOURS[0])
    axes.set_xticks(places, [words(name) for name in accuracies])
    axes.set_xlim(-0.6, len(values) - 0.4)


def _picture(found: Probe) -> Drawing:
    with drawing():
        figure = new_figure(6.4, 3.4)
        axes = figure.subplots()
        if found.by_layer:
            _curve(axes, found)
        else:
            _at_one_layer(axes, {words(found.probe): found.accuracy, **found.controls})
        chance = get_metric("accuracy_binary").chance
        if chance is not None:
            axes.axhline(chance, color=SOFT, linewidth=0.9, linestyle="--", label="chance")
        axes.set(ylim=(-0.02, 1.02), ylabel="accuracy", title=f"{found.train} → {found.test}")
        figure.legend(loc="outside upper center", ncols=4)
        return Drawing("probe", _line(found), figure)
