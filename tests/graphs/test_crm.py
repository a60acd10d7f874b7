"""The graph file of a complete replacement model, made from numbers that are known."""

from pathlib import Path

import numpy as np
import pytest

from harness.graphs.arrays import node_influence, to_arrays
from harness.graphs.attribution_graph import cantor, read_graph, write_graph
from harness.graphs.crm import crm_graph
from harness.graphs.crm_check import validate_crm
from harness.graphs.crm_influence import Paths, cumulative, influence
from harness.graphs.crm_nodes import CrmNode, node_id
from harness.graphs.metadata import Scores
from harness.graphs.validate import validate_graph
from tests.graphs.planted_crm import (
    ABOUT,
    KEY_BIAS,
    LORSA,
    SOURCES,
    TRACED,
    TRANSCODER,
    attribution,
    sound_crm,
)


def test_ids_types_and_layers_are_those_of_neuronpedias_converter() -> None:
    found = {(n.node_id, n.feature_type, n.layer, n.feature) for n in sound_crm().nodes}
    assert found == {
        ("E_10_0", "embedding", "E", None),
        ("E_11_1", "embedding", "E", None),
        ("E_12_2", "embedding", "E", None),
        ("0_error_attn_1", "lorsa error", "0", None),
        ("1_error_mlp_2", "mlp reconstruction error", "1", None),
        ("0_lor_5_1", "lorsa", "0", cantor(0, 5)),
        ("0_cro_5_1", "cross layer transcoder", "0", cantor(0, 5)),
        ("1_lor_3_2", "lorsa", "1", cantor(1, 3)),
        ("2_20_2", "logit", "2", 20),
        ("2_21_2", "logit", "2", 21),
    }


def test_a_lorsa_and_a_transcoder_feature_of_one_number_keep_apart() -> None:
    assert LORSA[1:] == TRANSCODER[1:]
    assert node_id(LORSA) != node_id(TRANSCODER)


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("lorsa_bQ", "1_bias_lorsa_bQ_2"),
        ("lorsa_bK", "1_bias_lorsa_bK_2"),
        ("lorsa_bD", "1_bias_lorsa_bD_2"),
        ("tc_bD", "1_bias_tc_bD_2"),
        ("attn_bO", "1_bias_attn_bO_2"),
        ("mlp_bout", "1_bias_mlp_bout_2"),
    ],
)
def test_each_kind_of_bias_has_its_id(kind: str, expected: str) -> None:
    assert node_id(CrmNode(kind, 1, 2)) == expected


def test_the_sound_graph_has_no_finding_and_survives_a_round_trip(tmp_path: Path) -> None:
    graph = sound_crm()
    assert validate_graph(graph) == ()
    assert validate_crm(graph) == ()
    write_graph(graph, tmp_path / "crm.json")
    assert read_graph(tmp_path / "crm.json") == graph


def test_contributors_outside_the_graph_stand_beside_it_and_no_others() -> None:
    beside = sound_crm().qk_only_nodes
    assert beside is not None
    assert list(beside) == ["0_cro_77_0", "1_bias_lorsa_bK_1", "1_bias_lorsa_bQ_2"]
    assert {node.feature_type for node in beside.values()} == {"cross layer transcoder", "bias"}


def test_results_stand_on_the_traced_feature_only() -> None:
    bearing = {n.node_id: n.qk_tracing_results for n in sound_crm().nodes if n.qk_tracing_results}
    results = bearing.pop("1_lor_3_2")
    assert not bearing
    assert results.pair_wise_contributors == (
        ("0_cro_5_1", "0_lor_5_1", 0.5),
        ("1_bias_lorsa_bQ_2", "0_cro_77_0", 0.25),
    )
    assert results.top_q_marginal_contributors == (("0_cro_5_1", 0.75),)
    assert results.top_k_marginal_contributors == (("E_11_1", 0.5), (node_id(KEY_BIAS), 0.125))


def test_an_activation_that_is_not_known_is_not_written_as_zero() -> None:
    graph = sound_crm()
    assert graph.qk_only_nodes is not None
    assert "activation" not in graph.qk_only_nodes["0_cro_77_0"].model_fields_set
    by_id = {node.node_id: node for node in graph.nodes}
    assert by_id["0_lor_5_1"].activation == 1.5
    assert by_id["1_lor_3_2"].activation == -0.5


def test_a_graph_without_tracing_has_no_such_keys() -> None:
    text = crm_graph(attribution(qk=()), ABOUT).to_json()
    assert "qk_only_nodes" not in text
    assert "qk_tracing_results" not in text


def test_an_effect_of_zero_is_no_link_though_pruning_keeps_it() -> None:
    everything = attribution()
    links = crm_graph(everything, ABOUT).links
    assert everything.kept.sum() > 8
    assert {(link.source, link.target): link.weight for link in links} == {
        ("1_lor_3_2", "2_20_2"): 3.0,
        ("1_error_mlp_2", "2_20_2"): -1.0,
        ("1_lor_3_2", "2_21_2"): 2.0,
        ("0_cro_5_1", "1_lor_3_2"): 1.0,
        ("E_11_1", "1_lor_3_2"): -1.0,
        ("0_lor_5_1", "0_cro_5_1"): 0.25,
        ("0_error_attn_1", "0_cro_5_1"): 0.75,
        ("E_10_0", "0_lor_5_1"): 2.0,
    }


def test_influence_is_the_sum_over_paths_worked_out_by_hand() -> None:
    """Logits 0.5 and 0.25: TRACED has 0.5 · 3/4 + 0.25 of it, the rest follows by halves."""
    traced = 0.5 * 0.75 + 0.25
    expected = {
        "E_10_0": traced / 2 / 4,
        "E_11_1": traced / 2,
        "E_12_2": 0,
        "0_error_attn_1": traced / 2 * 0.75,
        "1_error_mlp_2": 0.5 * 0.25,
        "0_lor_5_1": traced / 2 / 4,
        "0_cro_5_1": traced / 2,
        "1_lor_3_2": traced,
        "1_lor_8_1": 0,
    }
    found = influence(_paths())
    np.testing.assert_allclose(found, [expected[node_id(node)] for node in SOURCES])


def test_influence_agrees_with_that_read_from_a_graph_of_which_nothing_is_pruned() -> None:
    whole = crm_graph(attribution(kept=np.ones((6, 9), dtype=bool), qk=()), ABOUT)
    from_file = dict(
        zip(
            [node.node_id for node in whole.nodes],
            node_influence(whole, to_arrays(whole)),
            strict=True,
        )
    )
    shares = influence(_paths()) / influence(_paths()).sum()
    np.testing.assert_allclose(shares, [from_file[node_id(node)] for node in SOURCES])


def test_cumulative_shares_are_low_for_what_matters() -> None:
    np.testing.assert_allclose(cumulative(np.array([1.0, 6.0, 0.0, 3.0])), [1.0, 0.6, 1.0, 0.9])
    graph = sound_crm()
    least = min(graph.nodes, key=lambda node: 2 if node.influence is None else node.influence)
    assert least.node_id == node_id(TRACED)
    assert all(n.influence is None for n in graph.nodes if n.feature_type == "logit")


def test_scores_are_worked_out_by_hand_and_given_ones_are_kept() -> None:
    info = sound_crm().metadata.info
    assert info is not None
    traced = 0.5 * 0.75 + 0.25
    begins, errors = traced / 8 + traced / 2, traced * 3 / 8 + 0.125
    assert info.replacement_score == pytest.approx(begins / (begins + errors))
    weighed = {1.0: 0.25 + traced + traced / 8, 0.75: 0.5, 0.25: traced / 2}
    explained = sum(share * weight for share, weight in weighed.items()) / sum(weighed.values())
    assert info.completeness_score == pytest.approx(explained)
    given = crm_graph(attribution(), ABOUT._replace(scores=Scores(0.1, 0.2))).metadata.info
    assert given is not None
    assert (given.replacement_score, given.completeness_score) == (0.1, 0.2)


def test_a_target_that_stands_twice_is_refused() -> None:
    twice = list(attribution().targets)
    twice[-1] = twice[-2]
    with pytest.raises(AssertionError, match="stands twice"):
        crm_graph(attribution(targets=twice), ABOUT)


def _paths() -> Paths:
    given = attribution()
    columns = [SOURCES.index(node) for node in given.targets[2:]]
    return Paths(given.weights, np.array([0.5, 0.25]), np.array(columns))
