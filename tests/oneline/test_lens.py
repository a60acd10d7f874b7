import pytest
import torch

from harness.models.language_model import LanguageModel
from harness.models.tokenization import tokenize
from harness.oneline.lens import COLUMNS, lens
from harness.oneline.views.lens import view
from harness.record import HarnessError

PROMPT = "What a day"
KNOWN = " barn cloud daisy barn"


def test_the_last_layer_says_what_the_model_itself_says(tiny: LanguageModel) -> None:
    found = lens(tiny, PROMPT, top=3)
    with torch.inference_mode():
        own = tiny.hf(torch.tensor(tokenize(tiny, [PROMPT]))).logits[0, -1].softmax(-1)
    assert [guess.probability for guess in found.readings[-1].top] == pytest.approx(
        own.topk(3).values.tolist(), abs=1e-6
    )
    assert found.answer == tiny.tokenizer.decode([int(own.argmax())])
    assert found.readings[-1].answer_rank == 1
    assert [each.layer for each in found.readings] == ["embed", 0, 1, 2]


def test_the_planted_answer_appears_after_the_planted_layer(planted: LanguageModel) -> None:
    found = lens(planted, KNOWN, answer=" cloud")
    ranks = {each.layer: each.answer_probability for each in found.readings}
    assert ranks["embed"] < 0.05
    assert ranks[0] < 0.05
    assert ranks[1] > 0.99


def test_without_the_planted_heads_no_layer_knows_it(unplanted: LanguageModel) -> None:
    found = lens(unplanted, KNOWN, answer=" cloud")
    assert max(each.answer_probability for each in found.readings) < 0.05


def test_an_inner_position_is_read_as_if_the_prompt_ended_there(tiny: LanguageModel) -> None:
    inner = lens(tiny, PROMPT, position=6)
    assert inner.position == 6
    short = lens(tiny, PROMPT[:6])
    one, other = (
        [g.probability for each in found.readings for g in each.top] for found in (inner, short)
    )
    assert one == pytest.approx(other, abs=1e-5)


def test_the_map_ends_at_the_position_of_a_long_prompt(tiny: LanguageModel) -> None:
    found = lens(tiny, "x" * 40, position=30)
    assert found.columns == tuple(range(31 - COLUMNS, 31))
    assert len(found.map) == 4
    assert {len(row) for row in found.map} == {COLUMNS}
    assert found.map[-1][-1] == found.readings[-1].top[0]


def test_more_top_tokens_than_there_are_is_refused(tiny: LanguageModel) -> None:
    for top in (0, 10_000):
        with pytest.raises(HarnessError, match=f"top {top}: valid: 1 to"):
            lens(tiny, PROMPT, top=top)


def test_the_view_lists_the_last_layer_first_and_writes_tokens_into_cells(
    planted: LanguageModel,
) -> None:
    shown = view(lens(planted, KNOWN, top=2))
    assert [row["after"] for row in shown.rows] == ["1", "0", "embed"]
    assert shown.rows[0]["likeliest"] == "·cloud"
    assert "·cloud is the likeliest from 1 on" in shown.line
    axes = shown.drawing.figure.axes[0]
    assert "·cloud" in [text.get_text() for text in axes.texts]
    assert [label.get_text() for label in axes.get_yticklabels()] == ["embed", "0", "1"]
