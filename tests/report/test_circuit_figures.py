"""Figures of interventions on supernodes and of attribution graphs, from planted rows."""

import pytest
from matplotlib.axes import Axes

from harness.report.comparison import comparisons
from harness.report.figures.all import draw_figures
from harness.report.figures.effect_agreement import effect_agreement
from harness.report.figures.graph_scores import graph_scores
from harness.report.figures.intervention_effects import RANDOM, intervention_effects
from harness.report.figures.style import SOFT, Drawing, drawing, png
from harness.report.figures.supernode_matrix import supernode_matrix
from harness.report.material import Material
from tests.report import traced

CHANGES = ["relation", "hop", "subject", "bridge", "output", "answer", "swap"]


def only_one(figures: object, given: Material) -> Drawing:
    with drawing():
        (one,) = figures(given)
    return one


def points(axes: Axes, colour: str) -> list[float]:
    """Means of one kind, in the order of the rows; intervals have two ends and are left out."""
    own = [line for line in axes.get_lines() if line.get_color() == colour]
    return [float(line.get_xdata()[0]) for line in own if len(line.get_xdata()) == 1]


def test_each_supernode_stands_beside_random_latents_in_both_runs() -> None:
    one = only_one(intervention_effects, traced.material())
    assert one.name == "interventions.traced"
    frozen, original = one.figure.axes
    assert [axes.get_title(loc="left") for axes in one.figure.axes] == [
        "attention frozen",
        "nothing frozen",
    ]
    assert [text.get_text() for text in frozen.get_yticklabels()] == CHANGES
    for axes, run in ((frozen, 1.0), (original, 0.75)):
        grey = points(axes, SOFT)
        real = [each for each in points(axes, "#0072b2") if each not in grey]
        expected = [run * traced.LOST[change] for change in CHANGES]
        assert real == pytest.approx(expected, rel=0.25, abs=0.1)
        assert max(grey) < 0.5


def cells(axes: Axes, named_by: Axes) -> dict[tuple[str, str], str]:
    """Text of each cell by row and column; what is hatched has none."""
    rows = [text.get_text() for text in named_by.get_yticklabels()]
    columns = [text.get_text() for text in named_by.get_xticklabels()]
    found: dict[tuple[str, str], str] = {}
    for text in axes.texts:
        x, y = map(round, text.get_position())
        found[rows[y], columns[x]] = text.get_text()
    return found


def test_the_matrix_tells_what_each_change_leaves_and_hatches_what_it_sets() -> None:
    one = only_one(supernode_matrix, traced.material())
    frozen, original, random = one.figure.axes[:3]
    rows = [text.get_text() for text in frozen.get_yticklabels()]
    assert rows == CHANGES[::-1]
    shown = cells(frozen, frozen)
    assert shown["bridge", "answer"] == "28"
    assert shown["output", "answer"] == "0"
    assert shown["swap", "answer"] == "-30"
    assert shown["hop", "answer"] == "100"
    assert not {("bridge", "bridge"), ("swap", "bridge")} & set(shown)
    assert ("swap", "subject") in shown
    assert cells(original, frozen) == shown
    beside = cells(random, frozen)
    assert set(beside.values()) == {"97"}
    assert len(beside) == len(shown) + len(CHANGES)


def test_of_named_prompts_each_that_is_changed_has_its_own_matrix() -> None:
    one = only_one(supernode_matrix, traced.named())
    assert one.name == "supernodes.traced.dallas"
    frozen = one.figure.axes[0]
    assert set(cells(frozen, frozen)) == {("texas-down", "say-austin"), ("swap", "say-austin")}
    assert "prompt dallas" in one.caption


def scattered(one: Drawing) -> dict[str, list[tuple[float, float]]]:
    found = {
        each.get_label(): each.get_offsets().tolist() for each in one.figure.axes[0].collections
    }
    return {str(name): [tuple(each) for each in places] for name, places in found.items()}


def test_every_prompt_is_a_point_of_both_runs_and_random_latents_lie_at_nothing() -> None:
    one = only_one(effect_agreement, traced.material())
    found = scattered(one)
    assert list(found) == [*CHANGES, RANDOM]
    assert {name: len(places) for name, places in found.items() if name != RANDOM} == dict.fromkeys(
        CHANGES, 2 * traced.PROMPTS
    )
    assert len(found[RANDOM]) == 7 * 2 * traced.PROMPTS
    swaps = found["swap"]
    ratio = sum(y for _, y in swaps) / sum(x for x, _ in swaps)
    assert ratio == pytest.approx(0.75, rel=0.02)
    assert max(x for x, _ in found[RANDOM]) < 1 < max(x for x, _ in swaps)
    assert "0.930" in one.caption


def test_prompts_that_only_one_run_scored_are_no_points() -> None:
    frozen = [row for row in traced.rows() if row.conditions.get("run") == "replacement"]
    assert list(effect_agreement(traced.material(frozen))) == []
    others = [
        row.model_copy(update={"items": row.items.model_copy(update={"set": "other prompts"})})
        if row.items and row.conditions.get("run") == "original"
        else row
        for row in traced.rows()
    ]
    assert list(effect_agreement(traced.material(others))) == []


def test_scores_of_graphs_stand_beside_those_of_random_transcoders() -> None:
    one = only_one(graph_scores, traced.material())
    titles = [axes.get_title(loc="left") for axes in one.figure.axes]
    assert titles == ["replacement score", "completeness score", "ffl percentile"]
    for axes, mean in zip(one.figure.axes, traced.SCORES.values(), strict=True):
        trained, random = axes.collections
        assert len(trained.get_offsets()) == len(random.get_offsets()) == 2 * traced.GRAPHS
        assert trained.get_offsets()[:, 0].mean() == pytest.approx(mean, abs=0.03)
        assert random.get_offsets()[:, 0].mean() == pytest.approx(0.3, abs=0.03)
    dashed = [line for line in one.figure.axes[2].get_lines() if line.get_linestyle() == "--"]
    assert [line.get_xdata()[0] for line in dashed] == [0.5]


def test_a_score_of_one_prompt_is_one_point() -> None:
    one = only_one(graph_scores, traced.named())
    assert len(one.figure.axes[0].collections[0].get_offsets()) == 2 * 2


def test_the_family_has_its_figures_and_no_other_family_has_them(material: Material) -> None:
    own = {"interventions.traced", "supernodes.traced", "agreement.traced", "graphs.traced"}
    given = traced.material()
    with drawing():
        drawn = {each.name: each for each in draw_figures(given, comparisons(given))}
    assert own <= set(drawn)
    assert all(len(png(drawn[name])) > 10_000 and len(drawn[name].caption) > 60 for name in own)
    others = {each.name.split(".")[0] for each in draw_figures(material, comparisons(material))}
    assert not others & {name.split(".")[0] for name in own}
