from itertools import combinations

import numpy as np
import pytest
from beartype import beartype
from hypothesis import given, settings
from hypothesis import strategies as st
from jaxtyping import jaxtyped
from numpy import ndarray

from harness.ops import motifs
from harness.ops.layer_pair_null import layer_pair_null
from harness.ops.motifs import LayeredGraph, MotifCounts, NullSample
from harness.record import HarnessError

checked = jaxtyped(typechecker=beartype)
motif_counts = checked(motifs.motif_counts)
compare = checked(motifs.compare)

Edge = tuple[int, int, float]
FOUR = ("ffl", "fan_in", "fan_out", "chain")


def graph_of(layers: list[int], edges: list[Edge]) -> LayeredGraph:
    ends = np.array([edge[:2] for edge in edges], dtype=np.int64).reshape(-1, 2)
    weights = np.array([edge[2] for edge in edges], dtype=np.float64)
    return LayeredGraph(np.array(layers), ends[:, 0], ends[:, 1], weights)


def random_graph(seed: int, *, nodes: int = 14, density: float = 0.4) -> LayeredGraph:
    generator = np.random.default_rng(seed)
    layers = np.sort(generator.integers(-1, 5, nodes))
    source, target = np.nonzero(
        (layers[:, None] < layers) & (generator.random((nodes, nodes)) < density)
    )
    weight = generator.choice([-2.0, -0.5, 0.5, 2.0], len(source))
    return LayeredGraph(layers, source, target, weight)


def by_hand(graph: LayeredGraph) -> dict[str, int]:
    """Look at every three nodes and name what is between them."""
    found = dict.fromkeys(MotifCounts._fields, 0)
    sign = {
        (s, t): "p" if w > 0 else "n"
        for s, t, w in zip(graph.source.tolist(), graph.target.tolist(), graph.weight, strict=True)
    }
    for three in combinations(range(len(graph.layer)), 3):
        inside = [edge for edge in sign if set(edge) <= set(three)]
        if len(inside) == 3:
            a, b, c = sorted(three, key=lambda node: graph.layer[node])
            signs = sign[a, b] + sign[b, c] + sign[a, c]
            found["ffl"] += 1
            found[f"ffl_{signs}"] += 1
            found["coherent_ffl" if signs.count("n") % 2 == 0 else "incoherent_ffl"] += 1
        if len(inside) == 2:
            (s, t), (u, v) = inside
            found["fan_out" if s == u else "fan_in" if t == v else "chain"] += 1
    return found


def null_of(counts: list[int]) -> NullSample:
    """A sample in which every motif has these counts."""
    table = np.tile(np.array(counts)[:, None], (1, len(MotifCounts._fields)))
    return NullSample(table, 10, 0.5, 5.0, 1.0, 0.5, 0.0, mixed=True)


def one_loop() -> LayeredGraph:
    return graph_of([-1, 0, 1], [(0, 1, 1.0), (1, 2, -1.0), (0, 2, -1.0)])


def test_a_loop_is_no_open_triad_and_its_letters_are_first_second_direct() -> None:
    expected = dict.fromkeys(MotifCounts._fields, 0) | {
        "ffl": 1,
        "coherent_ffl": 1,
        "ffl_pnn": 1,
    }
    assert motif_counts(one_loop())._asdict() == expected


@pytest.mark.parametrize(
    ("motif", "edges"),
    [
        ("fan_in", [(0, 2, 1.0), (1, 2, 1.0)]),
        ("fan_out", [(0, 1, 1.0), (0, 2, 1.0)]),
        ("chain", [(0, 1, 1.0), (1, 2, 1.0)]),
    ],
)
def test_two_edges_of_three_nodes_are_one_open_triad(motif: str, edges: list[Edge]) -> None:
    expected = dict.fromkeys(MotifCounts._fields, 0) | {motif: 1}
    assert motif_counts(graph_of([-1, 0, 1], edges))._asdict() == expected


def test_four_nodes_counted_by_hand() -> None:
    # 0→1→3 with 0→3 is a loop, as is 0→2→3; 1→3←2 and 1←0→2 are open.
    edges = [(0, 1, 1.0), (0, 2, -1.0), (1, 3, 1.0), (2, 3, 1.0), (0, 3, 1.0)]
    counts = motif_counts(graph_of([-1, 0, 0, 7], edges))
    assert counts[:6] == (2, 1, 1, 0, 1, 1)
    assert (counts.ffl_ppp, counts.ffl_npp) == (1, 1)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000), st.floats(0.05, 1.0))
def test_counts_equal_a_look_at_every_three_nodes(seed: int, density: float) -> None:
    graph = random_graph(seed, density=density)
    assert motif_counts(graph)._asdict() == by_hand(graph)


def test_a_graph_without_edges_has_no_motifs() -> None:
    assert set(motif_counts(graph_of([0, 1], []))) == {0}


@pytest.mark.parametrize(
    ("layers", "edges", "why"),
    [
        ([0, 0], [(0, 1, 1.0)], r"0 → 1 does not go to a higher layer \(layers 0 and 0\)"),
        ([1, 0], [(0, 1, 1.0)], "0 → 1 does not go to a higher layer"),
        ([0, 1], [(0, 1, 1.0), (0, 1, -1.0)], "0 → 1 stands twice"),
        ([0, 1], [(0, 1, 0.0)], "has no sign"),
        ([0, 1], [(0, 1, float("nan"))], "has no sign"),
        ([0, 1], [(0, 2, 1.0)], "no node 2 among 2 nodes"),
        ([0, 1], [(-1, 1, 1.0)], "no node -1 among 2 nodes"),
    ],
)
def test_what_is_no_layered_graph_is_refused(
    layers: list[int], edges: list[Edge], why: str
) -> None:
    with pytest.raises(HarnessError, match=why):
        motif_counts(graph_of(layers, edges))


def test_edges_given_with_too_few_weights_are_refused() -> None:
    with pytest.raises(HarnessError, match="3 sources, 3 targets, 2 weights"):
        motifs.motif_counts(one_loop()._replace(weight=np.ones(2)))


def test_a_comparison_has_the_numbers_worked_out_by_hand() -> None:
    loop = compare(one_loop(), null_of([0, 0, 2, 3]))[0]
    assert (loop.motif, loop.count, loop.null_min, loop.null_max) == ("ffl", 1, 0, 3)
    assert loop.null_mean == 1.25
    assert loop.null_sd == pytest.approx(np.sqrt((2 * 1.25**2 + 0.75**2 + 1.75**2) / 3))
    assert loop.excess_fraction == pytest.approx(-0.2)
    assert loop.z == pytest.approx(-0.25 / loop.null_sd)
    assert loop.percentile == 0.5  # of 0 0 [1] 2 3, the middle one


def test_a_percentile_is_never_certain_and_ties_share_a_rank() -> None:
    def percentile(counts: list[int]) -> float:
        return compare(one_loop(), null_of(counts))[0].percentile

    assert percentile([0] * 199) == pytest.approx(1 - 0.5 / 200)
    assert percentile([2] * 199) == pytest.approx(0.5 / 200)
    assert percentile([1] * 199) == 0.5
    assert percentile([0, 0, 1, 2]) == pytest.approx((2 + 2 / 2) / 5)


def test_z_is_not_measured_where_nothing_varies_and_is_never_capped() -> None:
    still = compare(one_loop(), null_of([0, 0, 0]))[0]
    assert (still.z, still.excess_fraction) == (None, None)
    steady = compare(one_loop(), null_of([10**6, 10**6, 10**6 + 1]))[0]
    assert steady.z is not None
    assert steady.z < -1e6


@pytest.mark.parametrize("keep_signs", [True, False])
def test_under_a_null_that_keeps_degrees_the_four_triads_are_one_number(keep_signs: bool) -> None:
    graph = random_graph(3, nodes=40)
    null = layer_pair_null(graph, draws=30, swaps_per_edge=10, seed=0, keep_signs=keep_signs)
    by_name = {row.motif: row for row in compare(graph, null)}
    z = by_name["ffl"].z
    assert z is not None
    assert [by_name[name].z for name in FOUR] == pytest.approx([z, -z, -z, -z], rel=1e-9)
    assert len({round(by_name[name].null_sd, 9) for name in FOUR}) == 1
    # The signed loops are not tied so: there is more to know about them.
    coherent = by_name["coherent_ffl"].z
    assert coherent is not None
    assert abs(abs(coherent) - abs(z)) > 0.01


def test_under_a_null_that_moves_degrees_they_are_four() -> None:
    """The control of the identity: graphs drawn anew, degrees and all."""
    graph = random_graph(3, nodes=40)
    drawn: list[ndarray] = []
    for seed in range(30):
        other = random_graph(seed + 100, nodes=40)
        drawn.append(np.array(motif_counts(other._replace(layer=other.layer))))
    null = null_of([0, 1])._replace(counts=np.array(drawn))
    z = [row.z for row in compare(graph, null)[:4]]
    assert None not in z
    assert len({round(abs(one or 0), 6) for one in z}) == 4
