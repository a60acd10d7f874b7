"""The pruned graph as motifs are counted in it, on a graph drawn by hand."""

import numpy as np
import pytest

from harness.circuits.attributing import Traced
from harness.experiments.circuit_tracing.motifs import layered, loops
from harness.graphs.metadata import Scores
from harness.ops.motifs import count_motifs

LAYERS, POSITIONS = 2, 2
FEATURES = ((0, 1, 3), (1, 1, 4), (0, 1, 9))
ERRORS, EMBEDDINGS, LOGIT = 3, 7, 9
SIZE = 10
LOOP = {(EMBEDDINGS, 0): 1.0, (0, 1): 2.0, (EMBEDDINGS, 1): -0.5, (1, LOGIT): 3.0}
"""Source, target: embedding → feature 0 → feature 1, and the embedding → feature 1 directly."""


def traced(edges: dict[tuple[int, int], float], *, dropped: tuple[int, ...] = ()) -> Traced:
    adjacency = np.zeros((SIZE, SIZE), dtype=np.float32)
    for (source, target), weight in edges.items():
        adjacency[target, source] = weight
    mask = np.ones(SIZE, dtype=bool)
    mask[list(dropped)] = False
    return Traced(
        features=np.array(FEATURES),
        activations=np.ones(3, dtype=np.float32),
        logit_ids=(5,),
        logit_tokens=("a",),
        probabilities=np.ones(1, dtype=np.float32),
        adjacency=adjacency,
        node_mask=mask,
        edge_mask=adjacency != 0,
        cumulative=np.ones(SIZE, dtype=np.float32),
        influence=np.ones(SIZE, dtype=np.float32),
        scores=Scores(1.0, 1.0),
        active_features=3,
        seconds=0.0,
    )


def test_layers_are_embeddings_then_features_then_logits_and_errors_are_none() -> None:
    graph = layered(traced(LOOP), LAYERS, POSITIONS)
    assert graph.layer.tolist() == [0, 1, 0, -1, -1, LAYERS]
    edges = {
        (int(s), int(t)): float(w)
        for s, t, w in zip(graph.source, graph.target, graph.weight, strict=True)
    }
    assert edges == {(3, 0): 1.0, (0, 1): 2.0, (3, 1): -0.5, (1, 5): 3.0}


def test_the_one_loop_is_counted() -> None:
    assert count_motifs(layered(traced(LOOP), LAYERS, POSITIONS)).ffl == 1
    open_ = {edge: weight for edge, weight in LOOP.items() if edge != (EMBEDDINGS, 1)}
    assert count_motifs(layered(traced(open_), LAYERS, POSITIONS)).ffl == 0


def test_edges_from_errors_and_nodes_that_were_pruned_are_left_out() -> None:
    more = {**LOOP, (ERRORS, 1): 5.0, (ERRORS, LOGIT): 5.0}
    assert layered(traced(more), LAYERS, POSITIONS).weight.tolist() == [1.0, 2.0, -0.5, 3.0]
    graph = layered(traced(more, dropped=(0,)), LAYERS, POSITIONS)
    assert graph.layer.tolist() == [1, 0, -1, -1, LAYERS]
    assert sorted(graph.weight.tolist()) == [-0.5, 3.0]


def test_a_graph_without_any_loop_is_no_number() -> None:
    chain = {(EMBEDDINGS, 0): 1.0, (0, 1): 2.0, (1, LOGIT): 3.0}
    assert loops(traced(chain), LAYERS, POSITIONS, draws=200, seed=0) is None


def test_a_graph_that_is_its_own_null_has_no_excess_and_no_z() -> None:
    found = loops(traced(LOOP), LAYERS, POSITIONS, draws=200, seed=0)
    assert found is not None
    assert found.ffl_excess == 0
    assert found.ffl_percentile == pytest.approx(0.5)
    assert found.ffl_z is None
