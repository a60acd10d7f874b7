"""What every SAE of an experiment is trained and measured with."""

from typing import NamedTuple

from harness.experiments.context import Progress
from harness.experiments.sae_bench.journal import Journal
from harness.specs import SaeBenchSpec
from harness.worlds.world import SyntheticWorld


class Bench(NamedTuple):
    """One experiment in hand."""

    spec: SaeBenchSpec
    world: SyntheticWorld
    journal: Journal
    progress: Progress
