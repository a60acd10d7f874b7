import numpy as np
import pytest

from harness.graphs.attribution_graph import AttributionGraph
from harness.graphs.build import build_graph
from harness.graphs.diff import diff_graphs
from tests.graphs.planted_graph import (
    FEATURES,
    FIRST_LOGIT,
    parts,
    sound_graph,
)

PORTO = ("The", " city", " of", " Porto", " is")
NEW = 77


def other_prompt() -> AttributionGraph:
    """Another city: feature 40 of layer 1 gives way to 77; feature 11 is less active."""
    given = parts()
    features = np.array([(1, 3, NEW) if each == (1, 3, 40) else each for each in FEATURES])
    activations = given.activations.copy()
    activations[3] = 1.0
    adjacency = given.adjacency.copy()
    adjacency[FIRST_LOGIT, 3] = 1.0
    return build_graph(
        given._replace(
            prompt="The city of Porto is",
            prompt_tokens=PORTO,
            token_ids=np.array([10, 11, 12, 99, 14]),
            features=features,
            activations=activations,
            adjacency=adjacency,
        )
    )


def test_a_graph_has_all_in_common_with_itself() -> None:
    found = diff_graphs(sound_graph(), sound_graph())
    assert (found.only_left, found.only_right) == ((), ())
    assert len(found.shared) == len(sound_graph().nodes)
    assert found.feature_jaccard == found.link_jaccard == found.feature_jaccard_anywhere == 1
    assert found.feature_weighted_overlap == pytest.approx(1)
    assert all(pair.influence_change == 0 for pair in found.shared)
    assert all(link.change == 0 for link in found.links)


def test_the_planted_changes_are_found_and_no_others() -> None:
    found = diff_graphs(sound_graph(), other_prompt())
    assert [pair.left and pair.left.node_id for pair in found.only_left] == ["1_40_3"]
    assert [pair.right and pair.right.node_id for pair in found.only_right] == [f"1_{NEW}_3"]
    assert found.feature_jaccard == 4 / 6
    changed = [(link.source, link.target, link.change) for link in found.links if link.change]
    assert changed == [("2_11_4", "4_20_4", -2.0)]
    (eleven,) = [each for each in found.shared if each.left and each.left.node_id == "2_11_4"]
    assert eleven.left is not None
    assert eleven.right is not None
    assert (eleven.left.activation, eleven.right.activation) == (4.0, 1.0)
    assert eleven.influence_change < 0
    assert found.feature_weighted_overlap is not None
    assert found.feature_weighted_overlap < 1


def test_embeddings_of_two_cities_answer_to_each_other() -> None:
    found = diff_graphs(sound_graph(), other_prompt())
    (city,) = [each for each in found.shared if each.left and each.left.node_id == "E_13_3"]
    assert city.right is not None
    assert (city.right.node_id, city.right.token) == ("E_99_3", " Porto")


def test_links_of_a_node_that_one_graph_lacks_are_not_among_shared_ones() -> None:
    found = diff_graphs(sound_graph(), other_prompt())
    assert not [link for link in found.links if "1_40_3" in (link.source, link.target)]
    assert found.link_jaccard == 1


def moved() -> AttributionGraph:
    """The sound graph with one word more at its start."""
    graph = sound_graph()
    nodes = tuple(
        node.model_copy(
            update={
                "ctx_idx": node.ctx_idx + 1,
                "node_id": f"{node.node_id.rpartition('_')[0]}_{node.ctx_idx + 1}",
            }
        )
        for node in graph.nodes
    )
    ids = {old.node_id: new.node_id for old, new in zip(graph.nodes, nodes, strict=True)}
    links = tuple(
        link.model_copy(update={"source": ids[link.source], "target": ids[link.target]})
        for link in graph.links
    )
    tokens = ("Well", *graph.metadata.prompt_tokens)
    metadata = graph.metadata.model_copy(update={"prompt_tokens": tokens})
    return graph.model_copy(update={"nodes": nodes, "links": links, "metadata": metadata})


def test_roles_find_what_moved_by_one_word_and_positions_do_not() -> None:
    by_role = diff_graphs(sound_graph(), moved(), alignment="role")
    assert by_role.feature_jaccard == by_role.link_jaccard == 1
    assert diff_graphs(sound_graph(), moved(), alignment="end").feature_jaccard == 1
    by_position = diff_graphs(sound_graph(), moved(), alignment="position")
    assert by_position.feature_jaccard == 0
    assert by_position.feature_jaccard_anywhere == 1


def test_graphs_without_features_have_no_jaccard_and_not_0() -> None:
    graph = sound_graph()
    bare = graph.model_copy(update={"nodes": graph.nodes[6:], "links": ()})
    found = diff_graphs(bare, bare)
    assert found.feature_jaccard is None
    assert found.feature_weighted_overlap is None
    assert found.link_jaccard is None


def test_a_difference_is_read_from_json_as_it_was() -> None:
    found = diff_graphs(sound_graph(), other_prompt())
    assert type(found).model_validate_json(found.model_dump_json()) == found
