"""Attribution graphs by circuit-tracer: attributed, pruned, scored, and what that cost."""

import time
from typing import NamedTuple

import numpy as np
import psutil
import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from harness.circuits.replacement import Replacement
from harness.graphs.metadata import Scores
from harness.record import HarnessError

_BATCH = 64
"""Nodes of one backward pass."""
_MEMORY_SHARE = 0.8
"""Of the memory that is free."""


class Pruning(NamedTuple):
    """What is attributed, and what is kept."""

    max_features: int
    node_threshold: float = 0.8
    edge_threshold: float = 0.98
    max_logits: int = 10
    logit_probability: float = 0.95


class Traced(NamedTuple):
    """A graph whose nodes are features, errors (layer by layer), embeddings and logits."""

    features: Int[np.ndarray, "F 3"]
    """Layer, position, index."""
    activations: Float[np.ndarray, " F"]
    logit_ids: tuple[int, ...]
    logit_tokens: tuple[str, ...]
    probabilities: Float[np.ndarray, " K"]
    adjacency: Float[np.ndarray, "N N"]
    """Direct effect of the column's node on the row's."""
    node_mask: Bool[np.ndarray, " N"]
    edge_mask: Bool[np.ndarray, "N N"]
    cumulative: Float[np.ndarray, " N"]
    """Share of all influence that this node and those above it have."""
    influence: Float[np.ndarray, " N"]
    """On the logits, over all paths."""
    scores: Scores
    active_features: int
    """On the prompt, of which at most `max_features` are nodes."""
    seconds: float


def trace(replacement: Replacement, tokens: Int[Tensor, " seq"], pruning: Pruning) -> Traced:
    """The graph of one prompt, whose first token must be the model's start token.

    Raises `HarnessError` where the prompt needs more memory than there is.
    """
    from circuit_tracer.attribution.attribute import attribute
    from circuit_tracer.graph import compute_graph_scores, compute_node_influence, prune_graph

    began = time.perf_counter()
    _require_memory(replacement, len(tokens), pruning)
    graph = attribute(
        tokens,
        replacement.model,
        max_n_logits=pruning.max_logits,
        desired_logit_prob=pruning.logit_probability,
        batch_size=_BATCH,
        max_feature_nodes=pruning.max_features,
    )
    kept = prune_graph(graph, pruning.node_threshold, pruning.edge_threshold)
    weights = torch.zeros(len(graph.adjacency_matrix))
    weights[-len(graph.logit_targets) :] = graph.logit_probabilities
    chosen = graph.selected_features
    return Traced(
        features=graph.active_features[chosen].numpy(),
        activations=graph.activation_values[chosen].detach().numpy(),
        logit_ids=tuple(int(each.vocab_idx) for each in graph.logit_targets),
        logit_tokens=tuple(each.token_str for each in graph.logit_targets),
        probabilities=graph.logit_probabilities.detach().numpy(),
        adjacency=graph.adjacency_matrix.numpy(),
        node_mask=kept.node_mask.numpy(),
        edge_mask=kept.edge_mask.numpy(),
        cumulative=kept.cumulative_scores.numpy(),
        influence=compute_node_influence(graph.adjacency_matrix, weights).numpy(),
        scores=Scores(*compute_graph_scores(graph)),
        active_features=len(graph.active_features),
        seconds=time.perf_counter() - began,
    )


def matrix_bytes(features: int, layers: int, positions: int, logits: int) -> int:
    """Of the adjacency matrix, float32."""
    return 4 * (features + (layers + 1) * positions + logits) ** 2


def _require_memory(replacement: Replacement, positions: int, pruning: Pruning) -> None:
    """circuit-tracer holds the square matrix some four times at once while it prunes."""
    layers = replacement.lm.n_layers
    needed = 4 * matrix_bytes(pruning.max_features, layers, positions, pruning.max_logits)
    free = psutil.virtual_memory().available
    if needed > _MEMORY_SHARE * free:
        raise HarnessError(
            f"a graph of {positions} tokens and {pruning.max_features} features needs "
            f"{needed / 2**30:.1f} GiB, and {free / 2**30:.1f} GiB are free; lower max_features or "
            "shorten the prompt"
        )
