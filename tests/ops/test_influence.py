"""Shares of influence through nodes, on graphs small enough to be worked out by hand."""

import numpy as np
import pytest
from numpy import ndarray

from harness.ops.influence import path_share
from harness.record import HarnessError

SOURCE, A, B, TARGET = range(4)


def graph(edges: dict[tuple[int, int], float], nodes: int = 4) -> ndarray:
    """Edges as (from, to): weight; a row is a target."""
    adjacency = np.zeros((nodes, nodes), dtype=np.float32)
    for (source, target), weight in edges.items():
        adjacency[target, source] = weight
    return adjacency


DIAMOND = {(SOURCE, A): 2.0, (SOURCE, B): 5.0, (A, TARGET): 3.0, (B, TARGET): 1.0}


def test_two_paths_share_influence_as_the_weights_of_their_last_edges() -> None:
    """Each of A and B is reached from the source alone, so its edge into it is the whole share."""
    assert path_share(graph(DIAMOND), SOURCE, TARGET, [A]) == pytest.approx(0.75)
    assert path_share(graph(DIAMOND), SOURCE, TARGET, [B]) == pytest.approx(0.25)
    assert path_share(graph(DIAMOND), SOURCE, TARGET, [A, B]) == pytest.approx(1)


def test_signs_do_not_matter() -> None:
    negative = {edge: -weight for edge, weight in DIAMOND.items()}
    mixed = {**DIAMOND, (A, TARGET): -3.0}
    for edges in (negative, mixed):
        assert path_share(graph(edges), SOURCE, TARGET, [A]) == pytest.approx(0.75)


def test_what_comes_into_a_node_beside_the_source_is_no_influence_of_the_source() -> None:
    """A gets a third of its input from the source: 3/4 · 1/3 by A, 1/4 by B; together 1/2."""
    edges = {**DIAMOND, (4, A): 4.0}
    share = path_share(graph(edges, nodes=5), SOURCE, TARGET, [A])
    assert share == pytest.approx((0.75 / 3) / (0.75 / 3 + 0.25))


def test_paths_of_several_edges_are_products_of_their_shares() -> None:
    """Source → A → B → target and source → B, source → target: worked out by hand.

    B: 1/4 from A, 3/4 from the source. Target: 1/2 from B, 1/2 from the source. In all 1; by A
    1/2 · 1/4.
    """
    edges = {
        (SOURCE, A): 7.0,
        (A, B): 1.0,
        (SOURCE, B): 3.0,
        (B, TARGET): 2.0,
        (SOURCE, TARGET): 2.0,
    }
    assert path_share(graph(edges), SOURCE, TARGET, [A]) == pytest.approx(1 / 8)
    assert path_share(graph(edges), SOURCE, TARGET, [B]) == pytest.approx(1 / 2)
    assert path_share(graph(edges), SOURCE, TARGET, [A, B]) == pytest.approx(1 / 2)


def test_a_node_that_all_paths_go_through_bears_everything_and_one_off_them_nothing() -> None:
    chain = {(SOURCE, A): 0.5, (A, TARGET): -2.0, (SOURCE, B): 9.0}
    assert path_share(graph(chain), SOURCE, TARGET, [A]) == pytest.approx(1)
    assert path_share(graph(chain), SOURCE, TARGET, [B]) == 0
    assert path_share(graph(chain), SOURCE, TARGET, []) == 0


def test_scaling_all_weights_into_a_node_changes_nothing() -> None:
    """Shares are of each node's inputs: the row's size is none of theirs."""
    scaled = graph(DIAMOND)
    scaled[TARGET] *= 1e4
    scaled[A] *= 1e-4
    assert path_share(scaled, SOURCE, TARGET, [A]) == pytest.approx(0.75)


def test_the_matrix_is_left_as_it_was() -> None:
    given = graph(DIAMOND)
    before = given.copy()
    path_share(given, SOURCE, TARGET, [A])
    assert np.array_equal(given, before)


def test_a_source_without_influence_is_refused() -> None:
    edges = {(SOURCE, A): 1.0, (B, TARGET): 1.0}
    with pytest.raises(HarnessError, match="node 0 has no influence on node 3"):
        path_share(graph(edges), SOURCE, TARGET, [A])


def test_a_graph_with_a_cycle_is_a_fault_of_ours() -> None:
    edges = {**DIAMOND, (A, B): 1.0, (B, A): 1.0}
    with pytest.raises(AssertionError, match="cycle"):
        path_share(graph(edges), SOURCE, TARGET, [A])
