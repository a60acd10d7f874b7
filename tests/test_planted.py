"""The hand-made circuit does what it is said to do; without its weights nothing does."""

import math

import pytest
import torch
from torch import Tensor

from harness.data.repeats import repeated
from harness.models.attention import patterns
from harness.models.language_model import LanguageModel
from harness.models.tokenization import tokenize
from harness.ops import attention_scores as scores
from tests.planted import (
    INDUCTION_HEAD,
    N_HEADS,
    N_LAYERS,
    PREVIOUS_TOKEN_HEAD,
    WORDS,
    planted_induction,
)


@pytest.fixture(scope="module")
def tokens() -> Tensor:
    rows = repeated(range(2, 2 + len(WORDS)), block=25, repeats=4, sequences=3, seed=0)
    return torch.tensor([(0, *row) for row in rows])


def by_head(lm: LanguageModel, tokens: Tensor, score: str) -> Tensor:
    """Mean over the sequences, [layer, head]."""
    found = patterns(lm, tokens)
    return torch.stack(
        [getattr(scores, score)(found[i], tokens).mean(0) for i in range(lm.n_layers)]
    )


@pytest.mark.parametrize(
    ("score", "head"),
    [("prefix_matching", INDUCTION_HEAD), ("previous_token", PREVIOUS_TOKEN_HEAD)],
)
def test_exactly_the_planted_head_scores_one(
    tokens: Tensor, score: str, head: tuple[int, int]
) -> None:
    found = by_head(planted_induction(), tokens, score)
    assert found[head] > 0.99
    others = torch.ones(N_LAYERS, N_HEADS, dtype=torch.bool)
    others[head] = False
    assert found[others].max() < 0.05


@pytest.mark.parametrize("score", ["prefix_matching", "previous_token", "duplicate_token"])
def test_without_the_planted_weights_every_head_is_at_chance(tokens: Tensor, score: str) -> None:
    found = by_head(planted_induction(planted=False), tokens, score)
    chance = getattr(scores, score)(scores.uniform_attention(tokens), tokens).mean()
    torch.testing.assert_close(found, chance.expand(N_LAYERS, N_HEADS))


@torch.inference_mode()
def test_it_says_what_followed_the_last_occurrence_and_the_control_does_not() -> None:
    text = " acorn barn acorn cloud daisy acorn"
    lm, control = planted_induction(), planted_induction(planted=False)
    ids = torch.tensor(tokenize(lm, [text]))
    said = lm.hf(ids).logits[0, -1].softmax(-1)
    assert lm.tokenizer.decode(said.argmax()) == " cloud"
    assert said.max() == pytest.approx(math.exp(10) / (math.exp(10) + 39), rel=1e-4)
    even = control.hf(ids).logits[0, -1].softmax(-1)
    torch.testing.assert_close(even, torch.full_like(even, 1 / 40))


@torch.inference_mode()
def test_what_was_never_said_before_predicts_nothing() -> None:
    lm = planted_induction()
    logits = lm.hf(torch.tensor(tokenize(lm, [" acorn barn cloud"]))).logits
    torch.testing.assert_close(logits, torch.zeros_like(logits), rtol=0, atol=1e-4)


def test_a_text_comes_back_from_its_tokens() -> None:
    lm, text = planted_induction(), " acorn barn acorn"
    (ids,) = tokenize(lm, [text])
    assert len(ids) == 4
    assert lm.tokenizer.decode(list(ids), skip_special_tokens=True) == text
