import math

import pytest
import torch

from harness.models.language_model import LanguageModel
from harness.oneline.attend import MOST_TOKENS, attend, attention_pattern
from harness.oneline.views.attend import attend_view, pattern_view
from harness.record import HarnessError
from tests.planted import INDUCTION_HEAD, PREVIOUS_TOKEN_HEAD

PROMPT = " barn cloud daisy barn"


def test_the_planted_heads_score_highest(planted: LanguageModel) -> None:
    found = attend(planted, PROMPT)
    by_place = {(each.layer, each.head): each for each in found.heads}
    assert len(by_place) == 8
    assert by_place[INDUCTION_HEAD].induction > 0.99
    assert by_place[PREVIOUS_TOKEN_HEAD].previous_token == pytest.approx(1, abs=0.01)
    assert by_place[PREVIOUS_TOKEN_HEAD].entropy_bits == pytest.approx(0, abs=0.01)
    others = [each for place, each in by_place.items() if place != INDUCTION_HEAD]
    assert max(each.induction for each in others) < 0.1


def test_without_the_planted_weights_every_head_is_even(unplanted: LanguageModel) -> None:
    found = attend(unplanted, PROMPT)
    assert max(each.induction for each in found.heads) < 0.1
    # Five tokens seen evenly: the first is seen by tokens 2, 3, 4, 5 with 1/2, 1/3, 1/4, 1/5.
    assert found.heads[0].first_token == pytest.approx(
        (1 / 2 + 1 / 3 + 1 / 4 + 1 / 5) / 4, abs=1e-4
    )
    assert found.heads[0].entropy_bits == pytest.approx(math.log2(2 * 3 * 4 * 5) / 4, abs=1e-4)
    # The start token asks nothing and counts as no previous token: 1/3, 1/4 and 1/5 are left.
    assert found.heads[0].previous_token == pytest.approx((1 / 3 + 1 / 4 + 1 / 5) / 3, abs=1e-4)
    assert found.heads[0].duplicate_token == pytest.approx(1 / 5, abs=1e-4)


def test_what_a_prompt_has_no_place_for_is_not_measured(unplanted: LanguageModel) -> None:
    distinct = attend(unplanted, " barn cloud daisy")
    assert {each.duplicate_token for each in distinct.heads} == {None}
    single = attend(unplanted, " barn")
    assert {each.previous_token for each in single.heads} == {None}
    shown = attend_view(single)
    assert (
        "not measured"
        in {row["score"]: row for row in shown.rows}["previous token"][
            "highest heads (layer.head share)"
        ]
    )


def test_a_prompt_of_one_token_is_refused(tiny: LanguageModel) -> None:
    with pytest.raises(HarnessError, match="nothing to attend to"):
        attend(tiny, "")


def test_the_pattern_is_that_of_the_model(tiny: LanguageModel) -> None:
    found = attention_pattern(tiny, "hello", layer=1, head=2)
    pattern = torch.tensor(found.pattern)
    torch.testing.assert_close(pattern.sum(-1), torch.ones(6), atol=1e-3, rtol=0)
    assert bool((pattern.triu(1) == 0).all())
    tiny.hf.set_attn_implementation("eager")
    try:
        ids = tiny.tokenizer("hello", return_tensors="pt")["input_ids"]
        theirs = tiny.hf(ids, output_attentions=True).attentions[1][0, 2]
    finally:
        tiny.hf.set_attn_implementation("sdpa")
    torch.testing.assert_close(pattern, theirs, atol=1e-4, rtol=0)
    assert (found.scores.layer, found.scores.head) == (1, 2)


def test_a_pattern_too_long_to_be_seen_is_refused(tiny: LanguageModel) -> None:
    with pytest.raises(HarnessError, match=f"at most {MOST_TOKENS}"):
        attention_pattern(tiny, "x" * 100, layer=0, head=0)


def test_the_views_name_the_planted_heads(planted: LanguageModel) -> None:
    shown = attend_view(attend(planted, PROMPT))
    best = {row["score"]: row["highest heads (layer.head share)"] for row in shown.rows}
    assert best["induction (random tokens)"].startswith("1.2 1.00")
    assert best["previous token"].startswith("0.1 1.00")
    titles = [axes.get_title(loc="left") for axes in shown.drawing.figure.axes]
    assert "induction (random tokens)" in titles
    pattern = pattern_view(attention_pattern(planted, PROMPT, layer=1, head=2))
    assert pattern.rows[-1] == {"token": "·barn", "attends to": "·cloud 1.00"}
    axes = pattern.drawing.figure.axes[0]
    assert [each.get_text() for each in axes.get_yticklabels()][-1] == "<bos>"
