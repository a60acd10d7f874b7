"""The family `probing`: linear probes for truth, every train set against every test set.

Follows Marks and Tegmark, "The Geometry of Truth" (arXiv:2310.06824), sec. 3-5: activations at the
final period, each data set centred on its own mean, probes without bias.
"""

from collections.abc import Iterator

from harness.data.catalogue import load_statements
from harness.experiments.context import Context
from harness.experiments.probing import clouds, layers, transfer
from harness.experiments.probing.activations import ActivationTable
from harness.experiments.probing.rows import split_rows
from harness.manifest import DataUsed
from harness.measurement import Measurement
from harness.specs import ProbingSpec


def run(spec: ProbingSpec, context: Context) -> Iterator[Measurement]:
    """Transfer matrix at one layer, sweeps and angles over all, pictures as an artifact."""
    sets = {name: load_statements(name, spec.data, size=spec.sizes.get(name)) for name in spec.sets}
    for name, each in sets.items():
        context.data[name] = DataUsed(
            source=spec.data, sha256=each.sha256, statements=len(each.statements)
        )
    split = split_rows(spec, sets)
    table = ActivationTable.extract(spec, sets, context)
    layer = layers.choose(spec, split, table, context.progress)
    yield layers.row(spec, split, layer)
    yield from transfer.matrix(spec, split, table, layer, context.progress)
    yield from transfer.sweep(spec, split, table, context.progress)
    yield from clouds.angles(spec, split, table, layer)
    yield from clouds.pictures(spec, split, table, layer, context)
