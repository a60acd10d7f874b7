from collections.abc import Iterator

import pytest
import torch
from sae_lens.synthetic.evals import eval_sae_on_synthetic_data
from torch import Tensor

from harness.saes.architectures import AnySAE
from harness.saes.controls import random_init, true_dictionary
from harness.saes.evaluation import evaluate
from harness.saes.training import train
from harness.specs.sae_bench import ARCHITECTURES, SAE_METRICS
from harness.worlds.world import SyntheticWorld
from tests.saes.made import architecture, recipe
from tests.saes.planted import absorbing, perfect, trees
from tests.worlds.small import opened

SAMPLES, BATCH = 2_000, 500


@pytest.fixture(scope="module")
def world() -> SyntheticWorld:
    return opened()


def measured(sae: AnySAE, world: SyntheticWorld, samples: int = SAMPLES) -> dict[str, float]:
    return evaluate(sae, world, samples=samples, batch=BATCH, generator=world.generator(3))


class Replayed(torch.nn.Module):
    """Gives SAELens the very features that the quick sampler draws."""

    def __init__(self, world: SyntheticWorld) -> None:
        super().__init__()
        self._drawn = self._draw(world)

    @staticmethod
    def _draw(world: SyntheticWorld) -> Iterator[Tensor]:
        generator = world.generator(3)
        while True:
            yield world.sampler.sample(BATCH, generator).dense(world.entry.features)

    def sample(self, _rows: int) -> Tensor:
        return next(self._drawn)


@pytest.mark.parametrize("name", ["batchtopk", "standard"])
def test_metrics_equal_saelens_on_the_same_features(name: str, world: SyntheticWorld) -> None:
    sae = train(world, recipe(name, learning_rate=1e-2))
    theirs = eval_sae_on_synthetic_data(
        sae,
        world.built.model.feature_dict,
        Replayed(world),  # type: ignore[arg-type]
        num_samples=SAMPLES,
        batch_size=BATCH,
    )
    found = measured(sae, world)
    assert tuple(found) == SAE_METRICS
    expected = {
        "mcc": theirs.mcc,
        "latent_f1": theirs.classification.f1_score,
        "latent_precision": theirs.classification.precision,
        "latent_recall": theirs.classification.recall,
        "feature_uniqueness": theirs.uniqueness,
        "sae_variance_explained": theirs.explained_variance,
        "sae_l0": theirs.sae_l0,
        "dead_latent_fraction": theirs.dead_latents / 64,
        "shrinkage": theirs.shrinkage,
    }
    assert found == pytest.approx(expected, abs=2e-3)
    assert found["mcc"] == pytest.approx(expected["mcc"], abs=1e-6)


@pytest.mark.parametrize("name", ARCHITECTURES)
def test_the_true_dictionary_has_mcc_one_and_an_untrained_sae_has_not(
    name: str, world: SyntheticWorld
) -> None:
    scale = recipe(name).scale(48)
    truth = measured(true_dictionary(architecture(name), scale, world), world)
    assert truth["mcc"] > 0.99999
    assert truth["feature_uniqueness"] == 1.0
    untrained = measured(random_init(architecture(name), scale, world, seed=0), world)
    assert untrained["mcc"] < 0.6
    assert untrained["feature_uniqueness"] < 0.9


@pytest.mark.parametrize("name", ARCHITECTURES)
def test_making_the_true_dictionary_leaves_the_world_as_it_is(
    name: str, world: SyntheticWorld
) -> None:
    before = world.vectors.clone()
    sae = true_dictionary(architecture(name), recipe(name).scale(48), world)
    with torch.no_grad():
        sae.W_dec.add_(1)
    assert torch.equal(world.vectors, before)


def test_training_goes_beyond_the_untrained_sae_of_the_same_seed(world: SyntheticWorld) -> None:
    made = recipe("batchtopk", learning_rate=1e-2, samples=64 * 300)
    trained = measured(train(world, made), world)
    untrained = measured(random_init(made.architecture, made.scale(48), world, seed=0), world)
    for metric in ("mcc", "latent_f1", "sae_variance_explained"):
        assert trained[metric] > untrained[metric] + 0.1, metric


def test_a_perfect_sae_scores_one_and_absorption_costs_recall() -> None:
    world = trees()
    clean, absorbed = (measured(sae(world), world, 40_000) for sae in (perfect, absorbing))
    assert clean["latent_precision"] == pytest.approx(1.0, abs=0.02)
    assert clean["latent_recall"] == pytest.approx(1.0, abs=0.02)
    assert clean["latent_f1"] == pytest.approx(1.0, abs=0.02)
    assert clean["mcc"] == pytest.approx(1.0)
    assert absorbed["latent_recall"] < clean["latent_recall"] - 0.04
    assert absorbed["mcc"] < 0.9


def test_fresh_samples_depend_on_the_generator_alone(world: SyntheticWorld) -> None:
    sae = random_init(architecture("topk"), recipe("topk").scale(48), world, seed=0)
    assert measured(sae, world) == measured(sae, world)
    other = evaluate(sae, world, samples=SAMPLES, batch=BATCH, generator=world.generator(4))
    assert other["latent_f1"] != measured(sae, world)["latent_f1"]
