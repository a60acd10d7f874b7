"""Steering from the middle on must give what hooks on whole forward passes give."""

import pytest
import torch
from torch import Tensor

from harness.experiments.steering.streams import (
    Sequences,
    Way,
    batches,
    run_ways,
    steer_each,
    token_losses,
    unchanged,
)
from harness.experiments.steering.vectors import adding
from harness.models.hookpoints import Hookpoint
from harness.models.hooks import hooked_modules, intervene
from harness.models.language_model import LanguageModel
from harness.models.resume import run_base
from harness.models.unembed import logits

TOKENS = torch.tensor([[0, 11, 12, 13, 14, 15], [0, 21, 22, 23, 24, 25]])
VECTOR = torch.randn(32, generator=torch.Generator().manual_seed(3))


def whole(lm: LanguageModel, edits: dict[int, Tensor], start: int) -> Tensor:
    """Logits with a vector added after each layer from `start` on, by hooks on a full forward."""

    def adds(vector: Tensor):
        def edit(resid: Tensor) -> Tensor:
            changed = resid.clone()
            changed[:, start:] += vector
            return changed

        return edit

    hooks = {Hookpoint("resid_post", layer): adds(vector) for layer, vector in edits.items()}
    with torch.inference_mode(), intervene(lm, hooks):
        return lm.hf(TOKENS).logits


def mask_from(start: int) -> Tensor:
    return (torch.arange(6) >= start).expand(2, -1)


@pytest.mark.parametrize("layer", [0, 1, 2])
def test_several_edits_at_once_equal_hooks_one_by_one(random_lm: LanguageModel, layer: int) -> None:
    base = run_base(random_lm, TOKENS)
    edits = [adding(VECTOR, by) for by in (2.0, -1.0, 0.0)]
    runs = list(steer_each(random_lm, base, mask_from(3), layer, edits))
    for by, run in zip((2.0, -1.0, 0.0), runs, strict=True):
        assert run.start == 3
        expected = whole(random_lm, {layer: by * VECTOR}, 3)[:, 3:]
        torch.testing.assert_close(logits(random_lm, run.resid), expected, atol=1e-4, rtol=1e-4)
    assert hooked_modules(random_lm.hf) == []


def test_edits_of_several_layers_equal_hooks_on_each(random_lm: LanguageModel) -> None:
    base = run_base(random_lm, TOKENS)
    up, down = adding(VECTOR, 1.0), adding(VECTOR, -1.0)
    runs = list(steer_each(random_lm, base, mask_from(2), 0, [up, down], [(up,), (down,)]))
    for sign, run in zip((1, -1), runs, strict=True):
        expected = whole(random_lm, {0: sign * VECTOR, 1: sign * VECTOR}, 2)[:, 2:]
        torch.testing.assert_close(logits(random_lm, run.resid), expected, atol=1e-4, rtol=1e-4)


def test_coefficient_zero_and_no_hook_are_equal_bit_for_bit(random_lm: LanguageModel) -> None:
    edit = adding(VECTOR, 0.0)
    everywhere = torch.ones(TOKENS.shape, dtype=torch.bool)
    with torch.inference_mode():
        plain = random_lm.hf(TOKENS).logits
        hook = {Hookpoint("resid_post", 1): lambda resid: edit(resid, everywhere)}
        with intervene(random_lm, hook):
            steered = random_lm.hf(TOKENS).logits
    assert torch.equal(plain, steered)


def test_the_first_position_is_never_changed(random_lm: LanguageModel) -> None:
    base = run_base(random_lm, TOKENS)
    seen: list[Tensor] = []

    def note(resid: Tensor, mask: Tensor) -> Tensor:
        seen.append(mask)
        return resid

    (run,) = steer_each(random_lm, base, mask_from(0), 1, [note])
    assert run.start == 1 and seen[0].tolist() == [[False, *[True] * 5]] * 2


def test_an_outlier_of_the_norm_is_not_changed_either(random_lm: LanguageModel) -> None:
    base = run_base(random_lm, TOKENS)
    with torch.inference_mode():
        base.resid[2][1, 4] *= 100  # what leaves block 1
    seen: list[Tensor] = []
    list(steer_each(random_lm, base, mask_from(0), 1, [lambda x, m: (seen.append(m), x)[1]]))
    assert seen[0][0].tolist() == [False, *[True] * 5]
    assert seen[0][1].tolist() == [False, True, True, True, False, True]


def test_losses_are_those_of_a_plain_forward(random_lm: LanguageModel) -> None:
    base = run_base(random_lm, TOKENS)
    (run,) = steer_each(random_lm, base, mask_from(0), 0, [unchanged])
    with torch.inference_mode():
        expected = torch.nn.functional.cross_entropy(
            random_lm.hf(TOKENS).logits[:, 1:-1].flatten(0, 1),
            TOKENS[:, 2:].flatten(),
            reduction="none",
        )
    torch.testing.assert_close(
        token_losses(random_lm, TOKENS, run).flatten(), expected, atol=1e-4, rtol=1e-4
    )


def test_prompts_of_one_length_run_together_and_come_back_in_order(
    random_lm: LanguageModel,
) -> None:
    prompts = Sequences([(0, 5, 6), (0, 7), (0, 8, 9), (0, 10)], [1, 1, 2, 1])
    assert [batch.indices for batch in batches(prompts)] == [(1, 3), (0, 2)]
    ways = {"a": Way(0, unchanged), "b": Way(1, adding(VECTOR, 1.0))}
    found = run_ways(random_lm, prompts, ways, lambda batch, _run: batch.tokens[:, -1])
    assert found["a"].tolist() == found["b"].tolist() == [6, 7, 9, 10]
