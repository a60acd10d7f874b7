import pytest
import torch
from torch import Tensor

from harness.models.heads import head_outputs
from harness.models.hookpoints import Hookpoint
from harness.models.hooks import capture, hooked_modules, intervene
from harness.models.language_model import LanguageModel
from harness.models.resume import Base, resume, run_base
from harness.models.unembed import logits, logits_of


def _tokens(batch: int = 3, seq: int = 10) -> Tensor:
    return torch.randint(5, 1000, (batch, seq), generator=torch.Generator().manual_seed(0))


def _close(ours: Tensor, expected: Tensor) -> None:
    torch.testing.assert_close(ours, expected, atol=2e-5, rtol=1e-4)


def test_a_base_run_holds_the_residual_stream_and_leaves_no_hook(tiny: LanguageModel) -> None:
    base = run_base(tiny, _tokens())
    assert len(base.resid) == tiny.n_layers + 1
    points = [Hookpoint("resid_pre", layer) for layer in range(tiny.n_layers)]
    with torch.inference_mode(), capture(tiny, points) as at:
        expected = tiny.hf(_tokens()).logits
    for layer, point in enumerate(points):
        _close(base.resid[layer], at[point])
    _close(logits(tiny, base.resid[-1]), expected)
    assert not hooked_modules(tiny.hf)


@pytest.mark.parametrize("start", [0, 4, 9])
def test_a_resumed_run_ends_where_the_whole_run_does(tiny: LanguageModel, start: int) -> None:
    base = run_base(tiny, _tokens())
    for layer in range(tiny.n_layers):
        again = resume(tiny, base, base.resid[layer][:, start:], layer=layer)
        _close(again, base.resid[-1][:, start:])


def test_a_patched_place_equals_the_whole_run_with_a_hook(tiny: LanguageModel) -> None:
    """The second way: run everything, and change the one place by a hook."""
    base, new = run_base(tiny, _tokens()), torch.ones(3, tiny.d_model)

    def put(resid: Tensor) -> Tensor:
        changed = resid.clone()
        changed[:, 6] = new
        return changed

    with torch.inference_mode(), intervene(tiny, {Hookpoint("resid_pre", 1): put}):
        expected = tiny.hf(_tokens()).logits
    resid = base.resid[1][:, 6:].clone()
    resid[:, 0] = new
    ours = logits(tiny, resume(tiny, base, resid, layer=1))
    _close(ours, expected[:, 6:])
    assert not torch.allclose(expected[:, 6:], tiny.hf(_tokens()).logits[:, 6:], atol=1e-2)


def test_several_versions_of_a_batch_run_side_by_side(tiny: LanguageModel) -> None:
    base = run_base(tiny, _tokens())
    one, other = base.resid[1][:, 5:], torch.zeros_like(base.resid[1][:, 5:])
    together = resume(tiny, base, torch.cat([one, other]), layer=1)
    _close(together[:3], resume(tiny, base, one, layer=1))
    _close(together[3:], resume(tiny, base, other, layer=1))


def test_a_run_can_stop_before_a_block(tiny: LanguageModel) -> None:
    base = run_base(tiny, _tokens())
    _close(resume(tiny, base, base.resid[0], layer=0, until=2), base.resid[2])


def test_logits_of_a_few_tokens_equal_those_of_the_model(tiny: LanguageModel) -> None:
    base: Base = run_base(tiny, _tokens())
    ids = torch.tensor([[1, 2], [30, 40], [999, 0]])
    with torch.inference_mode():
        expected = tiny.hf(_tokens()).logits[:, -1].gather(1, ids)
        _close(logits_of(tiny, base.resid[-1][:, -1], ids), expected)


@torch.inference_mode()
def test_outputs_of_heads_add_up_to_the_attention_output(tiny: LanguageModel) -> None:
    z, out = Hookpoint("z", 1), Hookpoint("attn_out", 1)
    with capture(tiny, [z, out]) as at:
        tiny.hf(_tokens())
    if "gemma" in tiny.hf.config.model_type:
        return  # a norm stands between
    total, zero = head_outputs(tiny, 1, at[z]).sum(-2), torch.zeros_like(at[z])
    with intervene(tiny, {z: lambda _z: zero}), capture(tiny, [out]) as silent:
        tiny.hf(_tokens())
    _close(total, at[out] - silent[out])
