"""What the dose-response figure shows, read from the figure objects."""

from typing import Any

import pytest
from matplotlib.collections import PolyCollection

from harness.measurement import Items, Measurement
from harness.report.figures.dose_response import Curve, dose_response, draw_band, draw_curve
from harness.report.figures.style import drawing, new_figure, png
from harness.report.material import Material

COEFFICIENTS = (-1.0, 0.0, 1.0)


def row(
    metric: str, value: float, seed: int, control: str | None = None, **more: Any
) -> Measurement:
    scores = [value - 0.02, value, value + 0.02]
    return Measurement(
        experiment="words",
        metric=metric,
        value=value,
        n=3,
        seed=seed,
        conditions={"model": "m", **more},
        control=control,
        items=Items.pack("u", scores),
    )


def rows() -> list[Measurement]:
    found: list[Measurement] = []
    for seed in (0, 1):
        for by in reversed(COEFFICIENTS):
            for behaviour in ("thrift", "company"):
                at = {"behaviour": behaviour, "coefficient": by}
                found.append(row("choice_probability", 0.5 + 0.2 * by, seed, **at))
                found.append(row("choice_probability", 0.5, seed, "random_direction", **at))
                for control, cost in ((None, 3.5 + 0.1 * by**2), ("random_direction", 3.6)):
                    found.append(row("log_perplexity", cost, seed, control, **at, text="neutral"))
    return found


@pytest.fixture
def measured(material: Material) -> Material:
    return Material(paper=material.paper, spec=material.spec, measurements=rows(), verdicts=())


def test_each_behaviour_has_its_effect_above_and_its_cost_below(measured: Material) -> None:
    with drawing():
        (drawn,) = dose_response(measured)
    titles = [axes.get_title(loc="left") for axes in drawn.figure.axes]
    assert titles == ["thrift", "company", "", ""]
    assert drawn.name == "dose_response.words"
    assert "2 seeds" in drawn.caption and "random direction" in drawn.caption


def test_the_line_is_what_was_measured_from_the_lowest_coefficient_up(measured: Material) -> None:
    with drawing():
        (drawn,) = dose_response(measured)
    lines = {line.get_label(): line for line in drawn.figure.axes[0].get_lines()}
    assert list(lines["the vector"].get_xdata()) == list(COEFFICIENTS)
    assert list(lines["the vector"].get_ydata()) == pytest.approx([0.3, 0.5, 0.7], abs=1e-6)
    bands = [e for e in drawn.figure.axes[0].collections if isinstance(e, PolyCollection)]
    assert "random direction" in {band.get_label() for band in bands}


def test_one_coefficient_is_no_dose_response(material: Material) -> None:
    single = [each for each in rows() if each.conditions["coefficient"] == 1.0]
    bare = Material(paper=material.paper, spec=material.spec, measurements=single, verdicts=())
    assert list(dose_response(bare)) == []


def test_curves_can_be_drawn_without_a_report() -> None:
    curve = Curve((-1.0, 0.0, 2.0), (1.0, 2.0, 5.0), (0.5, 1.5, 4.0), (1.5, 2.5, 6.0))
    with drawing():
        figure = new_figure(3, 2)
        axes = figure.subplots()
        draw_band(axes, curve, "control")
        draw_curve(axes, curve, "effect")
    low = axes.dataLim.y0
    assert low == 0.5 and len(axes.get_lines()) == 1
    from harness.report.figures.style import Drawing

    assert png(Drawing("x", "y", figure)).startswith(b"\x89PNG")
