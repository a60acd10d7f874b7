"""Two scores of an SAE against each other, and labels that cover nothing."""

from itertools import combinations

import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.lines import Line2D
from matplotlib.text import Annotation
from matplotlib.transforms import Bbox

from harness.report.figures.architectures import looks
from harness.report.figures.direct_labels import Label, place_labels
from harness.report.figures.iso_f1 import draw_iso_f1
from harness.report.figures.score_planes import score_planes
from harness.report.figures.style import Drawing, drawing, new_figure
from harness.report.material import Material
from tests.report import benched

SEVEN = (0.6, 0.8, 1.0, 1.2, 1.4, 1.6, 1.8)


def drawn(material: Material) -> dict[str, Drawing]:
    with drawing():
        return {each.name.split(".")[0]: each for each in score_planes(material)}


def labelled(one: Drawing) -> dict[str, Line2D]:
    (axes,) = one.figure.axes
    names = {look.label for look in looks(tuple(benched.TRUTH)).values()}
    return {str(e.get_label()): e for e in axes.get_lines() if e.get_label() in names}


def words(one: Drawing) -> list[Annotation]:
    return [each for each in one.figure.axes[0].texts if isinstance(each, Annotation)]


def boxes(one: Drawing) -> list[Bbox]:
    FigureCanvasAgg(one.figure).draw()
    return [Annotation.get_window_extent(each) for each in words(one) if not each.arrow_patch]


def test_lines_go_through_the_scores_from_the_sparsest_to_the_densest() -> None:
    found = drawn(benched.material(benched.rows(relative_l0=(1.0, 0.8))))
    for name, look in looks(benched.FIVE).items():
        low, high = (benched.scores(name, relative) for relative in (0.8, 1.0))
        for plane, x, y in (
            ("reconstruction", "sae_variance_explained", "latent_f1"),
            ("precision_recall", "latent_recall", "latent_precision"),
        ):
            line = labelled(found[plane])[look.label]
            assert list(line.get_xdata()) == pytest.approx([low[x], high[x]])
            assert list(line.get_ydata()) == pytest.approx([low[y], high[y]])


def test_only_what_the_paper_prints_of_both_scores_is_hollow() -> None:
    found = drawn(benched.material(None, *benched.tables()))
    rings = {
        plane: sum(
            len(line.get_xdata())
            for line in one.figure.axes[0].get_lines()
            if line.get_markerfacecolor() == "none"
        )
        for plane, one in found.items()
    }
    assert rings == {"reconstruction": 10, "precision_recall": 0}
    assert "published" in found["reconstruction"].caption
    assert "published" not in found["precision_recall"].caption
    f1_alone = drawn(benched.material(None, benched.tables()[0]))
    assert "published" not in f1_alone["reconstruction"].caption


@pytest.mark.parametrize("levels", [(1.0,), (0.8, 1.0), SEVEN])
def test_ends_are_named_and_no_name_covers_another(levels: tuple[float, ...]) -> None:
    rows = benched.rows(tuple(benched.TRUTH), levels, (0,))
    for one in drawn(benched.material(rows)).values():
        texts = [each.get_text() for each in words(one)]
        ends = 1 if len(levels) == 1 else 2
        assert len(texts) == ends * len(benched.TRUTH)
        assert ("Gated" if ends == 1 else f"Gated {levels[-1]:g}×") in texts
        assert ("multiples" in one.caption) == (ends == 2)
        for first, second in combinations(boxes(one), 2):
            assert Bbox.intersection(first, second) is None


def test_a_label_moves_away_from_a_line_that_is_in_its_way() -> None:
    with drawing():
        places: list[tuple[float, float]] = []
        for wall in (False, True):
            figure = new_figure(5, 4)
            axes = figure.subplots()
            axes.set(xlim=(0, 1), ylim=(0, 1))
            lines = axes.plot([0.5], [0.5], marker="o")
            if wall:
                lines += axes.plot([0.0, 1.0], [0.5, 0.5])
            place_labels(axes, [Label("here", 0.5, 0.5, "black")], lines)
            (text,) = axes.texts
            places.append(text.get_position())
    free, blocked = places
    assert free == pytest.approx((9, 0))
    assert abs(blocked[1]) >= 9


def test_lines_of_equal_f1_are_the_harmonic_mean() -> None:
    with drawing():
        figure = new_figure(5, 4)
        axes = figure.subplots()
        axes.set(xlim=(0.1, 1), ylim=(0.1, 1))
        draw_iso_f1(axes)
    for line, text in zip(axes.get_lines(), axes.texts, strict=True):
        recall, precision = line.get_xdata(), line.get_ydata()
        f1 = float(text.get_text().removeprefix("F1 "))
        assert 2 * precision * recall / (precision + recall) == pytest.approx(f1)
    assert axes.get_xlim() == (0.1, 1)


def test_scores_that_were_not_measured_leave_their_figure_out(material: Material) -> None:
    rows = [row for row in benched.rows() if row.metric != "latent_precision"]
    assert list(drawn(benched.material(rows))) == ["reconstruction"]
    assert drawn(material) == {}
