from pathlib import Path
from typing import cast, get_args

import pytest
import torch
from sae_lens import StandardTrainingSAE, StandardTrainingSAEConfig
from safetensors.torch import save
from torch import Tensor

from harness.autoresearch.sandbox.place import RunFailed
from harness.autoresearch.scorer.bench import Encode
from harness.autoresearch.scorer.secret import Secret
from harness.autoresearch.scorer.synthetic import SyntheticBench
from harness.autoresearch.task import Tier
from harness.record import HarnessError
from harness.saes.architectures import AnySAE
from harness.saes.evaluation import evaluate
from harness.specs.sae_bench import SAE_METRICS
from tests.autoresearch.scorer.small import (
    Linear,
    copied,
    honest,
    not_again,
    opened_bench,
    random_rows,
)

TIERS: tuple[Tier, ...] = get_args(Tier)


def saelens(sae: Linear) -> AnySAE:
    """The same SAE as one of SAELens'."""
    latents, d = sae.directions.shape
    made = StandardTrainingSAE(StandardTrainingSAEConfig(d_in=d, d_sae=latents))
    with torch.no_grad():
        made.W_dec.copy_(sae.directions)
        made.W_enc.copy_(sae.directions.T)
        made.b_dec.copy_(sae.bias)
        made.b_enc.fill_(-sae.threshold)
    return cast(AnySAE, made.requires_grad_(requires_grad=False))


@pytest.mark.parametrize("make", [honest, random_rows])
def test_metrics_are_those_of_a_saelens_sae_with_the_same_weights(
    bench: SyntheticBench, make: type[Linear]
) -> None:
    world = bench.world("dev")
    sae = make(world)
    found = bench.measure("dev", 5, sae.weights, sae.encode)
    expected = evaluate(
        saelens(sae),
        world,
        samples=3_000,
        batch=3_000,
        generator=torch.Generator().manual_seed(Secret.draw(0).run_seed("dev", 5, "evaluation")),
    )
    assert set(found) == set(SAE_METRICS)
    assert found == pytest.approx(expected, abs=1e-6)


def test_the_truth_scores_above_chance(bench: SyntheticBench) -> None:
    world = bench.world("dev")
    true, chance = (
        bench.measure("dev", 0, sae.weights, sae.encode)
        for sae in (honest(world), random_rows(world))
    )
    assert true["mcc"] > 0.95
    assert true["latent_f1"] > chance["latent_f1"] + 0.3
    assert chance["mcc"] < 0.6


def test_one_seed_is_one_measurement_and_another_is_another(bench: SyntheticBench) -> None:
    sae = honest(bench.world("dev"))
    first, again, other = (
        bench.measure("dev", seed, sae.weights, sae.encode) for seed in (1, 1, 2)
    )
    assert first == again
    assert first["latent_f1"] != other["latent_f1"]
    assert first["mcc"] == other["mcc"]


def test_a_decoder_without_bias_reconstructs_without(bench: SyntheticBench) -> None:
    sae = honest(bench.world("dev"))
    zeros = save({"W_dec": sae.directions, "b_dec": torch.zeros(64)})
    without = save({"W_dec": sae.directions})
    assert bench.measure("dev", 0, without, sae.encode) == bench.measure(
        "dev", 0, zeros, sae.encode
    )
    assert bench.measure("dev", 0, zeros, sae.encode) != bench.measure(
        "dev", 0, sae.weights, sae.encode
    )


def test_tiers_and_secrets_have_worlds_of_their_own(tmp_path: Path, bench: SyntheticBench) -> None:
    worlds = [bench.world(tier) for tier in TIERS]
    other = opened_bench(tmp_path / "other", secret_seed=1)
    again = opened_bench(tmp_path / "again", secret_seed=0)
    found = {each.built.sha256 for each in [*worlds, other.world("dev")]}
    assert len(found) == 4
    same = again.world("dev")
    assert (same.built.sha256, same.silent) == (worlds[0].built.sha256, worlds[0].silent)
    assert bench.candidate_seed("dev", 1) == again.candidate_seed("dev", 1)
    assert bench.candidate_seed("dev", 1) != other.candidate_seed("dev", 1)


def test_a_world_is_built_once_into_the_campaigns_folder(
    tmp_path: Path, harness_cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = opened_bench(tmp_path / "truth").world("dev")
    assert not (harness_cache / "worlds").exists()
    monkeypatch.setattr("harness.worlds.build.make_model", not_again)
    second = opened_bench(tmp_path / "truth").world("dev")
    assert torch.equal(first.vectors, second.vectors)


def fails(
    bench: SyntheticBench, sae: Linear, weights: bytes | None = None, encode: Encode | None = None
) -> RunFailed:
    with pytest.raises(RunFailed) as failed:
        bench.measure("dev", 0, weights or sae.weights, encode or sae.encode)
    return failed.value


def test_a_copy_of_the_dictionary_has_no_score(bench: SyntheticBench) -> None:
    assert fails(bench, copied(bench.world("dev"))).cause == "canary"


def test_an_l0_outside_of_the_band_has_no_score(tmp_path: Path, bench: SyntheticBench) -> None:
    sae = honest(bench.world("dev"))
    l0 = bench.measure("dev", 0, sae.weights, sae.encode)["sae_l0"]
    band = {"low": l0 - 0.5, "high": l0 + 0.5}
    held = opened_bench(tmp_path / "held", l0=band, target_l0=l0)
    assert held.measure("dev", 0, sae.weights, sae.encode)["sae_l0"] == l0
    denser = Linear(sae.directions, sae.bias, threshold=0.2)
    failed = fails(held, denser)
    assert failed.cause == "l0"
    assert f"outside of {band['low']:g} to {band['high']:g}" in failed.message


def test_latents_that_depend_on_the_batch_or_on_chance_have_no_score(
    bench: SyntheticBench,
) -> None:
    sae = honest(bench.world("dev"))

    def over_the_batch(x: Tensor) -> Tensor:
        latents = sae.encode(x)
        least = latents.flatten().topk(2 * len(x)).values[-1]
        return torch.where(latents >= least, latents, 0.0)

    def of_chance(x: Tensor) -> Tensor:
        return sae.encode(x) * (torch.rand(len(x), 1) > 0.1)

    assert fails(bench, sae, encode=over_the_batch).cause == "batch_dependent"
    assert fails(bench, sae, encode=of_chance).cause == "not_deterministic"


def test_weights_that_overflow_have_no_score_and_rows_of_zeros_are_dead_directions(
    bench: SyntheticBench,
) -> None:
    sae = honest(bench.world("dev"))

    def overflowing(x: Tensor) -> Tensor:
        return sae.encode(x) * 1e30

    assert fails(bench, sae, save({"W_dec": sae.directions * 1e30})).cause == "not_finite"
    assert fails(bench, sae, encode=overflowing).cause == "not_finite"
    some_dead = sae.directions.clone()
    some_dead[:3] = 0.0
    weights = save({"W_dec": some_dead, "b_dec": sae.bias})
    whole = bench.measure("dev", 0, sae.weights, sae.encode)
    assert bench.measure("dev", 0, weights, sae.encode)["mcc"] < whole["mcc"]


def test_more_latents_than_features_are_refused(tmp_path: Path) -> None:
    with pytest.raises(HarnessError, match=r"contract\.width: 129 .* 128"):
        opened_bench(tmp_path, width=129)
