"""SynthSAEBench worlds and SAE training, against SAELens on the same machine in the same run.

    .venv/bin/python -m benchmarks.saes build [WORLD …]       building worlds
    .venv/bin/python -m benchmarks.saes train [WORLD …]       sampling, and training end to end
    .venv/bin/python -m benchmarks.saes quality WORLD         F1 and MCC of both, over seeds
    .venv/bin/python -m benchmarks.saes memory [WORLD]        peak memory of a process of each

`--json` prints records. SAELens' side is its own code with the same settings and batch 1,024:
`SyntheticModel`, `ActivationGenerator.sample`, `train_toy_sae` (the loop and data iterator of
`SyntheticSAERunner` without files and logging). Timings take turns, ours and theirs, and the
smallest of a few rounds counts, since this machine's speed varies. `memory` runs each side in a
process of its own.
"""

import argparse
import json
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from statistics import fmean
from typing import Any

import torch
from sae_lens.synthetic import SyntheticModel
from sae_lens.synthetic.training import train_toy_sae
from scipy.stats import ttest_ind

from harness.models.device import describe_device
from harness.saes.architectures import make_sae
from harness.saes.evaluation import evaluate
from harness.saes.training import Recipe, train
from harness.specs.sae_bench import Architecture
from harness.specs.worlds import resolve_world
from harness.worlds.build import configuration, largest_cosines, make_model
from harness.worlds.world import SyntheticWorld, open_world

BATCH = 1024
ROUNDS = 3
ARCHITECTURES = ("batchtopk", "matryoshka_batchtopk")
SEEDS = 4
WAYS = ("ours", "SAELens")
KEPT = ("latent_f1", "mcc", "sae_variance_explained", "dead_latent_fraction")
Record = dict[str, Any]


def build(name: str) -> Iterator[Record]:
    """Time of building, and how far the dictionaries are apart.

    Of a world as large as the paper's both are timed on three steps of orthogonalisation, which
    all cost the same, besides ours as a whole.
    """
    config = configuration(resolve_world(name))
    assert config.orthogonalization is not None
    if config.num_features > 10_000:
        yield {"world": name, "whole_seconds": _timed(lambda: make_model(config))[0]}
        few = replace(config.orthogonalization, num_steps=3)
        config = replace(config, orthogonalization=few)
    ours, mine = _timed(lambda: make_model(config))
    theirs, reference = _timed(lambda: SyntheticModel(config))
    a, b = mine.feature_dict.feature_vectors.data, reference.feature_dict.feature_vectors.data
    apart = (a - b).abs()
    yield {
        "world": name,
        "steps": config.orthogonalization.num_steps,
        "seconds": ours,
        "saelens_seconds": theirs,
        "ratio": theirs / ours,
        "largest_difference": float(apart.max()),
        "share_beyond_1e-5": float((apart > 1e-5).double().mean()),
        "smallest_cosine": float((a.double() * b.double()).sum(dim=1).min()),
        "mean_max_cosine": [float(largest_cosines(each).mean()) for each in (a, b)],
    }


def training(name: str) -> Iterator[Record]:
    """Milliseconds a batch: sampling features, activations, and whole training steps."""
    world = open_world(resolve_world(name), torch.device("cpu"))
    steps, reference_steps = (400, 40) if world.entry.features < 10_000 else (40, 6)
    model, generator = world.built.model, world.generator(0)
    sampling: list[tuple[str, Callable[[], object], Callable[[], object]]] = [
        (
            "features",
            lambda: world.sampler.sample(BATCH, generator),
            lambda: model.activation_generator.sample(BATCH),
        ),
        ("activations", lambda: world.draw(BATCH, generator), lambda: model.sample(BATCH)),
    ]
    for what, ours, theirs in sampling:
        yield _compared(name, what, lambda ours=ours: _each(ours, 20), lambda t=theirs: _each(t, 5))
    for architecture in ARCHITECTURES:
        recipe = _recipe(world, architecture, steps)
        yield _compared(
            name,
            f"training {architecture}",
            lambda recipe=recipe: _timed(lambda: train(world, recipe))[0] / steps,
            lambda recipe=recipe: _reference_step(world, recipe, reference_steps),
        )


def quality(name: str) -> Iterator[Record]:
    """Metrics of SAEs that both trained on the world's own number of samples, and differences."""
    world = open_world(resolve_world(name), torch.device("cpu"))
    for architecture in ARCHITECTURES:
        found: list[Record] = []
        for record in _trained(world, architecture):
            yield record
            found.append(record)
        for metric in KEPT:
            ours, theirs = ([r[metric] for r in found if r["way"] == way] for way in WAYS)
            yield {"architecture": architecture, **_difference(metric, ours, theirs)}


def _trained(world: SyntheticWorld, architecture: str) -> Iterator[Record]:
    steps = world.entry.samples // BATCH
    for seed in range(SEEDS):
        recipe = _recipe(world, architecture, steps)._replace(seed=seed)
        ours, sae = _timed(lambda recipe=recipe: train(world, recipe))
        yield _scored(world, recipe, sae, WAYS[0], ours)
        sae = make_sae(recipe.architecture, recipe.scale(world.entry.hidden_dim), seed=seed)
        theirs, _ = _timed(lambda recipe=recipe, sae=sae: _reference(world, recipe, sae))
        yield _scored(world, recipe, sae, WAYS[1], theirs)


def _difference(metric: str, ours: list[float], theirs: list[float]) -> Record:
    """Welch's 95 % interval: other samples train them, so that seeds are not paired."""
    interval = ttest_ind(ours, theirs, equal_var=False).confidence_interval(0.95)
    means = {"ours": fmean(ours), "saelens": fmean(theirs)}
    return {"metric": metric, **means, "low": float(interval.low), "high": float(interval.high)}


def memory(name: str) -> Iterator[Record]:
    """Peak resident memory of a process that builds the world and samples it, MiB."""
    for side in ("ours", "saelens"):
        done = subprocess.run(
            [sys.executable, "-m", "benchmarks.saes", "peak", name, side],
            check=True,
            capture_output=True,
            text=True,
        )
        yield {"world": name, "way": side, "peak_mib": float(done.stdout.split()[-1])}


def peak(name: str, side: str) -> float:
    """Of this process, after one build without orthogonalisation and ten batches."""
    config = replace(configuration(resolve_world(name)), orthogonalization=None)
    model = SyntheticModel(config)
    if side == "ours":
        from harness.worlds.build import Built

        world = SyntheticWorld(resolve_world(name), Built(model, "", ""), torch.device("cpu"))
        generator = world.generator(0)
        for _ in range(10):
            world.draw(BATCH, generator)
    else:
        for _ in range(10):
            model.sample(BATCH)
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**10


def _recipe(world: SyntheticWorld, architecture: str, steps: int) -> Recipe:
    entry = world.entry
    return Recipe(
        architecture=Architecture(name=architecture),
        width=entry.width,
        l0=float(entry.l0),
        samples=steps * BATCH,
        batch=BATCH,
        learning_rate=entry.learning_rate,
        seed=0,
    )


def _reference_step(world: SyntheticWorld, recipe: Recipe, steps: int) -> float:
    sae = make_sae(recipe.architecture, recipe.scale(world.entry.hidden_dim), seed=0)
    shorter = recipe._replace(samples=steps * BATCH)
    return _timed(lambda: _reference(world, shorter, sae))[0] / steps


def _reference(world: SyntheticWorld, recipe: Recipe, sae: Any) -> None:
    model = world.built.model
    torch.manual_seed(recipe.seed)
    train_toy_sae(
        sae,
        model.feature_dict,
        model.activation_generator,
        training_samples=recipe.samples,
        batch_size=recipe.batch,
        lr=recipe.learning_rate,
    )


def _scored(world: SyntheticWorld, recipe: Recipe, sae: Any, way: str, seconds: float) -> Record:
    generator = world.generator(recipe.seed, 99)
    found = evaluate(sae, world, samples=200_000, batch=BATCH, generator=generator)
    told = {"architecture": recipe.architecture.name, "seed": recipe.seed, "way": way}
    return {**told, "seconds": seconds, **{metric: found[metric] for metric in KEPT}}


def _compared(
    world: str, what: str, ours: Callable[[], float], theirs: Callable[[], float]
) -> Record:
    rounds = [(ours(), theirs()) for _ in range(ROUNDS)]
    mine, reference = (min(column) * 1e3 for column in zip(*rounds, strict=True))
    told = {"world": world, "what": what, "rounds": [[a * 1e3, b * 1e3] for a, b in rounds]}
    return {
        **told,
        "milliseconds": mine,
        "saelens_milliseconds": reference,
        "ratio": reference / mine,
    }


def _each(action: Callable[[], object], times: int) -> float:
    action()
    return _timed(lambda: [action() for _ in range(times)])[0] / times


def _timed(action: Callable[[], Any]) -> tuple[float, Any]:
    started = time.perf_counter()
    result = action()
    return time.perf_counter() - started, result


def main() -> None:
    """One line a record."""
    parser = argparse.ArgumentParser(prog="benchmarks.saes")
    parser.add_argument("what", choices=("build", "train", "quality", "memory", "peak"))
    parser.add_argument("worlds", nargs="*")
    parser.add_argument("--json", action="store_true")
    wanted = parser.parse_args()
    if wanted.what == "peak":
        print(peak(*wanted.worlds))
        return
    if not wanted.json:
        print(f"{describe_device('cpu').threads} threads, torch {torch.__version__}")
    measure = {"build": build, "train": training, "quality": quality, "memory": memory}
    for world in wanted.worlds or ["synthsae-2k"]:
        for record in measure[wanted.what](world):
            print(json.dumps(record) if wanted.json else _line(record), flush=True)


def _line(record: Record) -> str:
    shown = {k: f"{v:.4g}" if isinstance(v, float) else v for k, v in record.items()}
    shown.pop("rounds", None)
    return "  ".join(f"{name} {value}" for name, value in shown.items())


if __name__ == "__main__":
    main()
