"""What the figures show, read from the figure objects."""

import re

import numpy as np
from matplotlib.collections import PathCollection, PolyCollection
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from harness.report.comparison import comparisons
from harness.report.figures.all import draw_figures
from harness.report.figures.style import Drawing, png, svg
from harness.report.material import Material


def only(material: Material, **kept: object) -> Material:
    fields = {"paper": material.paper, "spec": material.spec, "verdicts": material.verdicts}
    return Material(**{**fields, "measurements": material.measurements, **kept})


def labels(figure: Figure) -> list[str]:
    return [text.get_text() for legend in figure.legends for text in legend.get_texts()]


def test_all_six_kinds_are_drawn_with_captions(drawn: dict[str, Drawing]):
    assert list(drawn) == [
        "forest",
        "table.transfer",
        "accuracy_by_layer.transfer",
        "direction_angle.transfer",
        "clouds.transfer",
        "splits.transfer",
    ]
    assert all(len(each.caption) > 60 for each in drawn.values())


def test_nothing_measured_gives_no_figure(material: Material):
    bare = only(material, measurements=[], verdicts=[])
    assert draw_figures(bare, comparisons(bare)) == []


def test_sweep_panels_have_band_chance_and_chosen_layers(drawn: dict[str, Drawing]):
    figure = drawn["accuracy_by_layer.transfer"].figure
    panel = next(
        axes for axes in figure.axes if axes.get_title(loc="left") == "cities → neg_cities"
    )
    lines = {line.get_label(): line for line in panel.get_lines()}
    assert {"logistic regression", "mass mean", "chance"} <= set(lines)
    assert list(lines["chance"].get_ydata()) == [0.5, 0.5]
    assert len(lines["mass mean"].get_xdata()) == 20
    dotted = [line for line in panel.get_lines() if line.get_label() == "chosen layer"]
    assert [line.get_xdata()[0] for line in dotted] == [14, 15]
    bands = [band for band in panel.collections if isinstance(band, PolyCollection)]
    assert "shuffled labels" in {band.get_label() for band in bands}
    assert {"shuffled labels", "chosen layer", "chance"} <= set(labels(figure))


def test_sweep_line_is_what_was_measured(material: Material, drawn: dict[str, Drawing]):
    figure = drawn["accuracy_by_layer.transfer"].figure
    panel = next(axes for axes in figure.axes if axes.get_title(loc="left") == "cities → cities")
    line = next(line for line in panel.get_lines() if line.get_label() == "logistic regression")
    row = next(
        row
        for row in material.measurements
        if row.conditions.get("layer") == 15
        and (row.conditions["train"], row.conditions["test"]) == ("cities", "cities")
        and row.conditions["probe"] == "logistic_regression"
        and row.control is None
    )
    assert line.get_ydata()[15] == row.value


def test_heat_maps_share_one_scale_and_hatch_what_is_missing(drawn: dict[str, Drawing]):
    paper, here, bar = drawn["table.transfer"].figure.axes
    assert [axes.get_title(loc="left") for axes in (paper, here)] == ["Paper", "Here"]
    rows = [label.get_text() for label in paper.get_yticklabels()]
    assert rows == ["cities", "neg_cities", "sp_en_trans", "larger_than", "smaller_than", "conj"]
    assert here.get_ylim() == paper.get_ylim()
    hatched = [p for p in here.patches if isinstance(p, Rectangle) and p.get_hatch()]
    assert len(hatched) == 6
    assert len(here.texts) == 30
    assert "accuracy" in bar.get_ylabel()


def test_heat_map_colour_at_chance_is_the_middle(drawn: dict[str, Drawing]):
    figure = drawn["table.transfer"].figure
    mappable = next(axes._colorbar.mappable for axes in figure.axes if hasattr(axes, "_colorbar"))
    assert float(mappable.norm(0.5)) == 0.5


def test_clouds_have_a_row_a_set_and_a_column_a_layer(drawn: dict[str, Drawing]):
    axes = drawn["clouds.transfer"].figure.axes
    assert len(axes) == 6
    dots = [c for c in axes[0].collections if isinstance(c, PathCollection)]
    assert len(dots[0].get_offsets()) == 200
    assert len(np.unique(dots[0].get_facecolors()[:, :3], axis=0)) == 2
    assert [a.get_title(loc="center") for a in axes[:3]] == ["layer 4", "layer 9", "layer 14"]


def test_angles_have_the_orthogonal_line_and_the_control(drawn: dict[str, Drawing]):
    figure = drawn["direction_angle.transfer"].figure
    panel = figure.axes[0]
    lines = {line.get_label(): line for line in panel.get_lines()}
    assert list(lines["orthogonal"].get_ydata()) == [90, 90]
    assert panel.get_ylim() == (0, 180)
    assert "shuffled labels, chosen layer" in labels(figure)


def test_forest_has_every_judged_claim_and_marks_the_secondary_one(drawn: dict[str, Drawing]):
    figure = drawn["forest"].figure
    names = [t.get_text() for axes in figure.axes for t in axes.get_yticklabels()]
    claims = {name.split("\n")[0] for name in names}
    assert claims == {
        "linear",
        "sign-flip †",
        "numbers-transfer",
        "translation",
        "negation-repair",
        "antipodal",
    }
    assert {"control", "claim holds", "replicated", "not replicated"} <= set(labels(figure))


def test_forest_draws_the_interval_of_the_verdict(material: Material, drawn: dict[str, Drawing]):
    verdict = next(each for each in material.verdicts if each.claim == "linear")
    got = verdict.estimates[0].estimate
    ends = [
        tuple(line.get_xdata()) for axes in drawn["forest"].figure.axes for line in axes.get_lines()
    ]
    assert (got.low, got.high) in ends


def test_splits_compare_the_same_transfers(drawn: dict[str, Drawing]):
    figure = drawn["splits.transfer"].figure
    assert {"split by statement", "split by unit", "split by country"} <= set(labels(figure))
    ticks = [t.get_text() for t in figure.axes[0].get_yticklabels()]
    assert "cities → cities\nmass mean" in ticks
    assert "cities → neg_cities\nmass mean" not in ticks


def test_one_split_alone_is_not_compared(material: Material):
    rows = [row for row in material.measurements if row.experiment == "transfer"]
    bare = only(material, measurements=rows)
    assert not any(each.name.startswith("splits") for each in draw_figures(bare, []))


def test_files_hold_neither_date_nor_software(drawn: dict[str, Drawing]):
    angle = drawn["direction_angle.transfer"]
    assert b"Software" not in png(angle)
    assert b"<dc:date>" not in svg(angle)


def test_ids_of_shapes_are_numbered_not_hashed_from_last_digits(drawn: dict[str, Drawing]):
    for each in drawn.values():
        image = svg(each).decode()
        ids = re.findall(r'\bid="([^"]+)"', image)
        assert not [name for name in ids if re.fullmatch("[a-z][0-9a-f]{10}", name)]
        assert len(set(ids)) == len(ids)
        links = re.findall(r'(?:url\(|href=")#([^")]+)', image)
        assert set(links) <= set(ids)
