"""Rows of what interventions did, prompts being the units and random draws one mean a prompt.

Prompts for which the rule found no such supernode are left out of its rows; with too few left there
is no row, for nothing was changed that a claim could be judged by.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor

from harness.experiments.circuit_tracing.bench import Bench
from harness.experiments.circuit_tracing.outcomes import NONE, Arm, Asked, Seen
from harness.experiments.circuit_tracing.prompts import LEAST
from harness.experiments.scored import scored, units_digest
from harness.measurement import Measurement
from harness.ops.ratios import ratio_scores
from harness.specs.circuit_tracing import EFFECTS, RANDOM_FEATURES, RUNS, SWAP, Facts, Run

_LOST = "answer_log_probability_lost"


class Tried(NamedTuple):
    """One prompt with what was seen of it in both models."""

    asked: Asked
    seen: Mapping[Run, Seen]


def effect_rows(
    bench: Bench, task: Facts, tried: Sequence[Tried], seed: int
) -> Iterator[Measurement]:
    """Effects and activations of every intervention in both models, and how the models agree."""
    for intervention, control in _settings(task):
        having = [each for each in tried if each.asked.has(task, intervention)]
        if len(having) >= LEAST:
            for run in RUNS:
                yield from _rows(bench, task, having, (intervention, control, run), seed)
    yield scored(
        bench.spec,
        "effect_agreement",
        _agreement(_table(tried, "replacement", _LOST), _table(tried, "original", _LOST)),
        seed=seed,
        conditions=bench.spec.base(steps=task.steps),
        units=units_of(tried),
    )


def units_of(tried: Sequence[Tried]) -> str:
    """Digest of the prompts."""
    return units_digest(each.asked.fact.prompt.text for each in tried)


def _rows(
    bench: Bench,
    task: Facts,
    tried: Sequence[Tried],
    setting: tuple[str, str | None, Run],
    seed: int,
) -> Iterator[Measurement]:
    intervention, control, run = setting
    where = bench.spec.base(steps=task.steps, intervention=intervention, run=run)
    columns = _columns(tried[0].seen[run].arms, intervention, control)
    for metric in EFFECTS:
        yield scored(
            bench.spec,
            metric,
            _mean(_table(tried, run, metric), columns),
            seed=seed,
            conditions=where,
            control=control,
            units=units_of(tried),
        )
    for name in task.supernodes if intervention != NONE else ():
        watched = [each for each in tried if each.asked.own[name]]
        if len(watched) < LEAST:
            continue
        acts = torch.stack([each.seen[run].activations[name] for each in watched])
        yield scored(
            bench.spec,
            "supernode_activation",
            ratio_scores(_mean(acts, columns), acts[:, 0]),
            seed=seed,
            conditions={**where, "supernode": name},
            control=control,
            units=units_of(watched),
        )


def _settings(task: Facts) -> Iterator[tuple[str, str | None]]:
    yield NONE, None
    for intervention in (*task.supernodes, SWAP):
        yield from ((intervention, None), (intervention, RANDOM_FEATURES))


def _columns(arms: Sequence[Arm], intervention: str, control: str | None) -> list[int]:
    return [
        place
        for place, arm in enumerate(arms)
        if arm.intervention == intervention and (arm.draw is None) == (control is None)
    ]


def _table(tried: Sequence[Tried], run: Run, metric: str) -> Float[Tensor, "prompts arms"]:
    return torch.stack([each.seen[run].effects[metric] for each in tried])


def _mean(
    table: Float[Tensor, "prompts arms"], columns: Sequence[int]
) -> Float[Tensor, " prompts"]:
    return table[:, list(columns)].mean(dim=1)


def _agreement(
    one: Float[Tensor, "prompts arms"], other: Float[Tensor, "prompts arms"]
) -> Float[Tensor, " prompts"]:
    """Correlation over the arms of each prompt but the clean one."""
    left, right = (each[:, 1:] - each[:, 1:].mean(1, keepdim=True) for each in (one, other))
    lengths = left.norm(dim=1) * right.norm(dim=1)
    assert bool((lengths > 0).all()), "interventions without any effect"
    return ((left * right).sum(1) / lengths).clamp(-1, 1)
