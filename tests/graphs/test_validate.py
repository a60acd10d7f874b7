import json
from typing import Any

import pytest

from harness.graphs.attribution_graph import cantor
from harness.graphs.validate import validate_graph
from tests.graphs.planted_graph import faulty, node, sound_graph


def rules(text: str) -> set[tuple[str, str]]:
    return {(each.rule, each.severity) for each in validate_graph(text)}


def test_a_sound_graph_has_no_findings() -> None:
    assert validate_graph(sound_graph()) == ()
    assert validate_graph(sound_graph().to_json()) == ()


def _self_hosted(d: dict[str, Any]) -> None:
    d["metadata"]["feature_details"]["feature_json_base_url"] = "https://example.org"


def _one_layer(d: dict[str, Any]) -> None:
    lost = {each["node_id"] for each in d["nodes"] if each["layer"] in ("1", "2")}
    d["nodes"] = [each for each in d["nodes"] if each["node_id"] not in lost]
    d["links"] = [e for e in d["links"] if not {e["source"], e["target"]} & lost]


def _two_logit_layers(d: dict[str, Any]) -> None:
    node(d, "4_21_4")["layer"] = "5"


def _set(node_id: str, **values: Any) -> Any:
    return lambda d: node(d, node_id).update(values)


PLANTED: dict[str, tuple[Any, str, str]] = {
    "missing key": (lambda d: d["nodes"][0].pop("clerp"), "schema", "error"),
    "wrong type in a link": (lambda d: d["links"][0].update(weight="1"), "schema", "error"),
    "wrong type in the metadata": (lambda d: d["metadata"].update(info=3), "schema", "error"),
    "supernodes that are no lists": (
        lambda d: d["qParams"].update(supernodes=["a"]),
        "schema",
        "error",
    ),
    "not a number": (_set("0_7_1", activation=float("nan")), "finite", "error"),
    "infinite": (lambda d: d["metadata"].update(x=[{"y": float("-inf")}]), "finite", "error"),
    "self-hosted with schema_version": (_self_hosted, "T1", "error"),
    "one layer": (_one_layer, "T2", "error"),
    "logit label without probability": (_set("4_20_4", clerp="in"), "T3", "error"),
    "logit label with a word for a probability": (
        _set("4_20_4", clerp='Output "(p=" (p=0.6)'),
        "T3",
        "warning",
    ),
    "unknown source": (lambda d: d["links"][0].update(source="9_9_9"), "T4", "error"),
    "unknown target": (lambda d: d["links"][0].update(target="9_9_9"), "T4", "error"),
    "source set for the page only": (
        lambda d: d["metadata"]["info"].pop("neuronpedia_source_set"),
        "T5",
        "warning",
    ),
    "two logit layers": (_two_logit_layers, "T6", "warning"),
    "logit below features": (_set("4_20_4", layer="1"), "T6", "warning"),
    "slug": (lambda d: d["metadata"].update(slug="a slug"), "name", "error"),
    "scan": (lambda d: d["metadata"].update(scan="org/model"), "name", "error"),
    "two nodes of one id": (lambda d: d["nodes"].append(d["nodes"][0]), "id", "error"),
    "unheard-of type": (_set("0_error_3", feature_type="mystery"), "type", "warning"),
    "feature number of another layer": (_set("0_7_1", feature=cantor(1, 7)), "cantor", "error"),
    "feature without a number": (_set("0_7_1", feature=None), "cantor", "error"),
    "position past the prompt": (_set("4_21_4", ctx_idx=5), "position", "error"),
    "link that goes down": (
        lambda d: d["links"].append({"source": "2_11_4", "target": "0_2_3", "weight": 1.0}),
        "direction",
        "error",
    ),
    "link within a layer": (
        lambda d: d["links"].append({"source": "2_11_4", "target": "2_900_4", "weight": 1.0}),
        "direction",
        "error",
    ),
    "link back in time": (
        lambda d: d["links"].append({"source": "E_14_4", "target": "0_2_3", "weight": 1.0}),
        "direction",
        "error",
    ),
    "link that stands twice": (lambda d: d["links"].append(d["links"][0]), "link", "warning"),
    "pinned node that is not there": (
        lambda d: d["qParams"].update(pinnedIds=["9_9_9"]),
        "state",
        "warning",
    ),
    "supernode of a node that is not there": (
        lambda d: d["qParams"].update(supernodes=[["a label", "0_7_1", "9_9_9"]]),
        "state",
        "warning",
    ),
    "influence above 1": (_set("0_7_1", influence=1.5), "influence", "error"),
    "probability above 1": (_set("4_20_4", token_prob=1.2), "probability", "error"),
    "probabilities that sum above 1": (_set("4_20_4", token_prob=0.95), "probability", "error"),
    "feature that is not active": (_set("0_7_1", activation=0), "activation", "warning"),
    "threshold in percent": (
        lambda d: d["metadata"]["pruning_settings"].update(node_threshold=80),
        "share",
        "error",
    ),
    "score above 1": (
        lambda d: d["metadata"]["info"].update(replacement_score=3),
        "share",
        "error",
    ),
}


@pytest.mark.parametrize("fault", PLANTED)
def test_a_planted_fault_is_found_and_no_other_rule_is_broken_by_an_error(fault: str) -> None:
    change, rule, severity = PLANTED[fault]
    found = rules(faulty(change))
    assert (rule, severity) in found
    # What one fault brings along: a changed logit label or link is a fault of its own.
    assert {each for each, level in found if level == "error"} <= {rule, "T4", "cantor"}


def test_a_finding_says_where_it_is() -> None:
    (found,) = validate_graph(faulty(_set("1_40_3", influence=-0.5)))
    assert found.where == "nodes[2].influence"
    assert "-0.5" in found.message
    (found,) = validate_graph(faulty(lambda d: d["links"][3].update(target="gone")))
    assert (found.where, "'gone'" in found.message) == ("links[3].target", True)


def test_a_text_that_is_no_json_is_one_finding_with_its_line() -> None:
    (found,) = validate_graph('{\n"metadata": }')
    assert (found.rule, found.where) == ("json", "line 2, column 13")


def test_a_key_that_stands_twice_is_found() -> None:
    text = sound_graph().to_json().replace('"slug":', '"scan":"x","slug":', 1)
    assert ("json", "error") in rules(text)


def test_a_document_that_is_a_list_is_a_finding_and_raises_nothing() -> None:
    assert rules("[1, 2]") == {("schema", "error")}


def test_features_of_foreign_numbering_are_not_held_to_cantor() -> None:
    def foreign(document: dict[str, Any]) -> None:
        del document["metadata"]["schema_version"]
        for place, each in enumerate(document["nodes"][:5]):
            each["feature"] = 100_000 * place + 17

    assert "cantor" not in {rule for rule, _ in rules(faulty(foreign))}


def test_without_schema_version_the_majority_tells_how_features_are_numbered() -> None:
    def one_off(document: dict[str, Any]) -> None:
        del document["metadata"]["schema_version"]
        document["nodes"][0]["feature"] = 3

    assert ("cantor", "error") in rules(faulty(one_off))


def test_attention_features_may_link_to_the_mlp_of_their_layer_but_not_the_reverse() -> None:
    def attention(source: str, target: str) -> Any:
        def change(document: dict[str, Any]) -> None:
            copy = {**node(document, "2_11_4"), "node_id": "2_lor_11_4", "feature_type": "lorsa"}
            document["nodes"].append(copy)
            document["links"].append({"source": source, "target": target, "weight": 1.0})

        return faulty(change)

    assert rules(attention("2_lor_11_4", "2_900_4")) == set()
    assert rules(attention("2_900_4", "2_lor_11_4")) == {("direction", "error")}


def test_saved_state_may_name_nodes_as_anthropics_graphs_do() -> None:
    assert rules(faulty(lambda d: d["qParams"].update(pinnedIds=["0_7-0", "2_11_4"]))) == set()


def test_the_schema_is_asked_of_nodes_that_the_records_refuse() -> None:
    """Sound nodes are taken by the records; this is the other way to the same verdict."""
    text = faulty(lambda d: d["nodes"][1].update(layer=[1]))
    assert [each.where for each in validate_graph(text)] == ["nodes[1].layer"]
    assert json.loads(text)["nodes"][1]["layer"] == [1]
