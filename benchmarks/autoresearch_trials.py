"""Trials an hour of a task, beside the same trial by SAELens' own runner in the same process.

    .venv/bin/python -m benchmarks.autoresearch_trials [TASK] [--trials 3] [--part 1] [--json]

A trial is one training of the task's starting recipe in a cell and its score: the world's samples
through a pipe, inference in a second cell. SAELens' side has the same architecture, width, samples,
batch and learning rate: `train_toy_sae` (the loop and data iterator of `SyntheticSAERunner` without
files and logging) on `ActivationGenerator`'s samples, then `eval_sae_on_synthetic_data`. Sides take
turns. With `--part` SAELens' side trains and measures that part of the samples, and its seconds are
scaled up; its scores are then none of the task's.
"""

import argparse
import json
import time
from pathlib import Path
from statistics import fmean
from tempfile import TemporaryDirectory
from typing import NamedTuple

import torch
from sae_lens.synthetic.evals import eval_sae_on_synthetic_data
from sae_lens.synthetic.training import train_toy_sae

from harness.autoresearch.campaign import Campaign, Setup
from harness.autoresearch.ledger.event import Invalid, Run
from harness.autoresearch.machine.desk import Desk, untold
from harness.autoresearch.machine.measuring import measure
from harness.autoresearch.machine.run import at_desk
from harness.autoresearch.task import SyntheticSource, Task, load_task
from harness.experiments.context import no_progress
from harness.isolation import choose
from harness.saes.architectures import Scale, make_sae
from harness.specs.sae_bench import Architecture
from harness.specs.worlds import resolve_world
from harness.worlds.world import SyntheticWorld, open_world

BATCH = 1024
ARCHITECTURE = {"batchtopk": "batchtopk", "matryoshka": "matryoshka_batchtopk"}


class Timed(NamedTuple):
    """One trial on one side."""

    seconds: float
    f1: float
    mcc: float


def main() -> None:
    """One line a trial, then trials an hour."""
    parser = argparse.ArgumentParser(prog="benchmarks.autoresearch_trials")
    parser.add_argument("task", nargs="?", default="synthsae-1k-f1")
    parser.add_argument("--trials", type=int, default=3)
    parser.add_argument("--part", type=float, default=1.0)
    parser.add_argument("--json", action="store_true")
    wanted = parser.parse_args()
    task = load_task(wanted.task)
    assert isinstance(task.source, SyntheticSource), task.source
    world = open_world(resolve_world(task.source.world), torch.device("cpu"))
    ours: list[Timed] = []
    theirs: list[Timed] = []
    with TemporaryDirectory(prefix="trials-", dir=Path.cwd() / "runs") as scratch:
        setup = Setup(task=task, secret_seed=0, rung=choose("best"))
        campaign = Campaign.begin(Path(scratch) / "campaign", setup)
        with at_desk(campaign, untold, no_progress) as desk:
            _ours(desk, -1)  # builds the world
            for trial in range(wanted.trials):
                ours.append(_ours(desk, trial))
                theirs.append(_theirs(task, world, trial, wanted.part))
                if not wanted.json:
                    print(f"ours {ours[-1]}  SAELens {theirs[-1]}", flush=True)
    print(json.dumps(_told(wanted.task, ours, theirs)))


def _ours(desk: Desk, seed: int) -> Timed:
    run = Run(candidate=desk.history.begun.baseline, tier="dev", seed=100 + seed)
    began = time.perf_counter()
    found = measure(desk, run, 0)
    assert not isinstance(found, Invalid), found
    return Timed(time.perf_counter() - began, found["latent_f1"], found["mcc"])


def _theirs(task: Task, world: SyntheticWorld, seed: int, part: float) -> Timed:
    contract, model = task.contract, world.built.model
    steps = -(-contract.samples // BATCH)
    scale = Scale(world.entry.hidden_dim, contract.width, contract.target_l0, steps)
    sae = make_sae(Architecture(name=ARCHITECTURE[task.start]), scale, seed=seed)
    torch.manual_seed(seed)
    began = time.perf_counter()
    train_toy_sae(
        sae,
        model.feature_dict,
        model.activation_generator,
        training_samples=int(part * contract.samples),
        batch_size=BATCH,
        lr=world.entry.learning_rate,
    )
    found = eval_sae_on_synthetic_data(
        sae=sae,
        feature_dict=model.feature_dict,
        activations_generator=model.activation_generator,
        num_samples=int(part * task.eval_samples),
        batch_size=BATCH,
    )
    seconds = (time.perf_counter() - began) / part
    return Timed(seconds, found.classification.f1_score, found.mcc)


def _told(task: str, ours: list[Timed], theirs: list[Timed]) -> dict[str, object]:
    mine, reference = (fmean(each.seconds for each in side) for side in (ours, theirs))
    return {
        "task": task,
        "seconds_a_trial": round(mine, 2),
        "trials_an_hour": round(3600 / mine, 1),
        "saelens_seconds_a_trial": round(reference, 2),
        "saelens_trials_an_hour": round(3600 / reference, 1),
        "ratio": round(reference / mine, 2),
        "f1": [round(each.f1, 4) for each in ours],
        "saelens_f1": [round(each.f1, 4) for each in theirs],
    }


if __name__ == "__main__":
    main()
