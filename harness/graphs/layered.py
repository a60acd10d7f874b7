"""An attribution graph as the layered graph whose motifs are counted.

Owns which nodes and links take part: errors and biases do not, as in circuit-motifs (Kenney 2025),
for nothing leads to them.
"""

from typing import NamedTuple

import numpy as np

from harness.graphs.arrays import GraphArrays, to_arrays
from harness.graphs.attribution_graph import ERROR_TYPES, AttributionGraph
from harness.ops.motifs import LayeredGraph

_LEFT_OUT = {*ERROR_TYPES, "bias", "unknown"}
_ATTENTION = "lorsa"


class Layered(NamedTuple):
    """A layered graph and what of the file it is."""

    graph: LayeredGraph
    node_ids: tuple[str, ...]
    """Of its rows."""
    dropped_nodes: int
    """Errors, biases and nodes of unknown type."""
    dropped_links: int
    """To or from those, links of weight 0, and links to ids that are no node."""


def to_layered(graph: AttributionGraph) -> Layered:
    """Features, embeddings and logits with the links among them.

    Where there are attention features each layer is two, attention and then MLP, since links go
    from the one to the other. Raises `HarnessError` as `to_arrays` does.
    """
    arrays = to_arrays(graph)
    kept = np.array([node.feature_type not in _LEFT_OUT for node in graph.nodes], dtype=bool)
    place = np.cumsum(kept) - 1
    links = kept[arrays.source] & kept[arrays.target] & (arrays.weight != 0)
    return Layered(
        LayeredGraph(
            layer=_half_layers(graph, arrays)[kept],
            source=place[arrays.source[links]],
            target=place[arrays.target[links]],
            weight=arrays.weight[links],
        ),
        node_ids=tuple(node for node, keep in zip(arrays.node_ids, kept, strict=True) if keep),
        dropped_nodes=int((~kept).sum()),
        dropped_links=int((~links).sum()) + arrays.unresolved,
    )


def _half_layers(graph: AttributionGraph, arrays: GraphArrays) -> np.ndarray:
    attention = np.array([node.feature_type == _ATTENTION for node in graph.nodes], dtype=bool)
    if not attention.any():
        return arrays.layers
    return np.where(arrays.layers < 0, arrays.layers, 2 * arrays.layers + ~attention)
