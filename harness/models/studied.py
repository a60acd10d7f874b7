"""What `model` names in an experiment: a language model, or the synthetic world of `sae_bench`.

The one place that tells the two apart; checks, deviations and scaffolds ask here. Free of torch.
"""

from harness.models.registry import availability, resolve
from harness.record import Record
from harness.specs import ExperimentSpec, ImportedSpec, SaeBenchSpec
from harness.specs.worlds import resolve_world


class Studied(Record):
    """A model or a world under all its names, of which a paper may give any."""

    id: str
    source: str
    """Where it comes from: its hub name where it has one."""
    quantization: str | None = None
    """How weights were rounded before they were released to us; `None`: as trained, or no
    weights."""


def studied(experiment: ExperimentSpec) -> Studied:
    """What an experiment is about. Raises `HarnessError` with the valid names."""
    if isinstance(experiment, SaeBenchSpec):
        world = resolve_world(experiment.model)
        return Studied(id=world.id, source=world.hub or world.id)
    entry = resolve(experiment.model)
    return Studied(id=entry.id, source=entry.source, quantization=entry.quantization)


def why_not_at_hand(experiment: ExperimentSpec) -> str | None:
    """None where it can be had, else a sentence on what to do.

    A world always can, for it is built from its sizes where no hub serves it; for numbers that
    others measured no model is needed.
    """
    needs_none = isinstance(experiment, SaeBenchSpec | ImportedSpec)
    return None if needs_none else availability(experiment.model)
