"""The figure shows every trial, and nothing of one is hidden by another."""

from pathlib import Path

import numpy as np
import pytest
from matplotlib.container import ErrorbarContainer
from matplotlib.lines import Line2D

from harness.autoresearch.campaign import Campaign
from harness.autoresearch.report.curve import draw_curve
from harness.report.figures.style import png
from tests.autoresearch.report.told import Teller, recipe


def labelled(campaign: Campaign) -> dict[str, list[tuple[float, float]]]:
    """The marks of each entry of the legend."""
    axes = draw_curve(campaign.history).figure.axes[0]
    bars = [each for each in axes.containers if isinstance(each, ErrorbarContainer)]
    lines = [(str(each.get_label()), each.lines[0]) for each in bars]
    lines += [(str(each.get_label()), each) for each in axes.get_lines()]
    return {label: marks(line) for label, line in lines if not label.startswith("_")}


def marks(line: Line2D) -> list[tuple[float, float]]:
    xs, ys = np.asarray(line.get_xdata()), np.asarray(line.get_ydata())
    return [(float(x), float(y)) for x, y in zip(xs, ys, strict=True)]


def test_each_trial_with_a_score_has_one_mark_per_tier(sealed: Campaign) -> None:
    found = labelled(sealed)
    assert [round(x) for x, _ in found["kept, on dev"]] == [3, 8, 12]
    assert [round(x) for x, _ in found["kept, on the gate"]] == [3, 8, 12]
    assert [x for x, _ in found["rejected"]] == [1, 2, 9, 10, 13]
    ((x, sealed_gain),) = found["winner, sealed"]
    assert x > 14
    assert sealed_gain == pytest.approx(0.047)


def test_a_failed_idea_is_marked_at_the_edge_and_does_not_press_the_others_flat(
    sealed: Campaign,
) -> None:
    axes = draw_curve(sealed.history).figure.axes[0]
    low, high = axes.get_ylim()
    ((x, y),) = labelled(sealed)["rejected, far below"]
    assert x == 6
    assert low < y < 0
    assert low > -0.05 and high > 0.065


def test_trials_without_a_score_stand_beside_the_axis_and_not_at_zero(sealed: Campaign) -> None:
    below = draw_curve(sealed.history).figure.axes[1]
    names = [each.get_text() for each in below.get_yticklabels()]
    lines = zip(names, below.get_lines(), strict=True)
    rows = {name: [x for x, _ in marks(line)] for name, line in lines}
    assert rows == {"loophole": [7], "refused": [4, 11], "invalid": [5, 14]}


def test_an_unsealed_campaign_has_no_star(unsealed: Campaign) -> None:
    assert "winner, sealed" not in labelled(unsealed)
    assert "star" not in draw_curve(unsealed.history).caption.lower()


def test_a_campaign_without_a_trial_and_one_without_a_score_can_be_drawn(tmp_path: Path) -> None:
    tell = Teller(tmp_path)
    assert png(draw_curve(tell.campaign.history)).startswith(b"\x89PNG")
    tell.proposed("a way in", recipe(0.002), loophole="somewhere")
    assert png(draw_curve(tell.campaign.history)).startswith(b"\x89PNG")


def test_the_same_ledger_gives_the_same_bytes(sealed: Campaign) -> None:
    assert png(draw_curve(sealed.history)) == png(draw_curve(sealed.history))
