"""The figure of transcoders by layer, from planted rows."""

from collections.abc import Iterator

import pytest

from harness.measurement import Measurement
from harness.report.comparison import comparisons
from harness.report.figures.all import draw_figures
from harness.report.figures.style import Drawing, drawing
from harness.report.figures.transcoder_layers import METRICS, transcoder_layers
from harness.report.material import Material
from tests.report import traced

LAYERS = 6
FVU = {"smollm2-topk32": 0.4, "capitals-topk16": 0.2}


def rows(sets: tuple[str, ...]) -> Iterator[Measurement]:
    for name in sets:
        for layer in reversed(range(LAYERS)):
            values = {
                "transcoder_fvu": FVU[name] + 0.01 * layer,
                "transcoder_l0": 30.0 - layer,
                "transcoder_alive_fraction": 0.5 + 0.05 * layer,
            }
            for metric, value in values.items():
                yield Measurement(
                    experiment="traced",
                    metric=metric,
                    value=value,
                    n=1_000,
                    seed=0,
                    conditions={"model": "m", "transcoders": name, "layer": layer},
                )


def drawn(*sets: str) -> Drawing:
    given = traced.material()
    own = Material(
        paper=given.paper, spec=given.spec, measurements=list(rows(sets)), verdicts=given.verdicts
    )
    with drawing():
        (one,) = transcoder_layers(own)
    return one


def test_each_metric_has_a_panel_with_the_layers_in_their_order() -> None:
    one = drawn("smollm2-topk32")
    assert one.name == "transcoders.traced"
    assert "smollm2-topk32" in one.caption and len(one.caption) > 60
    panels = one.figure.axes
    assert [axes.get_title(loc="left") for axes in panels] == list(METRICS.values())
    error, active, alive = (axes.get_lines()[0] for axes in panels)
    assert list(error.get_xdata()) == list(range(LAYERS))
    assert list(error.get_ydata()) == pytest.approx([0.4 + 0.01 * at for at in range(LAYERS)])
    assert list(active.get_ydata()) == [30.0 - at for at in range(LAYERS)]
    assert list(alive.get_ydata()) == pytest.approx([0.5 + 0.05 * at for at in range(LAYERS)])
    assert not one.figure.legends, "one set needs no legend"


def test_the_error_stands_below_the_line_of_the_mean_alone() -> None:
    error, _, alive = drawn("smollm2-topk32").figure.axes
    assert [float(line.get_ydata()[0]) for line in error.get_lines()[1:]] == [1.0]
    assert error.get_ylim()[0] == 0 and error.get_ylim()[1] > 1
    assert alive.get_ylim() == (0, 1.02)


def test_two_sets_are_told_apart() -> None:
    one = drawn("smollm2-topk32", "capitals-topk16")
    assert [text.get_text() for text in one.figure.legends[0].get_texts()] == list(FVU)
    first, second = one.figure.axes[0].get_lines()[:2]
    assert first.get_color() != second.get_color() and first.get_marker() != second.get_marker()
    assert float(second.get_ydata()[0]) == pytest.approx(0.2)


def test_it_is_among_all_figures_and_other_rows_have_none() -> None:
    given = traced.material()
    others = [row for row in given.measurements if row.metric not in METRICS]
    kept = Material(
        paper=given.paper, spec=given.spec, measurements=others, verdicts=given.verdicts
    )
    with drawing():
        assert list(transcoder_layers(kept)) == []
    both = Material(
        paper=given.paper,
        spec=given.spec,
        measurements=[*others, *rows(("smollm2-topk32",))],
        verdicts=given.verdicts,
    )
    names = [each.name for each in draw_figures(both, comparisons(both))]
    assert names[-1] == "transcoders.traced"
