from io import BytesIO

import numpy as np
import pytest
from matplotlib.image import imread
from matplotlib.patches import Rectangle

from harness.report.figures.heat_map import Scale, Sides, heat_map, scale_for
from harness.report.figures.style import Drawing, png
from harness.report.figures.token_labels import token_label, token_labels

VALUES = np.array([[0.0, 0.5, -1.0], [np.nan, 0.25, 3.0]])
CELLS = [["0.00", "0.50", "-1.00"], ["", "0.25", "3.00"]]
SIDES = Sides(["0", "1"], token_labels([" a", "b\n", "$c$"]), cells=CELLS)


@pytest.fixture
def drawn() -> Drawing:
    scale = scale_for(VALUES, label="share moved", centre=0.0)
    return heat_map("patch", "caption", VALUES, sides=SIDES, scale=scale, title="costs $5 or $6")


def test_layer_zero_is_at_the_bottom(drawn: Drawing):
    axes = drawn.figure.axes[0]
    low, high = axes.get_ylim()
    assert low < high
    ticks = zip(axes.get_yticks(), axes.get_yticklabels(), strict=True)
    assert [(place, label.get_text()) for place, label in ticks] == [(0, "0"), (1, "1")]


def test_each_cell_is_written_at_its_place_and_what_is_missing_is_hatched(drawn: Drawing):
    axes = drawn.figure.axes[0]
    written = {text.get_position(): text.get_text() for text in axes.texts}
    assert written[2, 1] == "3.00"
    assert written[2, 0] == "-1.00"
    assert (0, 1) not in written
    hatched = [p for p in axes.patches if isinstance(p, Rectangle) and p.get_hatch()]
    assert [p.get_xy() for p in hatched] == [(-0.5, 0.5)]


def test_a_centred_scale_reaches_as_far_either_way_and_is_white_in_the_middle():
    scale = scale_for(VALUES, label="x", centre=0.0)
    assert (scale.low, scale.high, scale.diverging) == (-3, 3, True)
    assert min(scale.mappable.to_rgba(0.0)[:3]) > 0.95
    red, blue = scale.mappable.to_rgba(-3.0), scale.mappable.to_rgba(3.0)
    assert red[0] > red[2]
    assert blue[2] > blue[0]


def test_one_scale_serves_several_maps():
    scale = scale_for(VALUES, np.array([[7.0]]), label="x")
    assert (scale.low, scale.high, scale.diverging) == (-1, 7, False)


@pytest.mark.parametrize("values", [np.array([[np.nan]]), np.array([[2.0, 2.0]])])
@pytest.mark.parametrize("centre", [None, 2.0])
def test_nothing_known_and_all_equal_still_have_a_scale(values: np.ndarray, centre: float | None):
    scale = scale_for(values, label="x", centre=centre)
    assert scale.high > scale.low


def test_dollars_are_dollars_and_the_picture_has_a_sane_size(drawn: Drawing):
    axes = drawn.figure.axes[0]
    assert [each.get_text() for each in axes.get_xticklabels()] == ["·a", "b↵", "$c$"]
    pixels = imread(BytesIO(png(drawn)))
    assert 300 < pixels.shape[0] < 2000
    assert 600 < pixels.shape[1] < 2000


def test_a_wide_map_writes_some_of_its_labels():
    values = np.zeros((1, 200))
    sides = Sides(["0"], [f"t{i}" for i in range(200)])
    drawn = heat_map("wide", "", values, sides=sides, scale=Scale("x", 0, 1))
    labels = [each.get_text() for each in drawn.figure.axes[0].get_xticklabels()]
    assert labels[:2] == ["t0", "t4"]
    assert len(labels) == 50


@pytest.mark.parametrize(
    ("token", "label"),
    [
        (" Mary", "·Mary"),
        ("\n\n", "↵↵"),
        ("", "∅"),
        ("漢", "□"),
        ("\u00a0", "□"),
        ("\x07", "□"),
        ("abcdefghijklmnop", "abcdefghijk…"),
        ("é", "é"),
    ],
)
def test_what_cannot_be_seen_is_made_visible(token: str, label: str):
    assert token_label(token) == label
