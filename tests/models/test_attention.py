import pytest
import torch
from torch import Tensor

from harness.models.attention import Heads, Tap, frozen, patterns, tap_attention
from harness.models.language_model import LanguageModel
from harness.record import HarnessError


def _tokens(batch: int = 3, seq: int = 12) -> Tensor:
    return torch.randint(5, 1000, (batch, seq), generator=torch.Generator().manual_seed(0))


@torch.inference_mode()
def test_patterns_are_causal_and_sum_to_one(tiny: LanguageModel) -> None:
    found = patterns(tiny, _tokens())
    assert sorted(found) == list(range(tiny.n_layers))
    for pattern in found.values():
        assert pattern.shape == (3, tiny.n_heads, 12, 12)
        torch.testing.assert_close(pattern.sum(-1), torch.ones(3, tiny.n_heads, 12))
        assert not pattern.triu(1).any()


@torch.inference_mode()
def test_patterns_equal_those_of_transformers(tiny: LanguageModel) -> None:
    tokens, before = _tokens(), tiny.hf.config._attn_implementation
    tiny.hf.set_attn_implementation("eager")
    expected = tiny.hf(tokens, output_attentions=True).attentions
    tiny.hf.set_attn_implementation(before)
    for layer, pattern in patterns(tiny, tokens).items():
        torch.testing.assert_close(pattern, expected[layer], atol=1e-5, rtol=1e-4)


@torch.inference_mode()
def test_a_tap_that_changes_nothing_changes_nothing(tiny: LanguageModel) -> None:
    tokens = _tokens()
    expected = tiny.hf(tokens).logits
    for tap in (
        Tap(),
        Tap(pattern=lambda _layer, pattern: pattern),
        frozen(patterns(tiny, tokens)),
    ):
        with tap_attention(tiny, tap):
            torch.testing.assert_close(tiny.hf(tokens).logits, expected, atol=1e-4, rtol=1e-4)
    assert torch.equal(tiny.hf(tokens).logits, expected)


@torch.inference_mode()
def test_frozen_patterns_of_another_prompt_are_used(tiny: LanguageModel) -> None:
    tokens = _tokens()
    expected = tiny.hf(tokens).logits
    uniform = torch.ones(3, tiny.n_heads, 12, 12).tril()
    uniform = uniform / uniform.sum(-1, keepdim=True)
    with tap_attention(tiny, frozen({1: uniform})):
        assert not torch.allclose(tiny.hf(tokens).logits, expected, atol=1e-3)


@torch.inference_mode()
def test_values_set_to_zero_silence_the_heads(tiny: LanguageModel) -> None:
    def silence(_layer: int, heads: Heads) -> Heads:
        return heads._replace(v=torch.zeros_like(heads.v))

    with tap_attention(tiny, Tap(heads=silence)):
        once = tiny.hf(_tokens()).logits
    shuffled = _tokens()[:, torch.randperm(11, generator=torch.Generator().manual_seed(1))]
    with tap_attention(tiny, Tap(heads=silence)):
        again = tiny.hf(torch.cat([shuffled, _tokens()[:, -1:]], 1)).logits
    torch.testing.assert_close(once[:, -1], again[:, -1], atol=1e-4, rtol=1e-4)


def test_the_model_is_as_before_also_when_the_body_raises(tiny: LanguageModel) -> None:
    before = tiny.hf.config._attn_implementation
    with pytest.raises(RuntimeError), tap_attention(tiny, Tap()):
        raise RuntimeError
    assert tiny.hf.config._attn_implementation == before


def test_a_tap_inside_a_tap_is_refused(tiny: LanguageModel) -> None:
    with (
        pytest.raises(HarnessError, match="tapped already"),
        tap_attention(tiny, Tap()),
        tap_attention(tiny, Tap()),
    ):
        pass
