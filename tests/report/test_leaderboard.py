"""F1 and MCC against L0, and the CSV of the same numbers, from planted rows."""

import csv
import io
import re

import pytest
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle

from harness.report.benches import benches, published
from harness.report.figures.architectures import looks
from harness.report.figures.leaderboard import leaderboard
from harness.report.figures.style import COLOURS, MARKERS, Drawing, drawing, png
from harness.report.leaderboard import HEAD
from harness.report.material import Material
from harness.report.tables import csv_files
from harness.specs.worlds import resolve_world
from tests.report import benched


def drawn(material: Material) -> Drawing:
    with drawing():
        (one,) = leaderboard(material)
    return one


def line(axes: Axes, label: str) -> Line2D:
    return next(each for each in axes.get_lines() if each.get_label() == label)


def hollow(axes: Axes) -> list[Line2D]:
    return [each for each in axes.get_lines() if each.get_markerfacecolor() == "none"]


def legend_of(one: Drawing) -> list[str]:
    return [text.get_text() for text in one.figure.legends[0].get_texts()]


@pytest.fixture(scope="module")
def one() -> Drawing:
    return drawn(benched.material(None, *benched.tables()))


def test_each_architecture_has_a_line_through_its_measured_l0s(one: Drawing) -> None:
    for axes, metric in zip(one.figure.axes, ("latent_f1", "mcc"), strict=True):
        for name, look in looks(benched.FIVE).items():
            found = line(axes, look.label)
            values = [benched.scores(name, relative)[metric] for relative in (0.8, 1.0)]
            assert list(found.get_ydata()) == pytest.approx(values)
            stretched = 1.04 if name == "jumprelu" else 1.0
            assert list(found.get_xdata()) == pytest.approx([0.8 * stretched, stretched])


def test_where_nobody_counted_l0_the_wanted_one_stands_for_it() -> None:
    rows = [row for row in benched.rows() if row.metric != "sae_l0"]
    bare = drawn(benched.material(rows))
    assert list(line(bare.figure.axes[0], "JumpReLU").get_xdata()) == [0.8, 1.0]


def test_intervals_are_those_over_seeds_and_one_seed_has_none(one: Drawing) -> None:
    mcc = benched.scores("batchtopk", 0.8)["mcc"]
    half = 4.302653 * 0.004 / 3**0.5
    ends = [list(each.get_ydata()) for each in one.figure.axes[1].get_lines()]
    assert any(each == pytest.approx([mcc - half, mcc + half]) for each in ends)
    single = drawn(benched.material(benched.rows(seeds=(0,))))
    assert len(single.figure.axes[0].get_lines()) == len(benched.FIVE) + 1
    assert "no intervals" in single.caption and "no intervals" not in one.caption


def test_printed_points_are_hollow_and_nothing_else_is(one: Drawing) -> None:
    axes = one.figure.axes[0]
    named = looks(benched.FIVE)
    assert len(hollow(axes)) == len(benched.FIVE)
    for name, each in zip(benched.FIVE, hollow(axes), strict=True):
        assert each.get_color() == named[name].colour
        assert list(each.get_xdata()) == [0.8, 1.0]
        assert list(each.get_ydata()) == [benched.PRINTED[name][l0][0] for l0 in (20, 25)]
    assert "published on synthsae-16k" in legend_of(one)
    assert "published on synthsae-16k" in one.caption


def test_without_a_table_nothing_is_hollow() -> None:
    bare = drawn(benched.material())
    assert hollow(bare.figure.axes[0]) == []
    assert not any("published" in text for text in [*legend_of(bare), bare.caption])


def test_printed_points_of_other_architectures_and_other_worlds_are_left_out() -> None:
    tables = benched.tables()
    other = tables[0].model_copy(update={"id": "v1", "common": {"model": "synthsae-16k-v1"}})
    material = benched.material(benched.rows(["batchtopk"]), *tables, other)
    (bench,) = benches(material)
    shown = {(each.model, each.architecture) for each in bench.published}
    assert shown == {("synthsae-16k", "batchtopk")}
    assert {each.model for each in published(material.paper)} == {
        "synthsae-16k",
        "synthsae-16k-v1",
    }


def test_two_printed_numbers_for_one_cell_are_both_kept() -> None:
    first, *_ = benched.tables()
    values = dict.fromkeys(first.values, (0.1, 0.2))
    second = first.model_copy(update={"id": "other-source", "values": values})
    found = [each for each in published(benched.paper(first, second)) if each.l0 == 20]
    f1 = [each.values["latent_f1"] for each in found if each.architecture == "batchtopk"]
    assert f1 == [0.8183, 0.1]


def test_second_line_of_ticks_is_the_l0_of_this_world(one: Drawing) -> None:
    (below,) = one.figure.axes[0].child_axes
    low, high = one.figure.axes[0].get_xlim()
    png(one)
    own = resolve_world(benched.WORLD).l0
    assert below.get_xlim() == pytest.approx((low * own, high * own))
    assert benched.WORLD in below.get_xlabel()


def test_controls_are_bands_and_the_ceiling_stands_in_the_f1_panel_alone(one: Drawing) -> None:
    f1, mcc = one.figure.axes
    bands = {each.get_label(): each for each in f1.patches if isinstance(each, Rectangle)}
    assert bands["random init"].get_y() == pytest.approx(0.02)
    assert bands["random init"].get_height() == pytest.approx(0.04)
    assert bands["true dictionary"].get_y() == pytest.approx(0.9)
    assert list(line(f1, "supervised probes").get_ydata()) == pytest.approx([0.974, 0.974])
    assert "supervised probes" not in [each.get_label() for each in mcc.get_lines()]
    no_probe = [row for row in benched.rows() if row.metric != "probe_f1"]
    without = drawn(benched.material(no_probe))
    assert "supervised probes" in legend_of(one)
    assert "supervised probes" not in legend_of(without) and "probes" not in without.caption


def test_an_architecture_looks_the_same_whatever_stands_beside_it() -> None:
    alone, among = looks(["standard"]), looks([*benched.TRUTH, "lista"])
    assert alone["standard"] == among["standard"]
    assert len({(each.colour, each.marker) for each in among.values()}) == len(among)
    assert among["lista"].label == "lista"
    assert len({(COLOURS[i % len(COLOURS)], MARKERS[i % len(MARKERS)]) for i in range(60)}) == 60


def test_reports_without_saes_have_no_leaderboard(material: Material) -> None:
    assert list(leaderboard(material)) == []
    assert "leaderboard.csv" not in csv_files(material, [])
    controls_alone = [row for row in benched.rows() if row.control or row.metric == "probe_f1"]
    assert list(leaderboard(benched.material(controls_alone))) == []


def test_csv_ranks_ours_and_then_the_papers_with_empty_fields_for_what_is_unknown() -> None:
    given = benched.material(benched.rows(seeds=(0, 1, 2)), *benched.tables())
    rows = list(csv.DictReader(io.StringIO(csv_files(given, [])["leaderboard.csv"])))
    assert tuple(rows[0]) == HEAD
    ours = [row for row in rows if row["source"] == "here"]
    paper = [row for row in rows if row["source"] == "paper"]
    assert rows == [*ours, *paper] and len(ours) == len(paper) == 10
    assert ours[0]["architecture"] == "matryoshka_batchtopk" and ours[0]["relative_l0"] == "0.8"
    assert [float(row["relative_l0"]) for row in ours] == [0.8] * 5 + [1.0] * 5
    by_f1 = [float(row["latent_f1"]) for row in ours[5:]]
    assert by_f1 == sorted(by_f1, reverse=True)
    assert float(ours[0]["latent_f1_low"]) < float(ours[0]["latent_f1"])
    assert {row["seeds"] for row in ours} == {"3"} and {row["seeds"] for row in paper} == {""}
    best = next(row for row in paper if row["relative_l0"] == "1.0")
    assert (best["architecture"], best["latent_f1"], best["l0"]) == (
        "matryoshka_batchtopk",
        "0.8793",
        "25.0",
    )
    assert best["sae_l0"] == best["latent_precision"] == best["latent_f1_low"] == ""
    assert not re.search(r"nan|None", csv_files(given, [])["leaderboard.csv"])
