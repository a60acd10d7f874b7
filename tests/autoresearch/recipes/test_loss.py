"""The recipe's loss against SAELens' on the same weights, and what its options make of it."""

from collections.abc import Callable
from math import e, isclose, log

import pytest
import torch
from sae_lens import BatchTopKTrainingSAE
from sae_lens.saes.sae import TrainStepInput
from torch import Tensor

from harness.autoresearch.recipes.recipe import DEAD_AFTER, Run, level_widths, tilted_mean
from harness.autoresearch.recipes.sparse_layers import Layers
from harness.saes.architectures import Scale, make_sae
from tests.autoresearch.recipes.given import (
    D_IN,
    L0,
    WIDTH,
    assert_equal,
    drawn,
    gradients,
    layers,
    run_of,
)
from tests.saes.made import architecture

DEAD = {"none dead": 0, "few dead": 3, "more dead than half of d_in": 17}
LEVELS = {"batchtopk": 0, "matryoshka_batchtopk": 3}


def dead_latents(count: int) -> Tensor:
    mask = torch.zeros(WIDTH, dtype=torch.bool)
    mask[torch.randperm(WIDTH, generator=torch.Generator().manual_seed(5))[:count]] = True
    return mask


def saelens_loss(name: str, of: Layers, x: Tensor, dead: Tensor) -> tuple[float, dict[str, Tensor]]:
    """SAELens' loss and its gradients, by the names of the recipe's parameters."""
    scale = Scale(D_IN, WIDTH, L0, 30)
    sae = make_sae(architecture(name, dtype="float64"), scale, seed=0)
    assert isinstance(sae, BatchTopKTrainingSAE)
    sae.load_state_dict(
        {
            "W_enc": of.encoder.detach().T,
            "b_enc": of.encoder_bias.detach(),
            "W_dec": of.decoder.detach(),
            "b_dec": of.decoder_bias.detach(),
            "topk_threshold": torch.zeros((), dtype=torch.double),
        }
    )
    sae.train()
    given = TrainStepInput(
        sae_in=x, dead_neuron_mask=dead, coefficients={}, n_training_steps=0, is_logging_step=False
    )
    loss = sae.training_forward_pass(given).loss
    loss.backward()
    found = {name: p.grad for name, p in sae.named_parameters() if p.grad is not None}
    ordered = found["W_enc"].T, found["b_enc"], found["W_dec"], found["b_dec"]
    return loss.item(), dict(zip(of._fields, ordered, strict=True))


@pytest.mark.parametrize("name", LEVELS)
@pytest.mark.parametrize("dead", DEAD.values(), ids=DEAD)
def test_loss_and_gradients_are_saelens_own(name: str, dead: int) -> None:
    x, mask = drawn(50, D_IN, scale=3), dead_latents(dead)
    run = run_of(nested_levels=LEVELS[name])
    run.since[mask] = DEAD_AFTER + 1
    loss, _ = run.loss(x)
    expected_loss, expected = saelens_loss(name, run.layers, x, mask)
    assert isclose(loss.item(), expected_loss, rel_tol=1e-9)
    assert_equal(gradients(loss, run.layers), expected)


def test_latents_count_as_dead_after_a_thousand_batches() -> None:
    x, losses = drawn(50, D_IN, scale=3), list[float]()
    for since in (DEAD_AFTER, DEAD_AFTER + 1):
        run = run_of()
        run.since.fill_(since)
        losses.append(run.loss(x)[0].item())
    assert losses[1] > losses[0] + 1


def test_a_step_counts_who_fired() -> None:
    run = run_of(batch=256)
    run.step(drawn(50, D_IN, scale=3), 0.0)
    silent, fired = run.since == 1, run.since == 0
    assert torch.equal(silent, run.often == 0)
    assert int(silent.sum()) + int(fired.sum()) == WIDTH
    assert int(fired.sum()) > 0, "the control: some fired"
    assert isclose(float(run.often.sum()), L0 * 0.01, rel_tol=1e-5)


def dense_lista_loss(run: Run, x: Tensor, eta: float, *, steps: int) -> Tensor:
    """By the definition: pre-activations move by eta W_enc times what is left over."""
    encoder, encoder_bias, decoder, bias = run.layers

    def active(pre: Tensor) -> Tensor:
        added = (pre * decoder.norm(dim=1)).detach()
        return pre * (added >= added.flatten().topk(int(L0 * len(x))).values.min())

    pre = (x - bias) @ encoder.T + encoder_bias
    for _ in range(steps):
        pre = pre + eta * (x - active(pre) @ decoder - bias) @ encoder.T
    return (active(pre) @ decoder + bias - x).square().sum(dim=1).mean()


@pytest.mark.parametrize("steps", [1, 2])
def test_lista_steps_are_trained_through(steps: int) -> None:
    x, run = drawn(50, D_IN, scale=3), run_of(lista_steps=steps, lista_eta=0.25)
    loss, expected = run.loss(x)[0], dense_lista_loss(run, x, 0.25, steps=steps)
    assert isclose(loss.item(), expected.item(), rel_tol=1e-9)
    assert_equal(gradients(loss, run.layers), gradients(expected, run.layers))
    assert abs(loss.item() - run_of().loss(x)[0].item()) > 0.01


def test_a_tilted_mean_is_between_mean_and_maximum() -> None:
    errors = torch.tensor([[0.0], [log(3.0)]])
    assert isclose(tilted_mean(errors, 1.0).item(), log((1 + 3) / 2), rel_tol=1e-6)
    assert isclose(tilted_mean(errors, 0.0).item(), log(3.0) / 2, rel_tol=1e-6)
    assert isclose(tilted_mean(errors, 1e-4).item(), log(3.0) / 2, rel_tol=1e-3)
    assert isclose(tilted_mean(errors * 1e6, 1.0).item(), 1e6 * log(3.0), rel_tol=1e-5)


def test_a_tilt_weighs_samples_by_the_exponential_of_their_error() -> None:
    errors = torch.tensor([[0.0], [1 / 0.02]], requires_grad=True)
    weights = torch.autograd.grad(tilted_mean(errors, 0.02).sum(), errors)[0].flatten()
    torch.testing.assert_close(weights, torch.tensor([1 / (1 + e), e / (1 + e)]))


def test_levels_follow_from_the_width() -> None:
    assert level_widths(256, 0) == (256,)
    assert level_widths(256, 3) == (8, 32, 128, 256)
    assert level_widths(4096, 3) == (128, 512, 2048, 4096)
    assert level_widths(16, 4) == (2, 8, 16)


@pytest.mark.parametrize("change", [{"nested_levels": 3}, {"lista_steps": 1}, {"tilt": 0.02}])
def test_each_option_changes_the_gradient(change: dict[str, float]) -> None:
    x = drawn(50, D_IN, scale=3)
    plain, changed = (
        gradients(run.loss(x)[0], run.layers)["decoder"] for run in (run_of(), run_of(**change))
    )
    assert float((plain - changed).abs().max()) > 1e-3


def trained(sort: Callable[[Run], None]) -> Run:
    run = Run(layers(), run_of().knobs, L0)
    for step in range(8):
        run.step(drawn(50, D_IN, seed=step, scale=3), 0.0)
        if step == 3:
            sort(run)
    return run


def test_sorting_renames_latents_and_changes_nothing_else() -> None:
    sorted_run, plain = trained(Run.sort), trained(lambda _run: None)
    frequency = trained_until_sorted().often
    order = frequency.argsort(descending=True)
    assert not torch.equal(order, torch.arange(WIDTH)), "the control: there is something to sort"
    for one, other in zip(sorted_run.layers[:3], plain.layers[:3], strict=True):
        torch.testing.assert_close(one, other[order])
    torch.testing.assert_close(sorted_run.layers.decoder_bias, plain.layers.decoder_bias)
    assert torch.equal(sorted_run.since, plain.since[order])


def trained_until_sorted() -> Run:
    run = Run(layers(), run_of().knobs, L0)
    for step in range(4):
        run.step(drawn(50, D_IN, seed=step, scale=3), 0.0)
    return run
