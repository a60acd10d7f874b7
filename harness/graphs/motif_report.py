"""The three-node motifs of an attribution graph against random graphs of the same degrees.

Owns which numbers are told together; counts and null are `ops.motifs` and `ops.layer_pair_null`,
which say why z alone misleads.
"""

from harness.graphs.attribution_graph import AttributionGraph
from harness.graphs.layered import to_layered
from harness.ops.layer_pair_null import layer_pair_null
from harness.ops.motifs import MotifComparison, compare
from harness.record import HarnessError, Record


class MotifReport(Record):
    """What was counted, in how many random graphs, and whether these were random enough."""

    nodes: int
    links: int
    dropped_nodes: int
    """Errors and biases."""
    dropped_links: int
    draws: int
    swaps_per_edge: int
    seed: int
    keep_signs: bool
    acceptance: float | None
    """Share of the tried swaps that were made; None where no link can move."""
    mixed: bool
    """Whether the random graphs forgot where they began: if not, try more swaps."""
    motifs: tuple[MotifComparison, ...]


def motif_report(
    graph: AttributionGraph, *, draws: int, swaps_per_edge: int, seed: int, keep_signs: bool
) -> MotifReport:
    """Count the motifs of features, embeddings and logits, and compare them with the null.

    Raises `HarnessError` for a graph without links among those, or whose links do not go up.
    """
    layered = to_layered(graph)
    if not len(layered.graph.source):
        raise HarnessError(f"{graph.metadata.slug}: no links among features, tokens and logits")
    null = layer_pair_null(
        layered.graph, draws=draws, swaps_per_edge=swaps_per_edge, seed=seed, keep_signs=keep_signs
    )
    return MotifReport(
        nodes=len(layered.node_ids),
        links=len(layered.graph.source),
        dropped_nodes=layered.dropped_nodes,
        dropped_links=layered.dropped_links,
        draws=draws,
        swaps_per_edge=swaps_per_edge,
        seed=seed,
        keep_signs=keep_signs,
        acceptance=null.acceptance,
        mixed=null.mixed,
        motifs=compare(layered.graph, null),
    )
