"""The training loop is SAELens' `SAETrainer`."""

from itertools import islice

import pytest
import torch
from sae_lens import BatchTopKTrainingSAE
from sae_lens.config import SAETrainerConfig
from sae_lens.training.sae_trainer import SAETrainer
from torch import Tensor

from harness.saes import topk_step, training
from harness.saes.architectures import AnySAE, make_sae
from harness.saes.training import Recipe, train
from harness.worlds.stream import batches
from harness.worlds.world import SyntheticWorld
from tests.saes.made import recipe
from tests.worlds.small import opened

STEPS = 30
DEAD_AFTER = 5


@pytest.fixture(scope="module")
def world() -> SyntheticWorld:
    return opened()


@pytest.fixture(autouse=True)
def _untuned_and_exact(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(training, "autotuner", lambda *_: None)
    monkeypatch.setattr(topk_step, "_multiplies_bfloat16", lambda _device: False)
    monkeypatch.setattr(training, "DEAD_AFTER", DEAD_AFTER)


def same_batches(world: SyntheticWorld, made: Recipe) -> list[Tensor]:
    with batches(world, made.batch, world.generator(made.seed, 0)) as drawn:
        return [batch.hidden for batch in islice(drawn, made.steps)]


def saelens_run(world: SyntheticWorld, made: Recipe) -> AnySAE:
    """SAELens' own trainer on the batches that `train` sees."""
    sae = make_sae(made.architecture, made.scale(48), seed=made.seed)
    trainer = SAETrainer(
        SAETrainerConfig(
            total_training_samples=made.samples,
            train_batch_size_samples=made.batch,
            lr=made.learning_rate,
            lr_end=made.learning_rate,
            dead_feature_window=DEAD_AFTER,
        ),
        sae,
        iter(same_batches(world, made)),
    )
    if sae.cfg.normalize_activations == "expected_average_only_in":
        sample = world.draw(16_384, world.generator(made.seed, 1))
        trainer.activation_scaler.scaling_factor = 48**0.5 / float(sample.norm(dim=1).mean())
    return trainer.fit()


def apart(one: AnySAE, other: AnySAE) -> float:
    """Largest difference of a weight."""
    others = dict(other.named_parameters())
    return max(float((p - others[name]).detach().abs().max()) for name, p in one.named_parameters())


@pytest.mark.parametrize(
    "name",
    [
        "standard",
        "topk",
        "batchtopk",
        "jumprelu",
        "gated",
        "matryoshka_batchtopk",
        "matching_pursuit",
    ],
)
def test_a_run_equals_saelens_trainer_on_the_same_batches(name: str, world: SyntheticWorld) -> None:
    made = recipe(name, samples=64 * STEPS)
    ours, theirs = train(world, made), saelens_run(world, made)
    assert apart(ours, theirs) < 1e-4
    start = make_sae(made.architecture, made.scale(48), seed=0)
    assert apart(start, theirs) > 1e-2, "the control: training moved the weights"
    if isinstance(ours, BatchTopKTrainingSAE):
        assert isinstance(theirs, BatchTopKTrainingSAE)
        assert float(ours.topk_threshold) == pytest.approx(float(theirs.topk_threshold), rel=1e-4)


def test_latents_that_are_dead_are_revived_as_in_saelens(
    world: SyntheticWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = recipe("batchtopk", samples=64 * STEPS)
    revived = train(world, made)
    monkeypatch.setattr(training, "DEAD_AFTER", 10_000)
    assert apart(revived, train(world, made)) > 1e-3, "the control: some were dead by then"


def test_the_same_seed_gives_the_same_sae_and_another_seed_another(world: SyntheticWorld) -> None:
    one, again, other = (train(world, recipe("batchtopk", seed=s)) for s in (0, 0, 1))
    assert apart(one, again) == 0.0
    assert apart(one, other) > 1e-2


def test_progress_tells_every_step_and_samples_are_rounded_up_to_batches(
    world: SyntheticWorld,
) -> None:
    told: list[tuple[int, int]] = []
    made = recipe("topk", samples=200)
    train(world, made, told=lambda done, total: told.append((done, total)))
    assert told == [(1, 4), (2, 4), (3, 4), (4, 4)]


def test_a_scaled_architecture_reads_activations_that_are_not_scaled(
    world: SyntheticWorld,
) -> None:
    sae = train(world, recipe("jumprelu", samples=64 * 200, learning_rate=1e-2))
    sae.eval()
    x = world.draw(500, world.generator(5))
    with torch.no_grad():
        rebuilt = sae.decode(sae.encode(x))
    assert float((rebuilt - x).square().sum()) < 0.5 * float((x - x.mean(0)).square().sum())
    assert not sae.W_dec.requires_grad
