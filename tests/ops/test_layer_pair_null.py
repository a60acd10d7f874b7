from collections import Counter

import numpy as np
import pytest
from beartype import beartype
from hypothesis import given, settings
from hypothesis import strategies as st
from jaxtyping import jaxtyped
from scipy.stats import chisquare, kstest

from harness.ops import layer_pair_null as module
from harness.ops.layer_pair_null import SwapChains, movable_pairs, pair_of_edge
from harness.ops.motifs import LayeredGraph, NullSample, check_layered, compare, motif_counts
from harness.record import HarnessError

layer_pair_null = jaxtyped(typechecker=beartype)(module.layer_pair_null)


def random_graph(seed: int, *, nodes: int = 40, density: float = 0.4) -> LayeredGraph:
    generator = np.random.default_rng(seed)
    layers = np.sort(generator.integers(-1, 4, nodes))
    source, target = np.nonzero(
        (layers[:, None] < layers) & (generator.random((nodes, nodes)) < density)
    )
    return LayeredGraph(layers, source, target, generator.normal(size=len(source)))


def with_planted_loops(seed: int, loops: int = 25) -> LayeredGraph:
    """Loops of three nodes over a sparse random graph of three layers of 30 nodes."""
    generator = np.random.default_rng(seed)
    layers = np.repeat([-1, 0, 1], 30)
    there = (layers[:, None] < layers) & (generator.random((90, 90)) < 0.05)
    a, b, c = generator.integers(0, 30, (3, loops)) + np.array([[0], [30], [60]])
    there[a, b] = there[b, c] = there[a, c] = True
    source, target = np.nonzero(there)
    return LayeredGraph(layers, source, target, np.ones(len(source)))


def with_a_dense_block(seed: int) -> LayeredGraph:
    """Eight nodes of each of three layers of 20 wholly connected, over a random graph."""
    generator = np.random.default_rng(seed)
    layers = np.repeat([-1, 0, 1], 20)
    there = (layers[:, None] < layers) & (generator.random((60, 60)) < 0.3)
    block = np.arange(60) % 20 < 8
    there |= (layers[:, None] < layers) & block[:, None] & block
    source, target = np.nonzero(there)
    return LayeredGraph(layers, source, target, np.ones(len(source)))


def two_by_two(*edges: tuple[int, int]) -> LayeredGraph:
    """Sources 0 and 1 in layer 0, targets 2 and 3 in layer 1."""
    ends = np.array(edges)
    return LayeredGraph(np.array([0, 0, 1, 1]), ends[:, 0], ends[:, 1], np.ones(len(ends)))


def drawn(graph: LayeredGraph, *, draws: int, tries: int = 20, seed: int = 0) -> SwapChains:
    chains = SwapChains(graph, draws=draws, generator=np.random.default_rng(seed))
    chains.advance(tries)
    return chains


def swapped_by_a_plain_loop(graph: LayeredGraph, generator: np.random.Generator) -> LayeredGraph:
    target = graph.target.copy()
    there = set(zip(graph.source.tolist(), target.tolist(), strict=True))
    pair = pair_of_edge(graph)
    for first in generator.integers(0, len(target), 20 * len(target)):
        second = generator.choice(np.flatnonzero(pair == pair[first]))
        a, b, c, d = (int(x) for e in (first, second) for x in (graph.source[e], target[e]))
        if not {(a, d), (c, b)} & there:
            there = there - {(a, b), (c, d)} | {(a, d), (c, b)}
            target[first], target[second] = d, b
    return graph._replace(target=target)


def degrees(graph: LayeredGraph) -> Counter[tuple[str, int, int]]:
    """Edges of each node to each layer and from each layer."""
    counted: Counter[tuple[str, int, int]] = Counter()
    for source, target in zip(graph.source.tolist(), graph.target.tolist(), strict=True):
        counted["out", source, int(graph.layer[target])] += 1
        counted["in", target, int(graph.layer[source])] += 1
    return counted


def signs_by_pair(graph: LayeredGraph) -> Counter[tuple[int, bool]]:
    return Counter(zip(pair_of_edge(graph).tolist(), (graph.weight > 0).tolist(), strict=True))


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10_000), st.floats(0.1, 0.9))
def test_every_node_keeps_its_degree_to_and_from_each_layer(seed: int, density: float) -> None:
    graph = random_graph(seed, nodes=20, density=density)
    for other in drawn(graph, draws=3).graphs():
        check_layered(other)  # refuses an edge that stands twice
        assert degrees(other) == degrees(graph)


def test_the_graphs_drawn_are_other_graphs_and_differ_from_each_other() -> None:
    graph = random_graph(0)
    chains = drawn(graph, draws=5)
    edges = [
        frozenset(zip(one.source.tolist(), one.target.tolist(), strict=True))
        for one in [graph, *chains.graphs()]
    ]
    assert len(set(edges)) == 6
    assert chains.changed_fraction() == pytest.approx(
        np.mean([1 - len(edges[0] & other) / len(edges[0]) for other in edges[1:]])
    )
    assert chains.changed_fraction() > 0.2


def test_all_graphs_with_the_same_degrees_are_equally_likely() -> None:
    """3 × 3 with one edge a row and a column: the six permutations."""
    graph = LayeredGraph(
        np.array([0, 0, 0, 1, 1, 1]), np.array([0, 1, 2]), np.array([3, 4, 5]), np.ones(3)
    )
    found = Counter(map(tuple, drawn(graph, draws=3000, tries=10).target.tolist()))
    assert len(found) == 6
    assert chisquare(list(found.values())).pvalue > 0.01
    # The control: after a single try per edge they are not, for some are reached sooner.
    early = Counter(map(tuple, drawn(graph, draws=60_000, tries=1).target.tolist()))
    assert chisquare([early[key] for key in found]).pvalue < 1e-6


def test_unequal_numbers_of_ways_out_do_not_make_a_graph_likelier() -> None:
    """Rows of 2, 1 and 1 in three columns, where some graphs have more swaps than others."""
    graph = LayeredGraph(
        np.array([0, 0, 0, 1, 1, 1]),
        np.array([0, 0, 1, 2]),
        np.array([3, 4, 3, 5]),
        np.ones(4),
    )
    chains = drawn(graph, draws=6000, tries=20)
    found = Counter(
        frozenset(zip(one.source.tolist(), one.target.tolist(), strict=True))
        for one in chains.graphs()
    )
    # Columns take 2, 1 and 1: row 0 has column 3 or lacks it; counted out, five graphs.
    assert len(found) == 5
    assert chisquare(list(found.values())).pvalue > 0.01


@pytest.mark.parametrize(
    ("graph", "movable"),
    [
        (two_by_two((0, 2), (1, 3)), 2),
        (two_by_two((0, 2), (0, 3), (1, 2), (1, 3)), 0),
        (two_by_two((0, 2), (0, 3), (1, 2)), 0),
        (two_by_two((0, 2), (1, 2)), 0),
    ],
)
def test_only_pairs_of_layers_with_a_possible_swap_are_movable(
    graph: LayeredGraph, movable: int
) -> None:
    assert sum(map(len, movable_pairs(graph, pair_of_edge(graph)))) == movable
    assert drawn(graph, draws=2, tries=50).made > 0 or movable == 0


def test_a_graph_that_cannot_move_is_its_own_null() -> None:
    graph = two_by_two((0, 2), (0, 3), (1, 2))
    null = layer_pair_null(graph, draws=5, swaps_per_edge=10, seed=0, keep_signs=True)
    assert (null.counts == np.array(motif_counts(graph))).all()
    assert (null.movable_fraction, null.changed_fraction) == (0, 0)
    assert (null.acceptance, null.made_per_edge, null.ffl_drift) == (None, None, None)
    assert null.mixed
    assert {row.percentile for row in compare(graph, null)} == {0.5}


def test_a_graph_without_edges_has_a_null_without_motifs() -> None:
    none = np.array([], dtype=np.int64)
    graph = LayeredGraph(np.array([0, 1]), none, none, np.array([], dtype=np.float64))
    null = layer_pair_null(graph, draws=2, swaps_per_edge=2, seed=0, keep_signs=False)
    assert not null.counts.any()
    assert null.movable_fraction == 0


def test_kept_signs_go_with_their_source() -> None:
    graph = random_graph(1)
    for other in drawn(graph, draws=3).graphs():
        assert (other.source == graph.source).all()
        assert (other.weight == graph.weight).all()


def test_dealt_signs_stay_in_their_pair_of_layers_but_leave_their_source() -> None:
    graph = random_graph(1)
    for other in drawn(graph, draws=3).dealt_graphs():
        assert signs_by_pair(other) == signs_by_pair(graph)
        positive = [
            np.bincount(one.source, weights=one.weight > 0, minlength=40) for one in (graph, other)
        ]
        assert (positive[0] != positive[1]).any()


def test_signs_bear_on_the_signed_loops_alone() -> None:
    graph = random_graph(2)
    kept, dealt = (
        layer_pair_null(graph, draws=20, swaps_per_edge=10, seed=4, keep_signs=keep)
        for keep in (True, False)
    )
    assert (kept.counts[:, :4] == dealt.counts[:, :4]).all()
    assert (kept.counts[:, 4:] != dealt.counts[:, 4:]).any()


def test_a_seed_gives_the_same_sample_and_another_seed_another() -> None:
    graph = random_graph(2)

    def sample(seed: int) -> NullSample:
        return layer_pair_null(graph, draws=10, swaps_per_edge=5, seed=seed, keep_signs=False)

    assert (sample(0).counts == sample(0).counts).all()
    assert (sample(0).counts != sample(1).counts).any()


def test_draws_in_batches_are_as_many_and_of_the_same_spread(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    graph = random_graph(2)
    whole = layer_pair_null(graph, draws=60, swaps_per_edge=20, seed=0, keep_signs=True)
    monkeypatch.setattr(module, "BYTES", 7 * len(graph.layer) ** 2)
    parts = layer_pair_null(graph, draws=60, swaps_per_edge=20, seed=0, keep_signs=True)
    assert parts.counts.shape == whole.counts.shape
    assert kstest(whole.counts[:, 0], parts.counts[:, 0]).pvalue > 0.01
    assert parts.acceptance == pytest.approx(whole.acceptance, rel=0.05)


def test_the_sample_is_that_of_a_plain_loop_of_swaps() -> None:
    graph = with_planted_loops(0)
    generator = np.random.default_rng(0)
    plain = [motif_counts(swapped_by_a_plain_loop(graph, generator)).ffl for _ in range(12)]
    null = layer_pair_null(graph, draws=200, swaps_per_edge=20, seed=0, keep_signs=True)
    assert kstest(plain, null.counts[:, 0]).pvalue > 0.01


def test_planted_loops_stand_out() -> None:
    graph = with_planted_loops(0)
    null = layer_pair_null(graph, draws=200, swaps_per_edge=20, seed=0, keep_signs=True)
    loops = compare(graph, null)[0]
    assert null.mixed
    assert loops.percentile >= 0.99
    assert loops.excess_fraction is not None
    assert loops.excess_fraction > 0.3
    # The control: the same graph once its edges are swapped has no more than its own null.
    swapped = next(drawn(graph, draws=1, seed=1).graphs())
    assert 0.005 < compare(swapped, null)[0].percentile < 0.99


def test_the_percentiles_of_graphs_drawn_from_the_null_are_uniform() -> None:
    graph = with_planted_loops(0)
    null = layer_pair_null(graph, draws=400, swaps_per_edge=20, seed=0, keep_signs=True)
    percentiles = [
        compare(other, null)[0].percentile for other in drawn(graph, draws=200, seed=9).graphs()
    ]
    # What two samples of 400 and 200 from one law exceed one time in a thousand.
    assert kstest(percentiles, "uniform").statistic < 1.95 * np.sqrt(1 / 400 + 1 / 200)


def test_too_few_swaps_are_noticed_and_enough_are_not() -> None:
    graph = with_a_dense_block(0)

    def sample(tries: int) -> NullSample:
        return layer_pair_null(graph, draws=100, swaps_per_edge=tries, seed=0, keep_signs=True)

    few, enough, many = sample(2), sample(20), sample(80)
    assert (few.mixed, enough.mixed, many.mixed) == (False, True, True)
    assert few.ffl_drift is not None
    assert few.ffl_drift < -1
    # Loops are still too many after the few: the excess is made to look smaller than it is.
    means = [one.counts[:, 0].mean() for one in (few, enough, many)]
    assert means[0] > means[2] + 5
    assert means[1] == pytest.approx(means[2], abs=5)


def test_chains_that_hardly_moved_are_not_mixed_though_they_do_not_drift() -> None:
    """Nearly complete pairs of layers: almost every try is refused."""
    layers = np.repeat([0, 1], 12)
    there = layers[:, None] < layers
    there[0, 12] = there[1, 13] = False
    source, target = np.nonzero(there)
    graph = LayeredGraph(layers, source, target, np.ones(len(source)))
    null = layer_pair_null(graph, draws=10, swaps_per_edge=4, seed=0, keep_signs=True)
    assert null.ffl_drift is None
    assert null.made_per_edge is not None
    assert null.made_per_edge < 1
    assert not null.mixed


@pytest.mark.parametrize("few", ["draws", "swaps_per_edge"])
def test_fewer_than_two_draws_or_tries_are_refused(few: str) -> None:
    numbers = {"draws": 10, "swaps_per_edge": 10} | {few: 1}
    with pytest.raises(HarnessError, match=f"{few}: 1 is too few"):
        module.layer_pair_null(random_graph(0), seed=0, keep_signs=True, **numbers)


def test_an_edge_within_a_layer_is_refused() -> None:
    flat = two_by_two((0, 1))
    with pytest.raises(HarnessError, match="0 → 1 does not go to a higher layer"):
        module.layer_pair_null(flat, draws=2, swaps_per_edge=2, seed=0, keep_signs=True)
