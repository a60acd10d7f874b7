"""Whether the numbers of a graph file can be what they are called: shares, probabilities."""

from collections.abc import Iterator

from harness.graphs.arrays import probability_of
from harness.graphs.attribution_graph import AttributionGraph
from harness.graphs.findings import Finding
from harness.graphs.rules import error, warning

_ROUNDING = 1e-3
"""Labels show three digits, and sums of float32 shares end a little above 1."""


def sums(graph: AttributionGraph) -> Iterator[Finding]:
    """The findings of all these rules."""
    yield from _influences(graph)
    yield from _probabilities(graph)
    yield from _activations(graph)
    yield from _shares(graph)


def _influences(graph: AttributionGraph) -> Iterator[Finding]:
    for place, node in enumerate(graph.nodes):
        if node.influence is not None and not _is_share(node.influence):
            where = f"nodes[{place}].influence"
            yield error("influence", where, f"{node.influence} is no share: 0 to 1, cumulative")


def _probabilities(graph: AttributionGraph) -> Iterator[Finding]:
    total, count = 0.0, 0
    for place, node in enumerate(graph.nodes):
        probability = probability_of(node) if node.feature_type == "logit" else None
        if probability is None:
            continue
        total, count = total + probability, count + 1
        if not _is_share(probability):
            yield error("probability", f"nodes[{place}]", f"a logit of probability {probability}")
    if total > 1 + _ROUNDING * max(count, 1):
        yield error(
            "probability", "nodes", f"the logits' probabilities sum to {total:.4g}, above 1"
        )


def _activations(graph: AttributionGraph) -> Iterator[Finding]:
    """A feature that is not active has no direct effect."""
    for place, node in enumerate(graph.nodes):
        transcoder = node.feature_type == "cross layer transcoder"
        if transcoder and node.activation is not None and node.activation <= 0:
            where = f"nodes[{place}].activation"
            yield warning("activation", where, f"{node.activation}: the feature is not active")


def _shares(graph: AttributionGraph) -> Iterator[Finding]:
    metadata, info = graph.metadata, graph.metadata.info
    pruning = metadata.pruning_settings
    told = {
        "node_threshold": metadata.node_threshold,
        "pruning_settings.node_threshold": pruning and pruning.node_threshold,
        "pruning_settings.edge_threshold": pruning and pruning.edge_threshold,
        "info.replacement_score": info and info.replacement_score,
        "info.completeness_score": info and info.completeness_score,
    }
    for key, value in told.items():
        if value is not None and not _is_share(value):
            yield error("share", f"metadata.{key}", f"{value} is no share: 0 to 1")


def _is_share(value: float) -> bool:
    return 0 <= value <= 1 + _ROUNDING
