"""What a replication says: its experiments, how they deviate, what they leave untested."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from harness.paper import Id
from harness.record import HarnessError, Record
from harness.specs.attention import AttentionSpec
from harness.specs.circuit_tracing import CircuitTracingSpec
from harness.specs.imported import ImportedSpec
from harness.specs.patching import PatchingSpec
from harness.specs.probing import ProbingSpec
from harness.specs.sae_bench import SaeBenchSpec
from harness.specs.steering import SteeringSpec

ExperimentSpec = (
    ProbingSpec
    | AttentionSpec
    | PatchingSpec
    | SteeringSpec
    | SaeBenchSpec
    | CircuitTracingSpec
    | ImportedSpec
)
"""The union of families; `family` tells which."""


Digest = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
"""SHA-256 in hexadecimal digits."""


class Deviation(Record):
    """One thing done otherwise than in the paper."""

    what: Literal["model", "dataset", "scale", "hyperparameter", "metric"]
    paper: str
    here: str
    why: str


class ReplicationSpec(Record):
    """What we do about a paper's claims, on which models, and how that differs."""

    id: Id
    paper: Id
    paper_digest: Digest | None = None
    """Digest of the frozen paper spec that this replication was written against."""
    authors: tuple[str, ...] = ()
    """Who did the replication; nobody is named where it is the project's own."""
    experiments: Annotated[
        tuple[Annotated[ExperimentSpec, Field(discriminator="family")], ...], Field(min_length=1)
    ]
    deviations: tuple[Deviation, ...] = ()
    untested: dict[str, str] = Field(default_factory=dict)
    """Claims that no experiment here touches, each with the reason."""

    @model_validator(mode="after")
    def _ids_are_unique(self) -> "ReplicationSpec":
        ids = [experiment.id for experiment in self.experiments]
        twice = sorted({name for name in ids if ids.count(name) > 1})
        if twice:
            raise HarnessError(f"two experiments are called {', '.join(twice)}")
        return self
