"""What can be asked for in replication.yaml. Free of torch, so that checking is fast."""

from harness.specs.attention import AttentionSpec
from harness.specs.circuit_tracing import CircuitTracingSpec
from harness.specs.experiment import DataSource, Experiment
from harness.specs.imported import ImportedSpec
from harness.specs.patching import PatchingSpec
from harness.specs.probing import Control, Hookpoint, Probe, ProbingSpec, Transfer
from harness.specs.replication import Deviation, ExperimentSpec, ReplicationSpec
from harness.specs.sae_bench import SaeBenchSpec
from harness.specs.steering import SteeringSpec

__all__ = [
    "AttentionSpec",
    "CircuitTracingSpec",
    "Control",
    "DataSource",
    "Deviation",
    "Experiment",
    "ExperimentSpec",
    "Hookpoint",
    "ImportedSpec",
    "PatchingSpec",
    "Probe",
    "ProbingSpec",
    "ReplicationSpec",
    "SaeBenchSpec",
    "SteeringSpec",
    "Transfer",
]
