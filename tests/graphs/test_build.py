from dataclasses import dataclass

import numpy as np
import pytest

from harness.graphs.attribution_graph import FeatureDetails
from harness.graphs.build import Logits, build_graph
from harness.graphs.metadata import plain_name
from harness.graphs.validate import validate_graph
from harness.record import HarnessError
from tests.graphs.planted_graph import (
    FIRST_EMBEDDING,
    FIRST_LOGIT,
    SIZE,
    TOKENS,
    parts,
    sound_graph,
)


@dataclass(frozen=True)
class Ids:
    """What the planted graph's ids must be, written out by hand."""

    features: tuple[str, ...] = ("0_7_1", "0_2_3", "1_40_3", "2_11_4", "2_900_4")
    errors: tuple[str, ...] = ("0_error_3",)
    embeddings: tuple[str, ...] = ("E_10_0", "E_11_1", "E_12_2", "E_13_3", "E_14_4")
    logits: tuple[str, ...] = ("4_20_4", "4_21_4")

    @property
    def all(self) -> tuple[str, ...]:
        return self.features + self.errors + self.embeddings + self.logits


def test_nodes_with_a_kept_link_and_all_embeddings_and_logits_are_written() -> None:
    assert tuple(node.node_id for node in sound_graph().nodes) == Ids().all


def test_links_go_from_columns_to_rows() -> None:
    links = {(link.source, link.target): link.weight for link in sound_graph().links}
    assert links["E_13_3", "0_2_3"] == 2.0
    assert links["0_error_3", "1_40_3"] == -0.25
    assert links["2_900_4", "4_20_4"] == -1.0
    assert len(links) == 10


def test_features_bear_their_cantor_number_activation_and_influence() -> None:
    node = sound_graph().nodes[2]
    assert (node.feature, node.layer, node.ctx_idx) == (41 * 42 // 2 + 40, "1", 3)
    assert node.activation == 2.5
    assert node.influence == pytest.approx(2 / (SIZE - 1))


def test_logits_are_labelled_with_their_probability() -> None:
    first, second = sound_graph().nodes[-2:]
    assert (first.clerp, first.token_prob, first.is_target_logit) == (
        'Output " in" (p=0.600)',
        0.6,
        True,
    )
    assert (second.jsNodeId, second.is_target_logit) == ("L_21-4", False)


def test_numbers_have_the_digits_of_float32_and_no_more() -> None:
    assert '"activation":0.3}' in sound_graph().to_json()


def test_pruned_nodes_take_their_links_along() -> None:
    given = parts()
    mask = given.pruned.node_mask.copy()
    mask[2] = False
    ids = {
        n.node_id for n in build_graph(parts(pruned=given.pruned._replace(node_mask=mask))).nodes
    }
    assert "1_40_3" not in ids
    assert "0_error_3" not in ids, "its only link led there"
    assert {"0_7_1", "E_12_2"} <= ids


def test_an_effect_of_zero_is_no_link_even_where_every_edge_is_kept() -> None:
    pruned = parts().pruned._replace(edge_mask=np.ones((SIZE, SIZE), dtype=bool))
    assert build_graph(parts(pruned=pruned)).links == sound_graph().links


def test_an_error_of_layer_7_and_feature_7_of_layer_0_have_ids_of_their_own() -> None:
    given = parts()
    layers = 8
    first_embedding = 1 + layers * len(TOKENS)
    size = first_embedding + len(TOKENS) + 1
    adjacency = np.zeros((size, size), dtype=np.float32)
    adjacency[0, first_embedding] = adjacency[size - 1, 0] = 1
    adjacency[size - 1, 1 + 7 * len(TOKENS) + 3] = 1
    graph = build_graph(
        given._replace(
            n_layers=layers,
            features=np.array([[0, 3, 7]]),
            activations=np.ones(1, dtype=np.float32),
            logits=Logits((20,), (" in",), np.array([0.5], dtype=np.float32)),
            adjacency=adjacency,
            pruned=given.pruned._replace(
                node_mask=np.ones(size, dtype=bool),
                edge_mask=adjacency != 0,
                influence=np.zeros(size, dtype=np.float32),
            ),
        )
    )
    assert {"0_7_3", "7_error_3"} <= {node.node_id for node in graph.nodes}
    assert not [each for each in validate_graph(graph) if each.rule == "id"]


def test_shares_that_sum_a_little_above_1_are_written_as_1() -> None:
    influence = np.full(SIZE, 1.0000002, dtype=np.float32)
    graph = build_graph(parts(pruned=parts().pruned._replace(influence=influence)))
    assert {node.influence for node in graph.nodes} == {1.0}


def test_the_source_set_stands_where_server_and_page_look() -> None:
    metadata = sound_graph().metadata
    assert metadata.info is not None
    assert metadata.feature_details is not None
    assert metadata.info.neuronpedia_source_set == "planted-4k"
    assert metadata.feature_details.neuronpedia_source_set == "planted-4k"
    assert (metadata.info.replacement_score, metadata.info.completeness_score) == (0.5, 0.75)


def test_self_hosted_features_mean_no_schema_version_and_others_do() -> None:
    hosted = FeatureDetails(feature_json_base_url="https://example.org/features")
    provenance = parts().provenance._replace(feature_details=hosted)
    assert "schema_version" not in build_graph(parts(provenance=provenance)).to_json()
    assert sound_graph().metadata.schema_version == 1


def test_names_become_what_the_server_takes() -> None:
    assert plain_name("hf:HuggingFaceTB/SmolLM2-135M v1") == "hf-HuggingFaceTB-SmolLM2-135M-v1"
    with pytest.raises(HarnessError, match="needs a character"):
        plain_name("日本")


def test_arrays_that_do_not_fit_are_our_own_mistake() -> None:
    with pytest.raises(AssertionError):
        build_graph(parts(adjacency=np.zeros((FIRST_LOGIT, FIRST_EMBEDDING))))
