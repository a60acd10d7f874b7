"""Faults planted in a complete replacement model's graph, one at a time."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from harness.graphs.crm_check import validate_crm
from tests.graphs.planted_crm import sound_crm
from tests.graphs.planted_graph import node, sound_graph

Change = Callable[[dict[str, Any]], None]
_PAIRS, _QUERIES = "pair_wise_contributors", "top_q_marginal_contributors"


def _results(document: dict[str, Any]) -> dict[str, Any]:
    return node(document, "1_lor_3_2")["qk_tracing_results"]


def _unknown_id(document: dict[str, Any]) -> None:
    _results(document)[_PAIRS][0][1] = "0_lor_6_1"


def _no_pair_but_two(document: dict[str, Any]) -> None:
    _results(document)[_PAIRS][0].pop()


def _three_in_a_marginal(document: dict[str, Any]) -> None:
    _results(document)[_QUERIES][0].append(0.5)


def _weight_as_text(document: dict[str, Any]) -> None:
    _results(document)[_QUERIES][0][1] = "0.5"


def _list_left_out(document: dict[str, Any]) -> None:
    del _results(document)[_QUERIES]


def _on_a_transcoder(document: dict[str, Any]) -> None:
    node(document, "0_cro_5_1")["qk_tracing_results"] = {
        _PAIRS: [],
        _QUERIES: [],
        "top_k_marginal_contributors": [],
    }


def _more_than_the_batch(document: dict[str, Any]) -> None:
    document["metadata"]["generation_settings"]["qk_topk"] = 5


def _no_fraction(document: dict[str, Any]) -> None:
    document["metadata"]["generation_settings"]["qk_top_fraction"] = 0


def _tracing_not_asked_for(document: dict[str, Any]) -> None:
    document["metadata"]["generation_settings"]["enable_qk_tracing"] = False


def _more_than_topk(document: dict[str, Any]) -> None:
    document["metadata"]["generation_settings"]["qk_topk"] = 1


def _another_key(document: dict[str, Any]) -> None:
    document["qk_only_nodes"]["0_cro_77_0"]["node_id"] = "0_cro_77_1"


def _in_both(document: dict[str, Any]) -> None:
    document["qk_only_nodes"]["0_lor_5_1"] = node(document, "0_lor_5_1")


def _named_by_nothing(document: dict[str, Any]) -> None:
    del _results(document)[_PAIRS][1]


def _unknown_type(document: dict[str, Any]) -> None:
    document["qk_only_nodes"]["1_bias_lorsa_bQ_2"]["feature_type"] = "offset"


def _from_its_own_layer(document: dict[str, Any]) -> None:
    _results(document)[_QUERIES][0][0] = "1_error_mlp_2"


def _bias_after_the_score(document: dict[str, Any]) -> None:
    bias = {**document["qk_only_nodes"]["1_bias_lorsa_bQ_2"], "node_id": "1_bias_attn_bO_2"}
    document["qk_only_nodes"]["1_bias_attn_bO_2"] = bias
    _results(document)[_QUERIES][0][0] = "1_bias_attn_bO_2"


def _after_the_query(document: dict[str, Any]) -> None:
    node(document, "1_lor_3_2").update(node_id="1_lor_3_0", ctx_idx=0)


def _a_logit(document: dict[str, Any]) -> None:
    _results(document)[_QUERIES][0][0] = "2_20_2"


def _id_says_another_latent(document: dict[str, Any]) -> None:
    node(document, "0_lor_5_1")["feature"] = 5


def _id_says_another_type(document: dict[str, Any]) -> None:
    node(document, "0_lor_5_1")["feature_type"] = "cross layer transcoder"


_FAULTS = (
    (_unknown_id, "error", "qk", "is neither in nodes nor in qk_only_nodes"),
    (_no_pair_but_two, "error", "schema", ""),
    (_three_in_a_marginal, "error", "schema", ""),
    (_weight_as_text, "error", "schema", ""),
    (_list_left_out, "error", "qk", "this key is required"),
    (_on_a_transcoder, "error", "qk", "only 'lorsa' nodes have attention scores"),
    (_more_than_the_batch, "error", "qk", "5 is above batch_size 4"),
    (_no_fraction, "error", "qk", "0 is no share"),
    (_tracing_not_asked_for, "error", "qk", "False, and nodes bear qk_tracing_results"),
    (_more_than_topk, "error", "qk", "2 contributors; qk_topk is 1"),
    (_another_key, "error", "qk", "is not its key"),
    (_in_both, "warning", "qk", "is a node of the graph too"),
    (_named_by_nothing, "warning", "qk", "no qk_tracing_results of the graph names it"),
    (_unknown_type, "error", "qk", "'offset'; known are"),
    (_from_its_own_layer, "error", "qk", "does not lie below the attention of layer 1"),
    (_bias_after_the_score, "error", "qk", "does not lie below the attention of layer 1"),
    (_after_the_query, "error", "qk", "comes after the query at 0"),
    (_a_logit, "error", "qk", "is a logit"),
    (_id_says_another_latent, "error", "qk", "says layer, type, feature, position"),
    (_id_says_another_type, "error", "qk", "says layer, type, feature, position"),
)


@pytest.mark.parametrize(("change", "severity", "rule", "told"), _FAULTS)
def test_each_planted_fault_is_found(change: Change, severity: str, rule: str, told: str) -> None:
    document = json.loads(sound_crm().to_json())
    change(document)
    found = validate_crm(json.dumps(document))
    assert any(
        (each.severity, each.rule) == (severity, rule) and told in each.message for each in found
    ), found


def test_the_graph_without_a_fault_has_no_finding() -> None:
    assert validate_crm(sound_crm().to_json()) == ()


def test_a_finding_says_where() -> None:
    document = json.loads(sound_crm().to_json())
    _unknown_id(document)
    (finding,) = validate_crm(json.dumps(document))
    place = [each["node_id"] for each in document["nodes"]].index("1_lor_3_2")
    assert finding.where == f"nodes[{place}].qk_tracing_results.pair_wise_contributors[0][1]"


def test_a_graph_of_transcoders_alone_has_no_finding_here() -> None:
    assert validate_crm(sound_graph()) == ()
