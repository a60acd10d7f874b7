"""What a replication does otherwise than the paper, as far as the specs alone tell."""

import json
import re
from collections.abc import Iterator
from typing import NamedTuple

from harness.models.studied import studied
from harness.paper import Setup
from harness.record import HarnessError
from harness.specs import Deviation, ExperimentSpec, ProbingSpec, ReplicationSpec

SCALE = ("width", "samples")
"""Settings of the authors' that size what is trained; their numbers hold at that size only."""


class Detected(NamedTuple):
    """A difference that must be declared: same `what`, and a `here` with these very words in it."""

    what: str
    paper: str
    here: str

    def is_declared(self, declared: tuple[Deviation, ...]) -> bool:
        """Whether some declared deviation owns up to this one."""
        words = re.compile(rf"(?<![\w.-]){re.escape(self.here)}(?![\w-]|\.\w)")
        return any(each.what == self.what and words.search(each.here) for each in declared)

    @property
    def yaml(self) -> str:
        """The line that declares it, its reason left to write."""
        paper, here = (json.dumps(text, ensure_ascii=False) for text in (self.paper, self.here))
        return f'  - {{what: {self.what}, paper: {paper}, here: {here}, why: "..."}}'


def detect(setup: Setup, spec: ReplicationSpec) -> list[Detected]:
    """Every difference between the judged experiments and the authors' set-up, each once."""
    judged = [experiment for experiment in spec.experiments if experiment.judged]
    found = [each for experiment in judged for each in _differences(setup, experiment)]
    return list(dict.fromkeys(found))


def require_declared(setup: Setup, spec: ReplicationSpec) -> None:
    """Raises `HarnessError` with the YAML lines to add for what is not declared."""
    missing = [each for each in detect(setup, spec) if not each.is_declared(spec.deviations)]
    if missing:
        lines = "\n".join(each.yaml for each in missing)
        raise HarnessError(f"undeclared deviations; add under `deviations`:\n{lines}")


def is_exact(setup: Setup, spec: ReplicationSpec) -> bool:
    """Whether model, data and scale are the paper's own, so that its numbers can be judged."""
    kinds = {each.what for each in (*spec.deviations, *detect(setup, spec))}
    return not kinds & {"model", "dataset", "scale"}


def _differences(setup: Setup, experiment: ExperimentSpec) -> Iterator[Detected]:
    model = studied(experiment)
    if not {experiment.model, model.id, model.source} & set(setup.models):
        yield Detected("model", ", ".join(setup.models), experiment.model)
    if model.quantization:
        yield Detected("model", "weights as released", f"{model.quantization} weights")
    if experiment.data != setup.data:
        yield Detected("dataset", setup.data, experiment.data)
    for name, size in (experiment.sizes if isinstance(experiment, ProbingSpec) else {}).items():
        yield Detected("scale", f"{name} as published", f"{name}: {size}")
    for key, theirs in setup.hyperparameters.items():
        ours = getattr(experiment, key, theirs)
        if ours != theirs:
            what = "scale" if key in SCALE else "hyperparameter"
            yield Detected(what, f"{key}: {theirs}", f"{key}: {ours}")
