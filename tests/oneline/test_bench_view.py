from collections.abc import Sequence

import pytest
from matplotlib.lines import Line2D

from harness.oneline.bench_sae import Benched, Found
from harness.oneline.board import Trained
from harness.oneline.published import published_saes
from harness.oneline.standings import standings
from harness.oneline.views.bench_sae import BenchView, view
from harness.oneline.world_provenance import Surroundings
from harness.report.figures.style import Drawing, png
from tests.oneline.benched import METRICS, line

FIVE = ("batchtopk", "matryoshka_batchtopk", "jumprelu", "standard", "matching_pursuit")
ELSEWHERE = Surroundings(
    harness="0", packages={}, commit=None, dirty=None, dtype="float32", device="cpu", threads=1
)


def shown(saes: Sequence[Trained], board: Sequence[Trained] | None = None) -> BenchView:
    own = standings(saes)
    benched = Benched(
        world=saes[0].world,
        saes=tuple(own),
        trained=len(saes),
        from_board=0,
        failures=(),
        notes=("a note",),
    )
    everything = own if board is None else standings(board)
    return view(Found(benched, tuple(everything), ELSEWHERE), published_saes())


def legend(drawn: Drawing) -> list[str]:
    (found,) = drawn.figure.legends
    return [each.get_text() for each in found.get_texts()]


def lines(drawn: Drawing, *, hollow: bool) -> list[Line2D]:
    """Those with marks in the F1 panel."""
    marked = [e for e in drawn.figure.axes[0].get_lines() if e.get_marker() not in ("None", "")]
    return [e for e in marked if (e.get_markerfacecolor() == "none") == hollow]


def test_on_the_papers_world_its_cell_stands_beneath_ours() -> None:
    quality, latents, cost = shown([line(seed, f1=0.7 + seed / 100) for seed in range(3)]).tables
    assert [row["SAE"] for row in quality] == ["BatchTopK", "  published"]
    assert quality[0]["F1"].startswith("0.710±")
    assert quality[1] == {
        "SAE": "  published",
        "L0": "25",
        "measured": "—",
        "F1": "0.732",
        "MCC": "0.757",
        "var. expl.": "0.792",
    }
    assert latents[1]["uniqueness"] == "0.984"
    assert [row["samples/s"] for row in cost] == ["500±0"]


@pytest.mark.parametrize("change", [{"l0": 24}, {"width": 2048}, {"config": {"k": 25}}])
def test_another_recipe_has_no_cell_in_the_paper(change: dict[str, object]) -> None:
    quality, *_ = shown([line(0, **change)]).tables
    assert [row["SAE"] for row in quality] == ["BatchTopK"]


def test_on_another_world_it_is_said_where_the_paper_has_it() -> None:
    found = shown([line(0, world="synthsae-1k", metrics={**METRICS, "sae_l0": 5.0})])
    assert [row["SAE"] for row in found.tables[0]] == ["BatchTopK"]
    assert (
        "published on another world, synthsae-16k, F1 at relative L0 1 (L0 25): BatchTopK 0.732"
        in found.lines
    )
    assert lines(found.drawing, hollow=True) == []
    assert legend(found.drawing) == ["BatchTopK"]


def test_an_l0_that_was_not_met_is_told_of_and_one_that_was_is_not() -> None:
    missed = line(0, architecture="jumprelu", metrics={**METRICS, "sae_l0": 60.0})
    told = [each for each in shown([missed, line(0)]).lines if "is measured" in each]
    assert len(told) == 1 and told[0].startswith("JumpReLU, L0 25: 60.0 is measured")


def test_what_was_not_measured_is_a_dash() -> None:
    bare = line(0, metrics={"mcc": 0.5}, seconds=None)
    quality, _, cost = shown([bare]).tables
    assert (quality[0]["MCC"], quality[0]["F1"], cost[0]["seconds"]) == ("0.500", "—", "—")


def test_the_papers_points_are_hollow_on_its_own_world() -> None:
    saes = [line(s, architecture=name, l0=l0) for name in FIVE for l0 in (20, 25) for s in (0, 1)]
    drawn = shown(saes).drawing
    assert legend(drawn)[-1] == "published"
    assert set(legend(drawn)[:-1]) == {
        "BatchTopK",
        "Matryoshka",
        "JumpReLU",
        "standard (L1)",
        "Matching Pursuit",
    }
    (batchtopk,) = [
        each for each in lines(drawn, hollow=True) if 0.7316 in list(each.get_ydata(orig=True))
    ]
    assert dict(zip(batchtopk.get_xdata(), batchtopk.get_ydata(), strict=True)) == {
        20: 0.8183,
        25: 0.7316,
    }


def test_the_picture_shows_the_whole_board_and_names_the_commands_own_first() -> None:
    own = [line(0, f1=0.1)]
    others = [line(0, f1=0.5 + n / 100, config={"aux_loss_coefficient": n}) for n in range(12)]
    drawn = shown(own, [*others, *own]).drawing
    names = legend(drawn)
    assert names[:2] == ["BatchTopK", "BatchTopK, aux_loss_coefficient 11"]
    assert names[-1] == "3 other recipes"
    named = lines(drawn, hollow=False)
    assert len(named) == 13
    looks = {(each.get_color(), each.get_marker()) for each in named[:10]}
    assert len({colour for colour, _ in looks}) == 1


def test_recipes_are_named_by_what_departs_from_the_worlds() -> None:
    odd = line(0, width=2048, samples=1_500_000, batch=512, learning_rate=0.01, config={"a": "b"})
    assert legend(shown([odd]).drawing)[0] == (
        "BatchTopK, width 2048, 1.5M samples, batch 512, lr 0.01, a b"
    )


def test_an_empty_board_can_be_drawn() -> None:
    benched = Benched(
        world="synthsae-1k", saes=(), trained=0, from_board=0, failures=("a failure",), notes=()
    )
    found = view(Found(benched, (), ELSEWHERE), [])
    assert "a failure" in found.lines
    assert png(found.drawing).startswith(b"\x89PNG")
