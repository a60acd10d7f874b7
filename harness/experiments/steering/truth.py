"""Whether directions of truth cause what a model says of statements: normalised indirect effects.

Follows Marks and Tegmark, "The Geometry of Truth" (arXiv:2310.06824), sec. 6: few-shot prompts on
Spanish nouns, a direction fitted on other sets and scaled so that it takes the mean of the false
statements to that of the true ones, added at the end of the statement over a range of layers.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import product
from typing import NamedTuple

import torch
from torch import Tensor

from harness.estimate import estimate
from harness.experiments.context import Context
from harness.experiments.scored import scored
from harness.experiments.steering.fluency import Texts
from harness.experiments.steering.streams import Edit, unchanged
from harness.experiments.steering.truth_prompts import Judged, judged_prompts
from harness.experiments.steering.truth_vectors import Clouds
from harness.experiments.steering.vectors import adding, norm_rows, with_control
from harness.measurement import Measurement
from harness.models.language_model import LanguageModel
from harness.ops.ratios import ratio_scores
from harness.specs import SteeringSpec
from harness.specs.steering import Truth

_WAYS = {"false_to_true": (False, 1), "true_to_false": (True, -1)}
"""By way: which statements are steered, and the sign that the vector is added with."""


class _Arm(NamedTuple):
    """One direction over the layers, and all that tells it from others."""

    train: str
    direction: str
    control: str | None
    seed: int
    vectors: tuple[Tensor, ...]

    def edits(self, sign: float) -> tuple[Edit, ...]:
        return tuple(adding(each, sign) for each in self.vectors)


def run(
    spec: SteeringSpec, task: Truth, lm: LanguageModel, context: Context
) -> Iterator[Measurement]:
    """The gap between true and false statements, and the share of it that each direction moves.

    A model that answers to both alike has no gap to be moved: then its rows end with the gap, and
    claims that presuppose one are not tested.
    """
    judged = judged_prompts(lm, task, context)
    base = {label: judged.unsteered(label=label) for label in (True, False)}
    gap = scored(
        spec,
        "truth_gap",
        base[True] - base[False],
        seed=spec.seeds[0],
        conditions=spec.base(),
        units=judged.units,
    )
    yield gap
    if is_gap(gap):
        yield from _moved(spec, task, judged, base, context)


def is_gap(found: Measurement) -> bool:
    """Whether true statements are clearly answered to otherwise than false ones."""
    got = estimate([found])
    return got is not None and got.low is not None and got.low > 0


def _moved(
    spec: SteeringSpec,
    task: Truth,
    judged: Judged,
    base: Mapping[bool, Tensor],
    context: Context,
) -> Iterator[Measurement]:
    """The share of the gap that each direction moves either way, and what that costs."""
    lm, gap = judged.lm, base[True] - base[False]
    clouds = Clouds.read(lm, task, context)
    arms = list(_arms(spec, task, clouds))
    for arm in arms:
        if arm.control is None:
            yield from norm_rows(
                spec,
                torch.stack(arm.vectors),
                clouds.resid_norms(arm.train),
                seed=arm.seed,
                conditions=spec.base(train=arm.train, direction=arm.direction),
            )
    for step, (way, (label, sign)) in enumerate(_WAYS.items()):
        context.progress("steering statements", step, len(_WAYS))
        edits = {str(place): arm.edits(sign) for place, arm in enumerate(arms)}
        steered = judged.answers(clouds.layers[0], edits, label=label)
        for arm, after in zip(arms, steered.values(), strict=True):
            yield scored(
                spec,
                "indirect_effect",
                ratio_scores(sign * (after - base[label]), gap),
                seed=arm.seed,
                conditions=spec.base(train=arm.train, direction=arm.direction, way=way),
                control=arm.control,
                units=judged.units,
            )
    context.progress("steering statements", len(_WAYS), len(_WAYS))
    yield from _cost(spec, lm, task, arms, context)


def _arms(spec: SteeringSpec, task: Truth, clouds: Clouds) -> Iterator[_Arm]:
    for train, direction, seed in product(task.train, task.directions, spec.seeds):
        real = torch.stack(clouds.vectors(train, direction, seed))
        for control, each in with_control(real, seed, f"truth {train} {direction}").items():
            yield _Arm(train, direction, control, seed, each.unbind())


def _cost(
    spec: SteeringSpec, lm: LanguageModel, task: Truth, arms: Sequence[_Arm], context: Context
) -> Iterator[Measurement]:
    """Log perplexity of neutral texts with the vectors of the first seed at every position."""
    texts, seed = Texts.neutral(lm, spec.neutral_texts, context), spec.seeds[0]
    first = [arm for arm in arms if arm.seed == seed]
    plain = (unchanged,) * len(first[0].vectors)
    edits = [plain, *(arm.edits(1) for arm in first)]
    start = task.layers(lm.n_layers)[0]
    losses = texts.losses(start, [each[0] for each in edits], [each[1:] for each in edits])
    for arm, loss in zip((None, *first), losses, strict=True):
        where = spec.base(operation="none")
        if arm is not None:
            where = spec.base(operation="add", train=arm.train, direction=arm.direction)
        yield scored(
            spec,
            "log_perplexity",
            loss,
            seed=seed,
            conditions={**where, "text": "neutral"},
            control=None if arm is None else arm.control,
            units=texts.units,
        )
