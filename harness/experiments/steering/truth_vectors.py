"""Directions of truth over a range of layers, from statements other than those that are steered."""

import functools
from collections.abc import Mapping
from dataclasses import dataclass

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from harness.cache_dir import cache_dir
from harness.data.catalogue import load_statements
from harness.data.statements import StatementSet
from harness.experiments.context import Context
from harness.experiments.steering.draws import resampled, stream
from harness.manifest import DataUsed
from harness.models.extraction import Activations, extract
from harness.models.hookpoints import Hookpoint
from harness.models.language_model import LanguageModel
from harness.models.sinks import require_ordinary
from harness.ops.directions import mean_difference, scaled_to_means
from harness.ops.probes import logistic_regression
from harness.specs.steering import Truth, TruthProbe


@dataclass(frozen=True)
class Clouds:
    """Statements of each set with their residual stream at the final period."""

    sets: Mapping[str, StatementSet]
    ends: Mapping[str, Activations]
    layers: range

    @classmethod
    def read(cls, lm: LanguageModel, task: Truth, context: Context) -> "Clouds":
        """Run every statement once; cached by content."""
        names = dict.fromkeys(name for joined in task.train for name in joined.split("+"))
        sets = {name: load_statements(name) for name in names}
        layers = task.layers(lm.n_layers)
        ends: dict[str, Activations] = {}
        for name, each in sets.items():
            context.data[name] = DataUsed(
                source="generated", sha256=each.sha256, statements=len(each.statements)
            )
            ends[name] = extract(
                lm,
                each.texts,
                [Hookpoint("resid_post", layer) for layer in layers],
                cache=cache_dir() / "activations" if context.use_cache else None,
                progress=functools.partial(context.progress, f"activations of {name}"),
            )
        return cls(sets, ends, layers)

    def vectors(self, train: str, probe: TruthProbe, seed: int) -> list[Float[Tensor, " d"]]:
        """One vector a layer, which takes the false mean to the true mean along the direction.

        A seed draws the units that it fits on; each set is centred on its own mean.
        """
        found: list[Tensor] = []
        for layer in self.layers:
            x, labels = self._rows(train, layer, seed)
            direction = _direction(probe, x, labels, stream(seed, f"{probe} {layer}"))
            found.append(scaled_to_means(direction, x, labels))
        return found

    def resid_norms(self, train: str) -> Float[Tensor, " statements"]:
        """Length of the stream at the final period, in the first of the layers."""
        first = Hookpoint("resid_post", self.layers[0])
        return torch.cat([self.ends[name][first].float().norm(dim=-1) for name in train.split("+")])

    def _rows(self, train: str, layer: int, seed: int) -> tuple[Tensor, Bool[Tensor, " rows"]]:
        rows: list[Tensor] = []
        labels: list[Tensor] = []
        for name in train.split("+"):
            drawn = _drawn(self.sets[name], seed)
            x = self.ends[name][Hookpoint("resid_post", layer)].float()[drawn]
            require_ordinary(x, f"statements of {name}, layer {layer}")
            rows.append(x - x.mean(0))
            labels.append(torch.tensor([each.label for each in self.sets[name].statements])[drawn])
        return torch.cat(rows), torch.cat(labels)


def _direction(
    probe: TruthProbe, x: Tensor, labels: Tensor, generator: torch.Generator
) -> Float[Tensor, " d"]:
    """As the paper's probes are fitted."""
    if probe == "mass_mean":
        return mean_difference(x, labels)
    return logistic_regression(x, labels[None], torch.ones(1, len(x)), generator)[0]


def _drawn(given: StatementSet, seed: int) -> Tensor:
    """Statements of the units that a seed draws, with replacement."""
    by_unit: dict[str, list[int]] = {}
    for place, each in enumerate(given.statements):
        by_unit.setdefault(each.unit, []).append(place)
    units = list(by_unit.values())
    return torch.tensor([place for i in resampled(len(units), seed) for place in units[int(i)]])
