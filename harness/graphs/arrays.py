"""An attribution graph as arrays, for analysis: layers as numbers, links as places of nodes.

Owns that reading of the file and the influence of each node on the logits, worked out anew from
the links. Source of the influence: circuit-tracer's `compute_node_influence`.
"""

import re
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from jaxtyping import Float, Int

from harness.graphs.attribution_graph import AttributionGraph, Node
from harness.record import HarnessError

EMBEDDING_LAYER = -1
_PROBABILITY = re.compile(r"\(p=([^)]*)\)")
_MOST_STEPS = 1000


class GraphArrays(NamedTuple):
    """n nodes in the order of the file, m links between them."""

    node_ids: tuple[str, ...]
    layers: Int[np.ndarray, " n"]
    """-1 for embeddings; logits one above all others."""
    positions: Int[np.ndarray, " n"]
    source: Int[np.ndarray, " m"]
    target: Int[np.ndarray, " m"]
    weight: Float[np.ndarray, " m"]
    unresolved: int
    """Links left out, since an end of theirs is no node."""


def to_arrays(graph: AttributionGraph) -> GraphArrays:
    """The graph's nodes and links as arrays.

    Raises `HarnessError` where two nodes bear one id or a layer is no number.
    """
    places = places_of(graph)
    ends = [(places.get(link.source), places.get(link.target)) for link in graph.links]
    found = [
        (source, target, link.weight)
        for (source, target), link in zip(ends, graph.links, strict=True)
        if source is not None and target is not None
    ]
    sources, targets, weights = zip(*found, strict=True) if found else ((), (), ())
    return GraphArrays(
        node_ids=tuple(places),
        layers=np.array(layers_of(graph.nodes), dtype=np.int64),
        positions=np.array([node.ctx_idx for node in graph.nodes], dtype=np.int64),
        source=np.array(sources, dtype=np.int64),
        target=np.array(targets, dtype=np.int64),
        weight=np.array(weights, dtype=np.float64),
        unresolved=len(graph.links) - len(found),
    )


def places_of(graph: AttributionGraph) -> dict[str, int]:
    """Node id → place in `nodes`. Raises `HarnessError` where two nodes bear one id."""
    places: dict[str, int] = {}
    for place, node in enumerate(graph.nodes):
        if node.node_id in places:
            raise HarnessError(
                f"{graph.metadata.slug}: nodes[{place}].node_id: {node.node_id!r} is that of "
                f"nodes[{places[node.node_id]}] too, so links to it are ambiguous"
            )
        places[node.node_id] = place
    return places


def layers_of(nodes: Sequence[Node]) -> list[int]:
    """Layer of each node: -1 for embeddings; logits one above all others, as the page draws them.

    Raises `HarnessError` where a layer is no number.
    """
    read = [None if node.feature_type == "logit" else _layer(node) for node in nodes]
    top = max((layer for layer in read if layer is not None), default=EMBEDDING_LAYER) + 1
    return [top if layer is None else layer for layer in read]


def probability_of(node: Node) -> float | None:
    """The probability of a logit's token; None where the node tells none."""
    if node.token_prob is not None:
        return node.token_prob
    match = _PROBABILITY.search(node.clerp)
    try:
        return float(match[1]) if match else None
    except ValueError:
        return None


def token_at(graph: AttributionGraph, node: Node) -> str | None:
    """The token that a node stands at; None where the prompt has no such position."""
    tokens = graph.metadata.prompt_tokens
    return tokens[node.ctx_idx] if 0 <= node.ctx_idx < len(tokens) else None


def node_influence(graph: AttributionGraph, arrays: GraphArrays) -> Float[np.ndarray, " n"]:
    """Influence of each node on the logits through all paths, in shares that sum to 1.

    Each link counts by its share of its target's incoming |weight|; logits start with their
    probability, or evenly where none tells it. All 0 where nothing leads to a logit. Raises
    `HarnessError` for a graph with a cycle.
    """
    size = np.abs(arrays.weight)
    incoming = np.bincount(arrays.target, size, len(arrays.node_ids))
    share = size / np.maximum(incoming[arrays.target], np.finfo(np.float64).tiny)
    step = _logit_weights(graph)
    total = np.zeros_like(step)
    for _ in range(_MOST_STEPS):
        step = np.bincount(arrays.source, step[arrays.target] * share, len(step))
        if not step.any():
            return total / total.sum() if total.any() else total
        total += step
    raise HarnessError(f"{graph.metadata.slug}: the links of this graph run in a circle")


def _logit_weights(graph: AttributionGraph) -> Float[np.ndarray, " n"]:
    told = [probability_of(node) if node.feature_type == "logit" else 0.0 for node in graph.nodes]
    if any(probability is None for probability in told):
        told = [float(node.feature_type == "logit") for node in graph.nodes]
    return np.array(told, dtype=np.float64)


def _layer(node: Node) -> int:
    if node.layer == "E":
        return EMBEDDING_LAYER
    try:
        return int(node.layer)
    except ValueError:
        raise HarnessError(
            f"node {node.node_id}: layer: {node.layer!r} is neither a number nor 'E'"
        ) from None
