import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.graphs.attribution_graph import (
    cantor,
    parse_graph,
    read_graph,
    uncantor,
    write_graph,
)
from harness.record import HarnessError
from tests.graphs.planted_graph import faulty, node, sound_graph


def test_a_written_graph_is_read_as_it_was(tmp_path: Path) -> None:
    write_graph(sound_graph(), tmp_path / "lyon.json")
    assert read_graph(tmp_path / "lyon.json") == sound_graph()


def test_keys_and_kinds_of_others_are_kept_and_none_are_added() -> None:
    def change(document: dict[str, Any]) -> None:
        document["metadata"]["title_prefix"] = "mine"
        document["version"] = [1, {"a": None}]
        document["nodes"][0].update(run_idx=0, layer=0, influence=None, token={"x": 1})
        document["links"][0]["pctInput"] = 0.5

    text = faulty(change)
    assert json.loads(parse_graph(text, Path("x.json")).to_json()) == json.loads(text)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda d: d.pop("links"), "x.json: links: this key is required"),
        (lambda d: d["metadata"].pop("scan"), "metadata.scan: this key is required"),
        (
            lambda d: d["nodes"][2].update(ctx_idx="three"),
            "nodes[2].ctx_idx: Input should be a valid integer, not 'three'",
        ),
        (lambda d: d["links"][1].update(weight=float("nan")), "links[1].weight"),
        (lambda d: d["qParams"].update(supernodes=["a", "b"]), "qParams.supernodes[0]"),
    ],
)
def test_a_malformed_file_is_told_of_by_file_and_key(change: Any, told: str) -> None:
    with pytest.raises(HarnessError) as raised:
        parse_graph(faulty(change), Path("x.json"))
    assert told in str(raised.value)


def test_of_many_faults_the_first_are_told_and_the_rest_counted() -> None:
    def change(document: dict[str, Any]) -> None:
        document["nodes"] = [{**each, "clerp": 1} for each in document["nodes"] * 3]

    with pytest.raises(HarnessError, match="faults more"):
        parse_graph(faulty(change), Path("x.json"))


def test_what_is_no_json_is_told_with_its_line() -> None:
    with pytest.raises(HarnessError, match=r"x\.json: not valid JSON: .* line 2"):
        parse_graph('{"metadata":\n oh}', Path("x.json"))


def test_qk_results_are_read_as_triples_and_pairs() -> None:
    def change(document: dict[str, Any]) -> None:
        document["nodes"][0]["qk_tracing_results"] = {
            "pair_wise_contributors": [["a", "b", 0.5]],
            "top_q_marginal_contributors": [["a", 1.0]],
            "top_k_marginal_contributors": [],
        }
        document["qk_only_nodes"] = {"a": node(document, "0_7_1")}

    graph = parse_graph(faulty(change), Path("x.json"))
    results = graph.nodes[0].qk_tracing_results
    assert results is not None
    assert results.pair_wise_contributors == (("a", "b", 0.5),)
    assert graph.qk_only_nodes is not None
    assert graph.qk_only_nodes["a"].ctx_idx == 1


@pytest.mark.parametrize(
    ("layer", "index", "number"),
    [(0, 0, 0), (1, 0, 1), (0, 1, 2), (2, 0, 3), (25, 16000, 128424325)],
)
def test_cantor_numbers_are_those_worked_out_by_hand(layer: int, index: int, number: int) -> None:
    assert cantor(layer, index) == number


@given(st.integers(0, 200), st.integers(0, 2**40))
def test_a_feature_number_gives_back_layer_and_latent(layer: int, index: int) -> None:
    assert uncantor(cantor(layer, index)) == (layer, index)


@given(st.integers(0, 2**60))
def test_every_number_is_that_of_one_feature(number: int) -> None:
    assert cantor(*uncantor(number)) == number
