"""The quick steps set SAELens' own gradients."""

from math import isclose
from typing import Any

import pytest
import torch
from sae_lens import BatchTopKTrainingSAE, StandardTrainingSAE
from sae_lens.saes.sae import TrainStepInput
from torch import Tensor

from harness.saes import topk_step
from harness.saes.architectures import AnySAE, Scale, make_sae
from harness.saes.autotune import Autotuner
from harness.saes.coefficients import Coefficients
from harness.saes.dense_step import DenseStep
from harness.saes.l1_step import L1Step
from harness.saes.pursuit_step import PursuitStep
from harness.saes.steps import Step, choose_step
from harness.saes.topk_step import TopKStep
from tests.saes.made import SMALL, architecture, sae_of, samples, twin

DEAD = {"none": 0, "few": 3, "more than half of d_in": 17}
TOPK: dict[str, tuple[str, dict[str, Any]]] = {
    "topk": ("topk", {}),
    "topk, unweighed": ("topk", {"rescale_acts_by_decoder_norm": False}),
    "topk, uncentred": ("topk", {"apply_b_dec_to_input": False}),
    "batchtopk": ("batchtopk", {}),
    "batchtopk, fractional": ("batchtopk", {"k": 2.7}),
    "batchtopk, unweighed": ("batchtopk", {"rescale_acts_by_decoder_norm": False}),
    "batchtopk, uncentred": ("batchtopk", {"apply_b_dec_to_input": False}),
    "batchtopk, weak revival": ("batchtopk", {"aux_loss_coefficient": 0.1}),
    "matryoshka by level": ("matryoshka_batchtopk", {}),
    "matryoshka at once": ("matryoshka_batchtopk", {"use_matryoshka_aux_loss": False}),
    "matryoshka, unweighed": ("matryoshka_batchtopk", {"rescale_acts_by_decoder_norm": False}),
    "matryoshka, three levels": ("matryoshka_batchtopk", {"matryoshka_widths": [7, 20, 40]}),
}
every_topk = pytest.mark.parametrize("kind", TOPK)


def dead_latents(count: int) -> Tensor:
    """Spread over all latents, so that each level of a Matryoshka SAE has some."""
    mask = torch.zeros(SMALL.d_sae, dtype=torch.bool)
    mask[torch.randperm(SMALL.d_sae, generator=torch.Generator().manual_seed(5))[:count]] = True
    return mask


def saelens_gradients(
    sae: AnySAE, x: Tensor, dead: Tensor, coefficients: dict[str, float] | None = None
) -> tuple[dict[str, Tensor], float]:
    """By autograd of SAELens' forward pass, and the L0."""
    sae.train()
    output = sae.training_forward_pass(
        TrainStepInput(
            sae_in=x,
            dead_neuron_mask=dead,
            coefficients=coefficients or {},
            n_training_steps=0,
            is_logging_step=False,
        )
    )
    output.loss.backward()
    found = {name: p.grad for name, p in sae.named_parameters() if p.grad is not None}
    return found, float((output.feature_acts != 0).sum()) / len(x)


def own_gradients(step: Step) -> dict[str, Tensor]:
    found = {name: p.grad for name, p in step.sae.named_parameters() if p.grad is not None}
    encoder = getattr(step, "encoder", None)
    if encoder is not None:
        found["W_enc"] = encoder.grad.T
    return found


def assert_equal(found: dict[str, Tensor], expected: dict[str, Tensor]) -> None:
    assert found.keys() == expected.keys()
    for name, gradient in expected.items():
        torch.testing.assert_close(found[name], gradient, rtol=1e-5, atol=1e-9, msg=name)
        assert float(gradient.abs().max()) > 1e-3, f"the control: {name} has a gradient"


@every_topk
@pytest.mark.parametrize("dead", DEAD)
@pytest.mark.parametrize("coarse", [False, True], ids=["float", "bfloat16"])
def test_gradients_equal_saelens_autograd(
    kind: str, dead: str, coarse: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(topk_step, "_multiplies_bfloat16", lambda _device: coarse)
    name, config = TOPK[kind]
    sae, x, mask = sae_of(name, **config), samples(), dead_latents(DEAD[dead])
    expected, l0 = saelens_gradients(twin(sae), x, mask)
    step = choose_step(sae, None)
    assert isinstance(step, TopKStep)
    fired = step(x, mask, 0)
    assert_equal(own_gradients(step), expected)
    assert isclose(fired.l0, l0)


@every_topk
def test_dead_latents_change_the_gradient(kind: str) -> None:
    name, config = TOPK[kind]
    none, some = (
        saelens_gradients(sae_of(name, **config), samples(), dead_latents(count))[0]
        for count in (0, 17)
    )
    assert float((none["W_dec"] - some["W_dec"]).abs().max()) > 1e-3


@pytest.mark.parametrize("name", ["batchtopk", "matryoshka_batchtopk"])
def test_the_threshold_that_is_saved_follows_saelens(name: str) -> None:
    sae = sae_of(name)
    other, step, none = twin(sae), choose_step(sae, None), dead_latents(0)
    for seed in range(5):
        x = samples(seed=seed)
        saelens_gradients(other, x, none)
        step(x, none, 0)
        other.zero_grad()
    assert isinstance(sae, BatchTopKTrainingSAE)
    assert isinstance(other, BatchTopKTrainingSAE)
    assert float(sae.topk_threshold) > 0.01
    assert isclose(float(sae.topk_threshold), float(other.topk_threshold), rel_tol=1e-6)


@pytest.mark.parametrize("centred", [True, False])
def test_the_l1_step_has_saelens_gradient(centred: bool) -> None:
    sae, x = sae_of("standard", apply_b_dec_to_input=centred), samples()
    step = choose_step(sae, None)
    assert isinstance(step, L1Step)
    at = step.coefficients.at(5)
    expected, l0 = saelens_gradients(twin(sae), x, dead_latents(0), at)
    fired = step(x, dead_latents(0), 5)
    assert_equal(own_gradients(step), expected)
    assert isclose(fired.l0, l0)
    without, _ = saelens_gradients(twin(sae), x, dead_latents(0), {"l1": 0.0})
    assert float((without["W_dec"] - expected["W_dec"]).abs().max()) > 1e-2


@pytest.mark.parametrize("steps", [1, 4])
def test_the_pursuit_step_has_saelens_gradient(steps: int) -> None:
    sae, x = sae_of("matching_pursuit", max_iterations=steps), samples()
    with torch.no_grad():
        sae.W_dec.div_(sae.W_dec.norm(dim=1, keepdim=True))
    expected, l0 = saelens_gradients(twin(sae), x, dead_latents(0))
    step = choose_step(sae, None)
    assert isinstance(step, PursuitStep)
    fired = step(x, dead_latents(0), 0)
    found = own_gradients(step)
    for name in ("W_dec", "b_dec"):
        torch.testing.assert_close(found[name], expected[name], rtol=1e-5, atol=1e-9)
        assert float(expected[name].abs().max()) > 1e-3
    assert isclose(fired.l0, l0)


@pytest.mark.parametrize("name", ["jumprelu", "gated"])
def test_other_architectures_take_saelens_own_step(name: str) -> None:
    sae, x = sae_of(name), samples()
    step = choose_step(sae, None)
    assert type(step) is DenseStep
    expected, l0 = saelens_gradients(twin(sae), x, dead_latents(0), step.coefficients.at(12))
    fired = step(x, dead_latents(0), 12)
    found = own_gradients(step)
    assert found.keys() == expected.keys()
    for key, gradient in expected.items():
        torch.testing.assert_close(found[key], gradient)
    assert isclose(fired.l0, l0)


def test_a_subclass_may_compute_otherwise_and_takes_saelens_own_step() -> None:
    class Changed(StandardTrainingSAE):
        pass

    sae = sae_of("standard")
    assert type(choose_step(sae, None)) is L1Step
    assert type(choose_step(Changed(sae.cfg), None)) is DenseStep


def test_which_latents_fired_is_told() -> None:
    sae, x = sae_of("topk"), samples(rows=3)
    sae.eval()
    active = sae.encode(x) != 0
    fired = choose_step(sae, None)(x, dead_latents(0), 0)
    assert torch.equal(fired.latents, active.any(dim=0))
    assert not bool(fired.latents.all()), "the control: not all did"


def test_coefficients_rise_to_their_value_and_are_multiplied_by_what_is_tuned() -> None:
    sae = sae_of("standard", Scale(12, 40, 3.0, 30))
    assert [Coefficients(sae, None).at(step)["l1"] for step in (0, 5, 10, 29)] == [0, 1, 2, 2]
    tuned = Coefficients(sae, Autotuner(3.0, 0, 0.1, multiplier=1.5))
    assert tuned.at(29)["l1"] == 3.0


@pytest.mark.parametrize("name", ["topk", "batchtopk", "standard"])
def test_the_encoder_that_learns_is_the_saes_own(name: str) -> None:
    sae = sae_of(name)
    step = choose_step(sae, None)
    with torch.no_grad():
        step.parameters[0][2, 1] = 77.0
    assert float(sae.W_enc.detach()[1, 2]) == 77.0


def test_under_autocast_saelens_own_step_is_near_and_the_quick_ones_are_exact() -> None:
    x, dead = samples().float(), dead_latents(0)

    def gradient(name: str, *, autocast: bool) -> Tensor:
        sae = make_sae(architecture(name), SMALL, seed=0)
        choose_step(sae, None, autocast=autocast)(x, dead, 20)
        found = sae.W_dec.grad
        assert isinstance(found, Tensor)
        assert found.dtype == torch.float32
        return found

    exact, rounded = (gradient("gated", autocast=each) for each in (False, True))
    apart = float((exact - rounded).norm() / exact.norm())
    assert 1e-5 < apart < 0.05
    assert torch.equal(gradient("topk", autocast=False), gradient("topk", autocast=True))
