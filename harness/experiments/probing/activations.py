"""Activations of every statement at every layer that an experiment asks for."""

import functools
from collections.abc import Mapping
from dataclasses import dataclass

from torch import Tensor

from harness.cache_dir import cache_dir
from harness.data.statements import StatementSet
from harness.experiments.context import Context
from harness.experiments.probing.fits import Centred
from harness.experiments.probing.rows import Rows
from harness.models.extraction import Activations, extract
from harness.models.hookpoints import Hookpoint, HookpointName
from harness.models.language_model import load_model
from harness.record import HarnessError
from harness.specs import ProbingSpec


@dataclass(frozen=True)
class ActivationTable:
    """Set × layer → activations at the last token."""

    by_set: Mapping[str, Activations]
    hookpoint: HookpointName
    n_layers: int

    @classmethod
    def extract(
        cls, spec: ProbingSpec, sets: Mapping[str, StatementSet], context: Context
    ) -> "ActivationTable":
        """Load the model and run it once over each set; cached by content.

        Raises `HarnessError` for a model that cannot be had or a layer that it does not have.
        """
        model = load_model(spec.model, device=context.device, dtype=spec.dtype)
        context.note_model(spec.model, model)
        if spec.layer != "validation" and spec.layer >= model.n_layers:
            raise HarnessError(
                f"experiment {spec.id}: layer {spec.layer}: {spec.model} has layers 0 to "
                f"{model.n_layers - 1}"
            )
        hookpoints = [Hookpoint(spec.hookpoint, layer) for layer in _needed(spec, model.n_layers)]
        cache = cache_dir() / "activations" if context.use_cache else None
        by_set: dict[str, Activations] = {}
        for name, each in sets.items():
            by_set[name] = extract(
                model,
                each.texts,
                hookpoints,
                position=spec.position,
                cache=cache,
                progress=functools.partial(context.progress, f"activations of {name}"),
            )
        return cls(by_set, spec.hookpoint, model.n_layers)

    def at(self, layer: int) -> Centred:
        """Rows → their activations at `layer`, centred on the mean of those rows."""

        @functools.cache
        def centred(rows: Rows) -> Tensor:
            x = self.by_set[rows.name][Hookpoint(self.hookpoint, layer)][rows.places].float()
            return x - x.mean(0)

        return centred


def _needed(spec: ProbingSpec, n_layers: int) -> range:
    """All layers, unless a fixed one is all that is reported."""
    if spec.layer != "validation" and not (spec.sweep or spec.angles or spec.pictures):
        return range(spec.layer, spec.layer + 1)
    return range(n_layers)
