import pytest
import torch
from sae_lens import TopKTrainingSAE
from torch import Tensor

from harness.saes import topk_step
from harness.saes.selection import BatchTopK, row_topk
from harness.saes.topk_step import TopKStep
from tests.saes.made import recipe, sae_of
from tests.worlds.small import opened

ROWS, LATENTS, K = 64, 200, 3.3


def plain(pre: Tensor, norms: Tensor, k: float) -> Tensor:
    """Flat places of the k times `rows` largest above 0, ascending, by sorting everything."""
    added = (pre * norms).view(-1)
    top = added.argsort(descending=True)[: int(k * len(pre))]
    return top[added[top] > 0].sort().values


def drifting(steps: int, drift: float) -> "list[Tensor]":
    """Pre-activations whose scale walks at random, `drift` a step."""
    generator = torch.Generator().manual_seed(0)
    scale, found = 1.0, list[Tensor]()
    for _ in range(steps):
        scale *= float(torch.exp(drift * torch.randn((), generator=generator)))
        found.append(scale * (torch.randn(ROWS, LATENTS, generator=generator) - 1.0))
    return found


@pytest.mark.parametrize("drift", [0.01, 0.3])
def test_no_latent_is_ever_lost_among_the_candidates(drift: float) -> None:
    pick = BatchTopK(K)
    norms = torch.rand(LATENTS, generator=torch.Generator().manual_seed(1)) + 0.5
    looked_at: list[int] = []
    for pre in drifting(300, drift):
        near = pick.candidates(pre, norms)
        values = pre.view(-1)[near]
        kept = near[pick.settle(values * norms[near % LATENTS], ROWS)]
        assert torch.equal(kept, plain(pre, norms, K))
        looked_at.append(len(near))
    assert sorted(looked_at)[150] < 0.6 * looked_at[0], "the control: fewer were looked at"


def test_where_too_few_are_above_zero_those_are_all() -> None:
    pick = BatchTopK(K)
    pre = torch.full((ROWS, LATENTS), -1.0)
    pre[3, 5] = 2.0
    pick.threshold = 7.0
    near = pick.candidates(pre, torch.ones(LATENTS))
    assert near[pick.settle(pre.view(-1)[near], ROWS)].tolist() == [3 * LATENTS + 5]
    assert pick.threshold == 2.0


def test_a_batch_without_any_has_none_and_the_next_is_searched_whole() -> None:
    pick = BatchTopK(K)
    silent = torch.full((ROWS, LATENTS), -1.0)
    near = pick.candidates(silent, torch.ones(LATENTS))
    assert len(near[pick.settle(silent.view(-1)[near], ROWS)]) == 0
    assert pick.threshold == 0.0
    (pre,) = drifting(1, 0.0)
    near = pick.candidates(pre, torch.ones(LATENTS))
    kept = near[pick.settle(pre.view(-1)[near], ROWS)]
    assert torch.equal(kept, plain(pre, torch.ones(LATENTS), K))


def test_the_largest_of_each_row_are_weighed_by_the_norms() -> None:
    pre = torch.tensor([[1.0, 2.0, -3.0, 0.5], [-1.0, -1.0, 4.0, -2.0]])
    assert row_topk(pre, torch.ones(4), 2).tolist() == [0, 1, 6]
    assert row_topk(pre, torch.tensor([1.0, 1.0, 1.0, 9.0]), 2).tolist() == [1, 3, 6]


@pytest.mark.parametrize("coarse", [False, True], ids=["float", "bfloat16"])
def test_training_picks_what_sorting_everything_picks(
    coarse: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(topk_step, "_multiplies_bfloat16", lambda _device: coarse)
    world, wanted = opened(), recipe("batchtopk")
    sae = sae_of("batchtopk", wanted.scale(48)).float()
    assert isinstance(sae, TopKTrainingSAE)
    step = TopKStep(sae)
    adam = torch.optim.Adam(step.parameters, lr=3e-3)
    generator = world.generator(0)
    for number in range(150):
        x = world.draw(64, generator)
        with torch.no_grad():
            pre = torch.addmm(sae.b_enc, x - sae.b_dec, sae.W_enc)
            expected = plain(pre, sae.W_dec.norm(dim=1), wanted.l0)
            code = step.code(x - sae.b_dec)
        found = code.rows * sae.cfg.d_sae + code.latents
        differing = sorted(set(expected.tolist()) ^ set(found.tolist()))
        # Rows in which no feature fires are one another's ties, and rounding makes ties too.
        added = (pre * sae.W_dec.norm(dim=1)).view(-1)
        smallest = added[expected].min()
        assert bool((added[differing] / smallest - 1).abs().le(1e-5).all()), (number, differing)
        torch.testing.assert_close(code.values, pre.view(-1)[found], rtol=1e-4, atol=1e-4)
        step(x, torch.zeros(64, dtype=torch.bool), number)
        adam.step()
