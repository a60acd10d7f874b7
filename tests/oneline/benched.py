"""A world that is built in a second, and lines of a leaderboard with values of one's choice."""

from typing import Any

from harness.oneline.board import Trained
from harness.specs.worlds import World, resolve_world

TINY = World(
    id="tiny",
    features=256,
    hidden_dim=48,
    roots=2,
    width=32,
    l0=3,
    samples=30_000,
    learning_rate=1e-2,
    note="for tests",
)
METRICS = {
    "mcc": 0.5,
    "latent_f1": 0.6,
    "latent_precision": 0.7,
    "latent_recall": 0.8,
    "feature_uniqueness": 0.9,
    "sae_variance_explained": 0.75,
    "sae_l0": 25.0,
    "dead_latent_fraction": 0.0,
    "shrinkage": 1.0,
}


def line(seed: int = 0, *, f1: float = 0.6, **changes: Any) -> Trained:
    """BatchTopK at the world's own L0, as the world would have it."""
    world = resolve_world(changes.get("world", "synthsae-16k"))
    given: dict[str, Any] = {
        "world": world.id,
        "world_sha256": "0" * 64,
        "architecture": "batchtopk",
        "config": {},
        "width": world.width,
        "l0": world.l0,
        "samples": world.samples,
        "batch": 1024,
        "learning_rate": world.learning_rate,
        "eval_samples": 100_000,
        "seed": seed,
        "harness": "0",
        "packages": {},
        "commit": None,
        "dirty": None,
        "dtype": "float32",
        "device": "cpu",
        "threads": 1,
        "origin": "built",
        "metrics": {**METRICS, "latent_f1": f1},
        "seconds": 2.0,
        "samples_per_second": 500.0,
        "finished_utc": "2026-01-01T00:00:00+00:00",
    }
    return Trained.model_validate({**given, **changes})
