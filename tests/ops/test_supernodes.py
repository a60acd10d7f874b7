import numpy as np
import pytest
from beartype import beartype
from hypothesis import given, settings
from hypothesis import strategies as st
from jaxtyping import jaxtyped
from numpy import ndarray

from harness.ops import supernodes
from harness.ops.supernodes import GraphNodes, Grouping, score_group
from harness.record import HarnessError

checked = jaxtyped(typechecker=beartype)
suggest_supernodes = checked(supernodes.suggest_supernodes)
similarity = checked(supernodes.similarity)

EMBEDDINGS, FEATURES, LOGITS = 20, 12, 20
PLANTED = ((20, 23, 26, 29), (21, 24, 27, 30), (22, 25, 28, 31))
HALF = Grouping(threshold=0.5)


def planted(*, noise: float = 0.2, seed: int = 0, shuffled: bool = False) -> GraphNodes:
    """Three groups of four features, one in each of four layers, with a common way to be wired.

    `shuffled` deals out each feature's edges anew among the embeddings and among the logits.
    """
    generator = np.random.default_rng(seed)
    group = np.arange(FEATURES) % 3
    ins, outs, written = (generator.normal(size=(3, d)) for d in (EMBEDDINGS, LOGITS, 16))
    into = ins[group] + noise * generator.normal(size=(FEATURES, EMBEDDINGS))
    out = outs[group] + noise * generator.normal(size=(FEATURES, LOGITS))
    if shuffled:
        into, out = (generator.permuted(part, axis=1) for part in (into, out))
    nodes = EMBEDDINGS + FEATURES + LOGITS
    features = np.arange(EMBEDDINGS, EMBEDDINGS + FEATURES)
    adjacency = np.zeros((nodes, nodes))
    adjacency[features, :EMBEDDINGS] = into
    adjacency[-LOGITS:, features] = out.T
    return GraphNodes(
        adjacency=adjacency,
        layer=np.array([-1] * EMBEDDINGS + [i // 3 for i in range(FEATURES)] + [4] * LOGITS),
        position=np.full(nodes, 3),
        candidates=features,
        decoder=written[group] + noise * generator.normal(size=(FEATURES, 16)),
    )


def members(nodes: GraphNodes, grouping: Grouping = HALF) -> set[tuple[int, ...]]:
    return {group.members for group in suggest_supernodes(nodes, grouping)}


def two_features(
    first: list[float], second: list[float], *, layers: tuple[int, int] = (1, 1)
) -> GraphNodes:
    """Nodes 3 and 4 with their inputs from 0 and 1, embeddings, and 2, a feature of layer 0."""
    adjacency = np.zeros((5, 5))
    adjacency[3, :3], adjacency[4, :3] = first, second
    layer = np.array([-1, -1, 0, *layers])
    return GraphNodes(adjacency, layer, np.zeros(5, dtype=np.int64), np.array([3, 4]))


def alike(nodes: GraphNodes, decoder_weight: float = 0.5) -> float:
    return float(similarity(nodes, decoder_weight)[0, 1])


@pytest.mark.parametrize("decoder_weight", [0.0, 0.5, 1.0])
def test_planted_groups_are_found_across_layers(decoder_weight: float) -> None:
    grouping = Grouping(threshold=0.5, decoder_weight=decoder_weight)
    assert members(planted(), grouping) == set(PLANTED)


def test_planted_groups_are_found_from_the_graph_alone() -> None:
    nodes = planted()._replace(decoder=None)
    assert members(nodes) == set(PLANTED)
    assert similarity(nodes, 0.9) == pytest.approx(similarity(planted(), 0.0))


def test_in_a_shuffled_graph_the_planted_groups_are_not_found_and_score_less() -> None:
    real, shuffled = (planted(shuffled=shuffle)._replace(decoder=None) for shuffle in (False, True))
    assert not members(shuffled) & set(PLANTED)
    for group in PLANTED:
        places = np.array(group) - EMBEDDINGS
        scores = [
            score_group(similarity(nodes, 0.0), places, nodes.candidates).score
            for nodes in (real, shuffled)
        ]
        assert scores[0] is not None
        assert scores[1] is not None
        assert scores[0] > 0.7
        assert scores[1] < 0.4


def test_groups_come_best_score_first() -> None:
    scores = [group.score for group in suggest_supernodes(planted(), HALF)]
    assert None not in scores
    assert scores == sorted(scores, key=lambda score: -(score or 0))


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10_000))
def test_the_order_of_the_candidates_does_not_matter(seed: int) -> None:
    nodes = planted(noise=1.0, seed=seed)
    order = np.random.default_rng(seed).permutation(FEATURES)
    decoder: ndarray | None = nodes.decoder
    assert decoder is not None
    mixed = nodes._replace(candidates=nodes.candidates[order], decoder=decoder[order])
    assert members(mixed) == members(nodes)


def test_similarity_is_the_cosine_of_edges_worked_out_by_hand() -> None:
    assert alike(two_features([3, 4, 0], [4, 3, 0])) == pytest.approx(24 / 25)
    assert alike(two_features([3, 4, 0], [-3, -4, 0])) == pytest.approx(-1)
    assert alike(two_features([1, 0, 0], [0, 1, 0])) == 0


def test_in_edges_out_edges_and_decoders_are_averaged() -> None:
    adjacency = np.zeros((4, 4))
    adjacency[1, 0], adjacency[2, 0] = 1, 2  # in: cosine 1
    adjacency[3, 1], adjacency[3, 2] = 1, -5  # out: cosine -1
    nodes = GraphNodes(
        adjacency, np.array([-1, 0, 0, 1]), np.zeros(4, dtype=np.int64), np.array([1, 2])
    )
    assert alike(nodes) == 0
    decoder = np.array([[1.0, 0.0], [3.0, 4.0]])
    assert alike(nodes._replace(decoder=decoder), 0.25) == pytest.approx(0.25 * 3 / 5)


def test_only_neighbours_that_both_could_have_are_compared() -> None:
    # Node 2 is of layer 0: a feature of layer 0 cannot hear it, one of layer 1 can.
    apart = two_features([3, 4, 0], [3, 4, 100], layers=(0, 1))
    assert alike(apart) == pytest.approx(1)
    both = two_features([3, 4, 0], [3, 4, 100], layers=(1, 1))
    assert alike(both) < 0.1


def test_an_edge_between_two_nodes_makes_them_no_less_alike() -> None:
    nodes = two_features([3, 4, 0], [3, 4, 0], layers=(0, 1))
    nodes.adjacency[4, 3] = 100
    assert alike(nodes) == pytest.approx(1)


def test_what_is_not_defined_is_left_out_and_is_no_zero() -> None:
    nodes = two_features([3, 4, 0], [4, 3, 0])
    silent = nodes._replace(decoder=np.array([[0.0, 0.0], [1.0, 0.0]]))
    assert alike(silent, 0.5) == pytest.approx(24 / 25)
    deaf = two_features([0, 0, 0], [4, 3, 0])._replace(decoder=np.array([[0.0, 1.0], [0.0, 1.0]]))
    assert alike(deaf, 0.5) == pytest.approx(1)
    assert alike(deaf._replace(decoder=None)) == 0


def test_nodes_like_no_other_are_left_out() -> None:
    nodes = planted()
    nodes.adjacency[20] *= -1
    nodes.adjacency[:, 20] *= -1
    found = members(nodes._replace(decoder=None))
    assert found == {PLANTED[0][1:], *PLANTED[1:]}


def test_nothing_is_grouped_where_nothing_is_alike() -> None:
    assert suggest_supernodes(two_features([1, 0, 0], [0, 1, 0]), HALF) == ()
    nobody = two_features([1, 0, 0], [0, 1, 0])._replace(candidates=np.array([3]))
    assert suggest_supernodes(nobody, HALF) == ()


def test_a_group_lies_at_one_token_unless_it_is_let_off() -> None:
    nodes = planted()
    nodes.position[26:32] = 4
    assert members(nodes) == {part for group in PLANTED for part in (group[:2], group[2:])}
    assert members(nodes, HALF.model_copy(update={"same_position": False})) == set(PLANTED)


def test_a_score_is_the_mean_inside_less_the_mean_across() -> None:
    table = np.array([[1.0, 0.8, 0.1], [0.8, 1.0, 0.3], [0.1, 0.3, 1.0]])
    found = score_group(table, np.array([1, 0]), np.array([10, 20, 30]))
    assert found.members == (10, 20)
    assert found.within == pytest.approx(0.8)
    assert found.outside == pytest.approx(0.2)
    assert found.score == pytest.approx(0.6)


def test_a_group_of_all_candidates_has_nothing_outside_to_be_scored_against() -> None:
    (group,) = suggest_supernodes(two_features([3, 4, 0], [4, 3, 0]), HALF)
    assert (group.members, group.outside, group.score) == ((3, 4), None, None)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"adjacency": np.zeros((4, 5))}, r"adjacency: shape \(4, 5\), expected \(5, 5\)"),
        ({"position": np.zeros(4, dtype=np.int64)}, "position: shape"),
        ({"decoder": np.zeros((3, 2))}, "decoder: shape"),
        ({"candidates": np.array([3, 9])}, "candidates: no node 9 among 5"),
        ({"candidates": np.array([3, 3])}, "candidates: a node stands twice"),
        ({"adjacency": np.full((5, 5), np.inf)}, "not a finite number"),
    ],
)
def test_arrays_that_do_not_fit_are_refused(change: dict[str, ndarray], why: str) -> None:
    nodes = two_features([1, 0, 0], [0, 1, 0])._replace(**change)
    with pytest.raises(HarnessError, match=why):
        supernodes.suggest_supernodes(nodes, HALF)
