"""Training of one layer: its gradient, its normalisation, and what it finds."""

import pytest
import torch
from torch import Tensor, nn

from harness.transcoders.evaluation import measure
from harness.transcoders.training import DEAD_AFTER, REVIVAL, Run, Scale, folded, train_topk
from harness.transcoders.transcoder import TopK, Transcoder
from tests.transcoders.planted import ACTIVE, D, one_layer, recipe


def run_with_random_weights() -> Run:
    """Weights as after some training, so that no gradient is 0 by chance."""
    generator = torch.Generator().manual_seed(3)
    run = Run(D, recipe(), generator)
    with torch.no_grad():
        for parameter in (run.encoder_bias, run.decoder, run.bias):
            parameter.copy_(torch.randn(parameter.shape, generator=generator) * 0.3)
    return run


def autograd(run: Run, x: Tensor, y: Tensor, dead: Tensor) -> list[Tensor]:
    """Gradients of the plain loss, every sum dense, clipped as training clips."""
    copies = [
        nn.Parameter(each.detach().clone())
        for each in (run.encoder, run.encoder_bias, run.decoder, run.bias)
    ]
    encoder, encoder_bias, decoder, bias = copies
    pre = x @ encoder.T + encoder_bias
    error = TopK(run.k)(pre) @ decoder + bias - y
    loss = error.square().sum() / len(x)
    if len(dead) >= run.k:
        left = TopK(run.k)(pre[:, dead]) @ decoder[dead] + error.detach()
        loss = loss + REVIVAL * left.square().sum() / len(x)
    loss.backward()
    nn.utils.clip_grad_norm_(copies, 1.0)
    return [each.grad for each in copies if each.grad is not None]


@pytest.mark.parametrize("old", [False, True])
def test_a_step_has_the_gradient_that_autograd_gives_the_plain_loss(old: bool) -> None:
    run = run_with_random_weights()
    generator = torch.Generator().manual_seed(4)
    x, y = (torch.randn(6, D, generator=generator) for _ in range(2))
    fired = (TopK(run.k)(x @ run.encoder.T + run.encoder_bias) > 0).any(dim=0)
    dead = (~fired).nonzero().squeeze(1) if old else torch.tensor([], dtype=torch.long)
    expected = autograd(run, x, y, dead)
    plain = autograd(run, x, y, dead[:0])
    if old:
        run._since += DEAD_AFTER
    run.step(x, y, rate=1e-3)
    found = [each.grad for each in (run.encoder, run.encoder_bias, run.decoder, run.bias)]
    for got, right in zip(found, expected, strict=True):
        assert got is not None
        assert float((got - right).abs().max()) < 1e-5
    if old:
        assert len(dead) >= ACTIVE
        assert float((expected[2] - plain[2]).abs().max()) > 1e-4, "the control: the dead count"


def test_folding_the_normalisation_changes_no_output() -> None:
    pairs = one_layer(500)
    reads, writes = Scale.of(pairs.x), Scale.of(pairs.y)
    run = run_with_random_weights()
    inside, outside = run.transcoder(), folded(run.transcoder(), reads, writes)
    x = reads.normal(pairs.x)
    expected = inside.decode(inside.encode(x), x) * writes.rms + writes.mean
    found = outside.decode(outside.encode(pairs.x), pairs.x)
    scale = float(expected.abs().max())
    assert float((found - expected).abs().max()) < 1e-4 * scale
    bare = inside.decode(inside.encode(pairs.x), pairs.x)
    assert float((bare - expected).abs().max()) > 0.1 * scale, "the control: unfolded weights"


def test_a_planted_code_is_found() -> None:
    pairs, unseen = one_layer(), one_layer(1_000, seed=1)
    steps: list[tuple[int, int]] = []
    trained = train_topk(pairs, recipe(), 0, lambda done, total: steps.append((done, total)))
    assert steps == [(done, 375) for done in range(1, 376)]
    found = measure(trained, unseen)
    assert found.fvu < 0.1
    assert found.l0 == pytest.approx(ACTIVE, abs=0.1)
    untrained = measure(_untrained(), unseen)
    assert untrained.fvu == pytest.approx(1, abs=0.01)


def test_the_same_seed_gives_the_same_weights_and_another_seed_others() -> None:
    pairs = one_layer(600)
    first, again, other = (
        train_topk(pairs, recipe(epochs=2, seed=seed), 0, lambda _done, _total: None)
        for seed in (0, 0, 1)
    )
    assert torch.equal(first.W_enc, again.W_enc) and torch.equal(first.W_dec, again.W_dec)
    assert not torch.equal(first.W_enc, other.W_enc)


def test_quality_is_that_of_the_definition() -> None:
    pairs, transcoder = one_layer(700), _untrained()
    generator = torch.Generator().manual_seed(5)
    decoder = torch.randn(transcoder.W_dec.shape, generator=generator)
    transcoder = transcoder._replace(W_dec=decoder)
    latents = transcoder.encode(pairs.x)
    output = transcoder.decode(latents, pairs.x)
    variance = (pairs.y - pairs.y.mean(dim=0)).double().square().sum()
    found = measure(transcoder, pairs)
    assert found.fvu == pytest.approx(float((output - pairs.y).double().square().sum() / variance))
    assert found.l0 == pytest.approx(float((latents != 0).sum() / 700))
    assert found.alive_fraction == float((latents != 0).any(dim=0).double().mean())


def _untrained() -> Transcoder:
    pairs = one_layer()
    run = Run(D, recipe(), torch.Generator().manual_seed(0))
    return folded(run.transcoder(), Scale.of(pairs.x), Scale.of(pairs.y))
