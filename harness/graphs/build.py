"""A graph file made from the numbers of an attribution.

Owns ids, labels and what is kept of a pruned graph; knows neither circuit-tracer nor torch. The
order of nodes is circuit-tracer's: features, errors (layer by layer, each position), embeddings,
logits; rows of the adjacency matrix are targets. Unlike circuit-tracer's writer it gives error
nodes ids that no feature can have.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
from jaxtyping import Bool, Float, Int

from harness.graphs.attribution_graph import AttributionGraph, Link, Node, QParams, cantor
from harness.graphs.metadata import Provenance, graph_metadata
from harness.graphs.shortest import shortest


class Logits(NamedTuple):
    """The tokens whose logits were attributed."""

    vocab_ids: Sequence[int]
    tokens: Sequence[str]
    probabilities: Float[np.ndarray, " K"]


class Pruned(NamedTuple):
    """What is kept of the graph."""

    node_mask: Bool[np.ndarray, " N"]
    edge_mask: Bool[np.ndarray, "N N"]
    influence: Float[np.ndarray, " N"]
    """Cumulative share of all influence, 0 to 1."""


class GraphParts(NamedTuple):
    """The numbers of an attribution, N = F + n_layers · T + T + K nodes."""

    prompt: str
    prompt_tokens: Sequence[str]
    token_ids: Int[np.ndarray, " T"]
    n_layers: int
    features: Int[np.ndarray, "F 3"]
    """Layer, position, index."""
    activations: Float[np.ndarray, " F"]
    logits: Logits
    adjacency: Float[np.ndarray, "N N"]
    """Row: target; column: source."""
    pruned: Pruned
    provenance: Provenance


def build_graph(parts: GraphParts) -> AttributionGraph:
    """The graph file's content: kept nodes with a kept edge, and all embeddings and logits.

    Raises `HarnessError` where a slug or scan has no character that Neuronpedia allows.
    """
    _assert_shapes(parts)
    targets, sources = np.nonzero(_kept_edges(parts))
    linked = set(targets.tolist()) | set(sources.tolist())
    kept = parts.pruned.node_mask.copy()
    kept[: _starts(parts).embeddings] &= [
        place in linked for place in range(_starts(parts).embeddings)
    ]
    nodes = {place: node for place, node in enumerate(_nodes(parts)) if kept[place]}
    weights = shortest(parts.adjacency[targets, sources])
    links = tuple(
        Link(source=nodes[source].node_id, target=nodes[target].node_id, weight=weight)
        for source, target, weight in zip(sources.tolist(), targets.tolist(), weights, strict=True)
    )
    return AttributionGraph(
        metadata=graph_metadata(parts.prompt, parts.prompt_tokens, parts.provenance),
        qParams=QParams(pinnedIds=(), supernodes=(), linkType="both", clickedId="", sg_pos=""),
        nodes=tuple(nodes.values()),
        links=links,
    )


class _Starts(NamedTuple):
    """The first node of each kind; features start at 0."""

    errors: int
    embeddings: int
    logits: int
    end: int


def _starts(parts: GraphParts) -> _Starts:
    errors, positions = len(parts.features), len(parts.token_ids)
    embeddings = errors + parts.n_layers * positions
    logits = embeddings + positions
    return _Starts(errors, embeddings, logits, logits + len(parts.logits.vocab_ids))


def _assert_shapes(parts: GraphParts) -> None:
    nodes = _starts(parts).end
    assert parts.adjacency.shape == (nodes, nodes), (parts.adjacency.shape, nodes)
    assert parts.pruned.edge_mask.shape == (nodes, nodes), parts.pruned.edge_mask.shape
    assert parts.pruned.node_mask.shape == parts.pruned.influence.shape == (nodes,)
    assert parts.features.shape == (len(parts.activations), 3), parts.features.shape
    assert len(parts.prompt_tokens) == len(parts.token_ids)
    assert len(parts.logits.tokens) == len(parts.logits.vocab_ids)
    assert parts.logits.probabilities.shape == (len(parts.logits.tokens),)


def _kept_edges(parts: GraphParts) -> Bool[np.ndarray, "N N"]:
    """An effect of exactly zero is no edge, even where the threshold lets all through."""
    mask = parts.pruned.node_mask
    return parts.pruned.edge_mask & mask[:, None] & mask[None, :] & (parts.adjacency != 0)


def _nodes(parts: GraphParts) -> Iterator[Node]:
    """All nodes, kept or not, in the order of the adjacency matrix."""
    # Sums of float32 shares end a little above 1.
    influence = iter(shortest(np.minimum(parts.pruned.influence, 1)))
    activations = shortest(parts.activations)
    for (layer, pos, index), activation in zip(parts.features.tolist(), activations, strict=True):
        yield _feature(layer, index, pos, influence=next(influence), activation=activation)
    for layer in range(parts.n_layers):
        for pos, token in enumerate(parts.prompt_tokens):
            yield _error(layer, pos, token, influence=next(influence))
    for pos, token in enumerate(parts.prompt_tokens):
        yield _embedding(int(parts.token_ids[pos]), pos, token, influence=next(influence))
    for place, probability in enumerate(shortest(parts.logits.probabilities)):
        yield _logit(parts, place, influence=next(influence), probability=probability)


def _feature(layer: int, index: int, pos: int, *, influence: float, activation: float) -> Node:
    return Node(
        node_id=f"{layer}_{index}_{pos}",
        feature=cantor(layer, index),
        layer=str(layer),
        ctx_idx=pos,
        feature_type="cross layer transcoder",
        jsNodeId=f"{layer}_{index}-0",
        clerp="",
        influence=influence,
        activation=activation,
    )


def _error(layer: int, pos: int, token: str, *, influence: float) -> Node:
    return Node(
        node_id=f"{layer}_error_{pos}",
        feature=None,
        layer=str(layer),
        ctx_idx=pos,
        feature_type="mlp reconstruction error",
        jsNodeId=f"{layer}_error_{pos}-0",
        clerp=f'Err: mlp "{token}"',
        influence=influence,
    )


def _embedding(token_id: int, pos: int, token: str, *, influence: float) -> Node:
    return Node(
        node_id=f"E_{token_id}_{pos}",
        feature=None,
        layer="E",
        ctx_idx=pos,
        feature_type="embedding",
        jsNodeId=f"E_{token_id}-{pos}",
        clerp=f'Emb: "{token}"',
        influence=influence,
    )


def _logit(parts: GraphParts, place: int, *, influence: float, probability: float) -> Node:
    vocab_id, token = parts.logits.vocab_ids[place], parts.logits.tokens[place]
    layer = parts.n_layers + 1
    return Node(
        node_id=f"{layer}_{vocab_id}_{len(parts.token_ids) - 1}",
        feature=vocab_id,
        layer=str(layer),
        ctx_idx=len(parts.token_ids) - 1,
        feature_type="logit",
        jsNodeId=f"L_{vocab_id}-{len(parts.token_ids) - 1}",
        clerp=f'Output "{token}" (p={probability:.3f})',
        influence=influence,
        token_prob=probability,
        is_target_logit=place == 0,
    )
