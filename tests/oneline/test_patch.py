import pytest

from harness.models.language_model import LanguageModel
from harness.models.patching import Direction
from harness.oneline.patch import patch
from harness.oneline.views.patch import view
from harness.record import HarnessError
from tests.planted import INDUCTION_HEAD

CLEAN, CORRUPTED = " barn cloud daisy barn", " barn river daisy barn"
DIFFERING = 2


@pytest.mark.parametrize("direction", ["denoise", "noise"])
def test_the_differing_token_carries_all_of_it(
    planted: LanguageModel, direction: Direction
) -> None:
    found = patch(planted, CLEAN, CORRUPTED, direction=direction)
    assert (found.answer, found.foil) == (" cloud", " river")
    assert found.clean_logit_difference == pytest.approx(10, abs=0.1)
    assert found.corrupted_logit_difference == pytest.approx(-10, abs=0.1)
    for layer in found.effects:
        for place, effect in enumerate(layer):
            assert effect == pytest.approx(1 if place == DIFFERING else 0, abs=0.01)


def test_of_single_heads_only_the_planted_one_carries_it(planted: LanguageModel) -> None:
    found = patch(planted, CLEAN, CORRUPTED, component="z")
    for layer, row in enumerate(found.effects):
        for head, effect in enumerate(row):
            wanted = 1 if (layer, head) == INDUCTION_HEAD else 0
            assert effect == pytest.approx(wanted, abs=0.01)
    best = found.cells[0]
    assert (best.layer, best.column) == INDUCTION_HEAD
    assert best.logit_difference == pytest.approx(10, abs=0.1)


def test_a_model_that_knows_nothing_is_refused_as_uninformative(unplanted: LanguageModel) -> None:
    with pytest.raises(HarnessError, match=r"tells nothing.*0\.00 on the clean prompt"):
        patch(unplanted, CLEAN, CORRUPTED, answer=" cloud", foil=" river")


def test_answer_and_foil_the_wrong_way_round_are_refused_with_the_numbers(
    planted: LanguageModel,
) -> None:
    with pytest.raises(HarnessError, match=r"is -\d+\.\d\d on the clean.*' cloud' and ' river'"):
        patch(planted, CLEAN, CORRUPTED, answer=" river", foil=" cloud")


def test_prompts_that_do_not_align_are_refused_with_their_tokens(planted: LanguageModel) -> None:
    with pytest.raises(HarnessError, match=r"has 5 tokens and the corrupted one 4.*' daisy'"):
        patch(planted, CLEAN, " barn river barn")


def test_one_prompt_against_itself_is_refused(planted: LanguageModel) -> None:
    with pytest.raises(HarnessError, match="tells nothing"):
        patch(planted, CLEAN, CLEAN)


def test_the_view_shows_both_tokens_where_they_differ(planted: LanguageModel) -> None:
    shown = view(patch(planted, CLEAN, CORRUPTED))
    assert shown.rows[0]["token"] == "·cloud|·river"
    assert shown.rows[0]["effect"] == "1.000"
    axes = shown.drawing.figure.axes[0]
    assert [each.get_text() for each in axes.get_xticklabels()][2] == "·cloud|·river"
    assert [each.get_text() for each in axes.get_yticklabels()] == ["0", "1"]
