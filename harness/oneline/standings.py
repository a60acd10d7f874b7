"""SAEs of one recipe and all its seeds as one row: means with their intervals over seeds."""

from collections.abc import Iterable, Sequence
from math import sqrt

import numpy as np

from harness.estimate import Estimate, crossed_variance, estimate
from harness.measurement import Measurement
from harness.oneline.board import Job, Trained
from harness.record import Record
from harness.specs.sae_bench import SAE_METRICS

_LEVEL = 0.95


class Standing(Record):
    """One recipe over its seeds."""

    architecture: str
    """As rows call it."""
    config: dict[str, bool | int | float | str | tuple[int, ...]]
    width: int
    l0: float
    """Wanted; the metric `sae_l0` is what was measured."""
    samples: int
    batch: int
    learning_rate: float
    seeds: tuple[int, ...]
    scores: dict[str, Estimate]
    """By metric."""
    seconds: Estimate | None
    """Of training one SAE; `None` where none was trained without interruption."""
    samples_per_second: Estimate | None


def standings(saes: Iterable[Trained]) -> list[Standing]:
    """One a recipe, in the order of each one's first SAE; of one seed the last SAE counts."""
    groups: dict[str, dict[int, Trained]] = {}
    for each in saes:
        groups.setdefault(recipe_of(each.job), {})[each.seed] = each
    return [_standing([found for _, found in sorted(own.items())]) for own in groups.values()]


def recipe_of(job: Job) -> str:
    """What SAEs share that differ in their seed alone, or in how many samples they were tested."""
    return job.model_copy(update={"seed": 0, "eval_samples": 1}).digest


def _standing(saes: Sequence[Trained]) -> Standing:
    first = saes[0]
    scores = {metric: _score(metric, saes) for metric in SAE_METRICS}
    return Standing(
        architecture=first.title,
        config=first.config,
        width=first.width,
        l0=first.l0,
        samples=first.samples,
        batch=first.batch,
        learning_rate=first.learning_rate,
        seeds=tuple(each.seed for each in saes),
        scores={metric: got for metric, got in scores.items() if got is not None},
        seconds=_mean([each.seconds for each in saes]),
        samples_per_second=_mean([each.samples_per_second for each in saes]),
    )


def _score(metric: str, saes: Sequence[Trained]) -> Estimate | None:
    return estimate(
        [
            Measurement(
                experiment="bench",
                metric=metric,
                value=each.metrics[metric],
                n=each.eval_samples,
                seed=each.seed,
                conditions={},
            )
            for each in saes
            if metric in each.metrics
        ],
        level=_LEVEL,
    )


def _mean(values: Sequence[float | None]) -> Estimate | None:
    """Of what is no metric, such as seconds: the mean of those that are known, and its interval."""
    known = [value for value in values if value is not None]
    if not known:
        return None
    mean, spread = float(np.mean(known)), crossed_variance(np.array(known)[:, None])
    error = None if spread is None else sqrt(spread.variance)
    half = None if spread is None or error is None else spread.t(_LEVEL) * error
    return Estimate(
        mean=mean,
        stderr=error,
        seed_stderr=error,
        low=None if half is None else mean - half,
        high=None if half is None else mean + half,
        n=len(known),
        seeds=len(known),
    )
