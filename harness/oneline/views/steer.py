"""Steering: continuations side by side, and the dose-response curves with their random band."""

from collections.abc import Sequence
from typing import NamedTuple

from matplotlib.axes import Axes

from harness.oneline.dose import Span
from harness.oneline.steer import Steer, Steered
from harness.oneline.views.view import View
from harness.report.figures.style import (
    COLOURS,
    FAINT,
    SOFT,
    WIDTH_INCHES,
    Drawing,
    drawing,
    new_figure,
)

_VECTOR, _RANDOM = "vector", "random vectors of equal length"


def view(found: Steer) -> View:
    """A row a continuation; the picture is over the coefficient."""
    rows = [
        {
            "direction": each.direction,
            "coefficient": f"{each.coefficient:g}",
            "continuation": " ".join(each.continuation.split()),
            "lean": "–" if each.lean is None else f"{each.lean:.2f}",
            "KL": f"{each.kl_nats:.3f}",
            "perplexity": f"{each.neutral_perplexity:.1f}",
        }
        for each in found.ways
    ]
    return View(_line(found), rows, _picture(found))


def _line(found: Steer) -> str:
    share = found.vector_norm / found.residual_norm
    return (
        f"layer {found.layer}, every token but sinks; coefficient 1 adds {share:.2f} of the "
        "residual stream's length. lean: next-token logits of tokens that only the positive texts "
        "hold, less those of the negative; KL: from the unsteered, nats; perplexity: of a neutral "
        "text"
    )


class _Panel(NamedTuple):
    """A curve over the coefficient, and the band of random vectors."""

    title: str
    label: str
    curve: Sequence[float]
    bands: Sequence[Span]
    at_zero: float


def _picture(found: Steer) -> Drawing:
    panels = list(_panels(found))
    with drawing():
        figure = new_figure(WIDTH_INCHES, 3.2)
        *grid, last = figure.subplots(1, len(panels) + 1)
        for axes, panel in zip(grid, panels, strict=True):
            _draw(axes, found, panel)
        _damage(last, found)
        for axes in (*grid, last):
            axes.axvline(0, color=SOFT, linewidth=0.6)
            axes.set_xlabel("coefficient")
        shown = last.get_legend_handles_labels(), grid[0].get_legend_handles_labels()
        handles = {label: line for both in shown for line, label in zip(*both, strict=True)}
        figure.legend(handles.values(), handles.keys(), loc="outside upper center", ncols=3)
        return Drawing("steer", _line(found), figure)


def _panels(found: Steer) -> Sequence[_Panel]:
    """Lean first, where the texts have tokens of their own."""
    curve, base = _curve(found), found.ways[0]
    kl = _Panel(
        "Change of the next token",
        "KL from unsteered (nats)",
        [each.kl_nats for each in curve],
        [band.kl_nats for band in found.random],
        base.kl_nats,
    )
    leans = [each.lean for each in curve if each.lean is not None]
    spans = [band.lean for band in found.random if band.lean is not None]
    if base.lean is None:
        return [kl]
    return [_Panel("Towards the positive texts", "lean (logits)", leans, spans, base.lean), kl]


def _draw(axes: Axes, found: Steer, panel: _Panel) -> None:
    coefficients = [band.coefficient for band in found.random]
    middle = len(coefficients) // 2
    ends = (
        [*side[:middle], panel.at_zero, *side[middle:]]
        for side in ([span.low for span in panel.bands], [span.high for span in panel.bands])
    )
    places = [*coefficients[:middle], 0.0, *coefficients[middle:]]
    low, high = ends
    axes.fill_between(places, low, high, color=FAINT, alpha=0.8, linewidth=0, label=_RANDOM)
    steered = [each.coefficient for each in _curve(found)]
    axes.plot(steered, panel.curve, "o-", color=COLOURS[0], label=_VECTOR)
    axes.set(title=panel.title, ylabel=panel.label)


def _damage(axes: Axes, found: Steer) -> None:
    for ways, look, colour, label in (
        (_curve(found), "o-", COLOURS[0], _VECTOR),
        (_of(found, "none", "random"), "s--", "#8a939c", "one random vector"),
    ):
        places = [each.coefficient for each in ways]
        values = [each.neutral_perplexity for each in ways]
        axes.plot(places, values, look, color=colour, label=label)
    values = [each.neutral_perplexity for each in found.ways]
    scale = "log" if max(values) > 10 * min(values) else "linear"
    axes.set(title="Damage", ylabel="perplexity of a neutral text", yscale=scale)


def _curve(found: Steer) -> list[Steered]:
    """From the most negated to the most steered, unsteered between."""
    return _of(found, "none", "steered", "negated")


def _of(found: Steer, *directions: str) -> list[Steered]:
    own = [each for each in found.ways if each.direction in directions]
    return sorted(own, key=lambda each: each.coefficient)
