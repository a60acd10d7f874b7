"""Folding, thresholds and refinement; latents of a row depend on that row alone."""

from collections.abc import Mapping

import pytest
import torch
from torch import Tensor

from harness.autoresearch.knob import Scalar
from harness.autoresearch.recipes.recipe import encode, folded, thresholds
from harness.autoresearch.recipes.sparse_layers import Layers
from tests.autoresearch.recipes.given import D_IN, L0, drawn, knobs, layers

OPTIONS: dict[str, dict[str, Scalar]] = {
    "plain": {},
    "one LISTA step": {"lista_steps": 1},
    "two LISTA steps": {"lista_steps": 2},
    "refined": {"refine": True, "refine_spare": 0.5},
    "LISTA and refined": {"lista_steps": 1, "refine": True, "refine_spare": 1.0},
}
every_option = pytest.mark.parametrize("options", OPTIONS.values(), ids=OPTIONS)


def ready(options: dict[str, Scalar], target: float = L0) -> tuple[Mapping[str, Tensor], Tensor]:
    """Weights with thresholds, and the sample that these were set on."""
    sample, weights = drawn(4000, D_IN, scale=3), folded(layers())
    return {
        **weights,
        "thresholds": thresholds(sample, weights, knobs(**options), target),
    }, sample


@every_option
def test_as_many_latents_are_active_as_the_contract_aims_at(options: dict[str, Scalar]) -> None:
    for target in (2.0, 3.0):
        weights, sample = ready(options, target)
        latents = encode(sample, weights, knobs(**options))
        assert float((latents > 0).sum()) / len(sample) == pytest.approx(target, rel=0.01)
        assert float(latents.min()) == 0.0


@every_option
def test_rows_are_encoded_one_by_one_as_together(options: dict[str, Scalar]) -> None:
    weights, sample = ready(options)
    together = encode(sample[:50], weights, knobs(**options))
    alone = torch.cat([encode(row[None], weights, knobs(**options)) for row in sample[:50]])
    torch.testing.assert_close(together, alone)


def test_folding_keeps_reconstructions() -> None:
    of, x = layers(), drawn(50, D_IN)
    weights = folded(of)
    torch.testing.assert_close(weights["W_dec"].norm(dim=1), torch.ones(40, dtype=torch.double))
    before = ((x - of.decoder_bias) @ of.encoder.T + of.encoder_bias).relu() @ of.decoder
    after = ((x - weights["b_dec"]) @ weights["W_enc"].T + weights["b_enc"]).relu()
    torch.testing.assert_close(after @ weights["W_dec"], before)
    quarter = folded(of, scale=4.0)
    seen = ((x / 4 - quarter["b_dec"]) @ quarter["W_enc"].T + quarter["b_enc"]).relu()
    torch.testing.assert_close(seen * 4, after)


def test_few_latents_that_could_fire_all_do() -> None:
    of = layers()
    of.encoder_bias.data.fill_(-1e3)
    of.encoder_bias.data[0] = 1e3
    sample, weights = drawn(100, D_IN), folded(of)
    found = thresholds(sample, weights, knobs(), L0)
    latents = encode(sample, {**weights, "thresholds": found}, knobs())
    assert torch.isfinite(found).all()
    assert torch.equal((latents > 0).sum(dim=0), torch.tensor([100] + [0] * 39))


def absorbed() -> Layers:
    """Two features, e0 and e1, with a latent each, and a third latent that both set off."""
    rows = torch.tensor([[1.0, 0.0], [0.0, 1.0], [0.8, 0.6]], dtype=torch.double)
    zeros = torch.zeros(3, dtype=torch.double), torch.zeros(2, dtype=torch.double)
    return Layers(rows, zeros[0], rows, zeros[1])


def test_refinement_drops_a_latent_whose_part_others_explain() -> None:
    # Of x = e0 all but the second latent are active: 1 and 0.8. Together they decode to
    # (1.64, 0.48); the residual (-0.64, -0.48) leaves 0.36 of the first and 0 of the third.
    x = torch.tensor([[1.0, 0.0]], dtype=torch.double)
    weights = {**folded(absorbed()), "thresholds": torch.tensor([0.1, 0.2])}
    refined, plain = (encode(x, weights, knobs(refine=on)) for on in (True, False))
    torch.testing.assert_close(plain, torch.tensor([[1.0, 0.0, 0.8]], dtype=torch.double))
    torch.testing.assert_close(refined, torch.tensor([[1.0, 0.0, 0.0]], dtype=torch.double))
    weights["thresholds"][1] = 0.4
    assert not encode(x, weights, knobs(refine=True)).any(), "the first explains 0.36"


def test_a_lista_step_takes_back_what_was_explained_twice() -> None:
    # Residual of x = e0 as above; W_enc times it is (-0.64, -0.48, -0.8), and eta a half.
    x = torch.tensor([[1.0, 0.0]], dtype=torch.double)
    weights = {**folded(absorbed()), "thresholds": torch.tensor([0.1, 0.1])}
    latents = encode(x, weights, knobs(lista_steps=1, lista_eta=0.5))
    torch.testing.assert_close(latents, torch.tensor([[0.68, 0.0, 0.4]], dtype=torch.double))
