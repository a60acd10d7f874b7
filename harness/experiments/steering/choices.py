"""Contrastive activation addition: behaviour questions answered under a vector.

Follows Panickssery et al. 2023 (arXiv:2312.06681), sec. 3: the vector is the mean difference of the
residual stream at the end of the answer, matching less other; it is added at every position after
the prompt. Vectors of all behaviours are brought to one norm.
"""

from collections.abc import Iterator, Mapping
from itertools import product

import torch
from torch import Tensor

from harness.experiments.context import Context
from harness.experiments.scored import scored
from harness.experiments.steering.answers import Sheet, shares
from harness.experiments.steering.choice_sets import Sets, read_sets
from harness.experiments.steering.choice_vectors import Differences
from harness.experiments.steering.fluency import Texts
from harness.experiments.steering.streams import Way, unchanged
from harness.experiments.steering.vectors import (
    adding,
    chosen_layer_row,
    norm_rows,
    with_control,
)
from harness.measurement import Measurement
from harness.models.language_model import LanguageModel
from harness.specs import SteeringSpec
from harness.specs.steering import CONTROL, Choices

_LATE = 0.75
"""Share of the depth that stands for the late layers, where papers find nothing left to steer."""


def run(
    spec: SteeringSpec, task: Choices, lm: LanguageModel, context: Context
) -> Iterator[Measurement]:
    """Probabilities at every coefficient, by layer, and what it costs on neutral texts."""
    sets = read_sets(lm, task, context)
    conditions = spec.base(answer=task.answer)
    if task.answer == "letter":
        yield _letters_used(spec, lm, sets)
    differences = Differences.read(lm, sets, context)
    tried = _tried(spec, lm)
    layer = _choose(spec, lm, sets, differences, tried, context)
    chosen = {**conditions, "layer": "chosen"}
    yield chosen_layer_row(spec, layer, sets.selection_units, chosen)
    for seed in spec.seeds:
        for behaviour, vector in differences.vectors(layer, seed).items():
            where = {**chosen, "behaviour": behaviour}
            norms = differences.resid_norms(layer)
            yield from norm_rows(spec, vector, norms, seed=seed, conditions=where)
    yield from _Swept(spec, lm, sets, differences, context).rows(layer, tried)
    yield from _cost(spec, lm, differences, layer, context)


def _tried(spec: SteeringSpec, lm: LanguageModel) -> range:
    """After the last block there is nothing left to be steered."""
    return range(0, lm.n_layers - 1, spec.layer_step)


def _letters_used(spec: SteeringSpec, lm: LanguageModel, sets: Sets) -> Measurement:
    """Whether the model can point at a choice by its letter when told what it says."""
    ways = {"": Way(0, unchanged)}
    right = torch.cat([shares(lm, each, ways)[""] > 0.5 for each in sets.pointed.values()])
    return scored(
        spec,
        "letter_accuracy",
        right.double(),
        seed=spec.seeds[0],
        conditions=spec.base(answer="letter"),
        units=sets.units("all"),
    )


def _choose(
    spec: SteeringSpec,
    lm: LanguageModel,
    sets: Sets,
    differences: Differences,
    tried: range,
    context: Context,
) -> int:
    """Where adding and subtracting differ most on the questions held apart."""
    if spec.layer != "validation":
        return spec.layer
    shifts = torch.zeros(len(tried))
    for step, (behaviour, held) in enumerate(sets.selection.items()):
        context.progress("choosing the layer", step, len(sets.selection))
        ways: dict[str, Way] = {}
        for layer in tried:
            vector = differences.vectors(layer, spec.seeds[0])[behaviour]
            ways |= {f"{sign}{layer}": Way(layer, adding(vector, sign)) for sign in (1, -1)}
        found = shares(lm, held, ways)
        shifts += torch.tensor(
            [float((found[f"1{layer}"] - found[f"-1{layer}"]).mean()) for layer in tried]
        )
    context.progress("choosing the layer", len(sets.selection), len(sets.selection))
    return tried[int(shifts.argmax())]


class _Swept:
    """Every coefficient at the chosen layer; once up and once down at the others."""

    def __init__(
        self,
        spec: SteeringSpec,
        lm: LanguageModel,
        sets: Sets,
        differences: Differences,
        context: Context,
    ) -> None:
        self.spec, self.lm, self.sets = spec, lm, sets
        self.differences, self.context = differences, context
        self.conditions = spec.base(answer=sets.answer)

    def rows(self, layer: int, tried: range) -> Iterator[Measurement]:
        """Rows of the reported questions."""
        found: dict[str, dict[str, Tensor]] = {}
        late = round(_LATE * self.lm.n_layers)
        for step, (behaviour, given) in enumerate(self.sets.reported.items()):
            self.context.progress("steering questions", step, len(self.sets.reported))
            found[behaviour] = self._behaviour(behaviour, given, layer, (*tried, late))
        self.context.progress("steering questions", len(found), len(found))
        names = next(iter(found.values()))
        found["all"] = {name: torch.cat([each[name] for each in found.values()]) for name in names}
        for behaviour, scores in found.items():
            yield from self._probabilities(behaviour, layer, scores)
        for shown, at in (("chosen", layer), ("late", late), *((each, each) for each in tried)):
            yield from self._shifts(shown, at, found["all"])

    def _behaviour(
        self, behaviour: str, given: Sheet, layer: int, layers: tuple[int, ...]
    ) -> dict[str, Tensor]:
        ways: dict[str, Way] = {}
        for at in dict.fromkeys((layer, *layers)):
            fully = at in (layer, layers[-1])
            for seed in self.spec.seeds if fully else self.spec.seeds[:1]:
                vector = self.differences.vectors(at, seed)[behaviour]
                added = with_control(vector, seed, f"{behaviour} {at}")
                for control in added if fully else (None,):
                    for by in self._coefficients(at == layer):
                        name = _name(at, seed, control, by)
                        ways[name] = Way(at, adding(added[control], by))
        return shares(self.lm, given, ways)

    def _coefficients(self, chosen: bool) -> list[float]:
        """Once up and once down; at the chosen layer all that are asked for."""
        return sorted({1.0, -1.0, *(self.spec.coefficients if chosen else ())})

    def _probabilities(
        self, behaviour: str, layer: int, scores: Mapping[str, Tensor]
    ) -> Iterator[Measurement]:
        for by in self.spec.coefficients:
            for control in (None, CONTROL):
                for seed in self.spec.seeds:
                    yield scored(
                        self.spec,
                        "choice_probability",
                        scores[_name(layer, seed, control, by)],
                        seed=seed,
                        conditions={
                            **self.conditions,
                            "layer": "chosen",
                            "behaviour": behaviour,
                            "coefficient": by,
                        },
                        control=control,
                        units=self.sets.units(behaviour),
                    )

    def _shifts(
        self, shown: str | int, at: int, scores: Mapping[str, Tensor]
    ) -> Iterator[Measurement]:
        fully = isinstance(shown, str)
        for control in (None, CONTROL) if fully else (None,):
            for seed in self.spec.seeds if fully else self.spec.seeds[:1]:
                up, down = (scores[_name(at, seed, control, by)] for by in (1.0, -1.0))
                yield scored(
                    self.spec,
                    "choice_shift",
                    up - down,
                    seed=seed,
                    conditions={**self.conditions, "behaviour": "all", "layer": shown},
                    control=control,
                    units=self.sets.units("all"),
                )


def _name(layer: int, seed: int, control: str | None, coefficient: float) -> str:
    """What tells one way of steering from the others; with coefficient 0 all are one."""
    if coefficient == 0:
        return "as it is"
    return f"{layer} {seed} {control} {coefficient:g}"


def _cost(
    spec: SteeringSpec,
    lm: LanguageModel,
    differences: Differences,
    layer: int,
    context: Context,
) -> Iterator[Measurement]:
    """Log perplexity of neutral texts under the vectors of the first seed."""
    texts, seed = Texts.neutral(lm, spec.neutral_texts, context), spec.seeds[0]
    found: dict[str, dict[tuple[str | None, float], Tensor]] = {}
    vectors = differences.vectors(layer, seed)
    for step, (behaviour, vector) in enumerate(vectors.items()):
        context.progress("perplexity", step, len(vectors))
        found[behaviour] = {
            (control, by): loss
            for control, added in with_control(vector, seed, f"{behaviour} {layer}").items()
            for by, loss in zip(
                spec.coefficients,
                texts.losses(layer, [adding(added, by) for by in spec.coefficients]),
                strict=True,
            )
        }
    context.progress("perplexity", len(vectors), len(vectors))
    ways = next(iter(found.values()))
    found["all"] = {
        way: torch.stack([each[way] for each in found.values()]).mean(0) for way in ways
    }
    for behaviour, (control, by) in product(found, ways):
        yield scored(
            spec,
            "log_perplexity",
            found[behaviour][control, by],
            seed=seed,
            conditions={
                **spec.base(answer=differences.answer),
                "layer": "chosen",
                "behaviour": behaviour,
                "coefficient": by,
                "text": "neutral",
            },
            control=control,
            units=texts.units,
        )
