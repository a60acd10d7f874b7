"""Motifs, supernodes, summary and feature files of a graph file."""

import json
from pathlib import Path
from typing import Any

import pytest

from harness.graphs.attribution_graph import AttributionGraph, cantor, parse_graph
from harness.graphs.feature_files import feature_texts
from harness.graphs.layered import to_layered
from harness.graphs.motif_report import motif_report
from harness.graphs.summary import summarise
from harness.graphs.supernode_report import suggest
from harness.graphs.validate import validate_graph
from harness.ops.supernodes import Grouping
from harness.record import HarnessError
from tests.graphs.planted_graph import faulty, node, sound_graph


def changed(change: Any) -> AttributionGraph:
    return parse_graph(faulty(change), Path("x.json"))


def with_loop() -> AttributionGraph:
    """One link more: 0_2_3 → 1_40_3 → 2_11_4 has a direct link too."""
    link = {"source": "0_2_3", "target": "2_11_4", "weight": -1.0}
    return changed(lambda d: d["links"].append(link))


def test_errors_and_their_links_take_no_part_in_motifs() -> None:
    layered = to_layered(sound_graph())
    assert "0_error_3" not in layered.node_ids
    assert (layered.dropped_nodes, layered.dropped_links) == (1, 1)
    assert len(layered.graph.source) == len(sound_graph().links) - 1


def test_attention_lies_between_the_mlp_below_and_that_of_its_layer() -> None:
    def change(document: dict[str, Any]) -> None:
        node(document, "2_11_4")["feature_type"] = "lorsa"
        document["links"].append({"source": "2_11_4", "target": "2_900_4", "weight": 1.0})

    layered = to_layered(changed(change))
    layer = dict(zip(layered.node_ids, layered.graph.layer.tolist(), strict=True))
    assert layer["1_40_3"] < layer["2_11_4"] < layer["2_900_4"] < layer["4_20_4"]
    assert layer["E_13_3"] < layer["0_2_3"]


def test_a_planted_loop_is_counted_and_the_graph_without_it_has_none() -> None:
    def count(graph: AttributionGraph) -> int:
        report = motif_report(graph, draws=5, swaps_per_edge=5, seed=0, keep_signs=True)
        return {each.motif: each.count for each in report.motifs}["ffl"]

    assert (count(with_loop()), count(sound_graph())) == (1, 0)


def test_the_same_seed_gives_the_same_report() -> None:
    one, other = (
        motif_report(with_loop(), draws=5, swaps_per_edge=5, seed=3, keep_signs=False)
        for _ in range(2)
    )
    assert one == other
    assert one.seed == 3


def test_a_graph_without_links_has_no_motifs_to_compare() -> None:
    with pytest.raises(HarnessError, match="no links among features"):
        motif_report(
            changed(lambda d: d.update(links=[])),
            draws=5,
            swaps_per_edge=5,
            seed=0,
            keep_signs=True,
        )


def twins() -> AttributionGraph:
    """900 at layer 2 takes part in the links of 11, its neighbour, in the same proportions."""

    def change(document: dict[str, Any]) -> None:
        links = [each for each in document["links"] if "2_900_4" not in each.values()]
        for each in [each for each in links if "2_11_4" in each.values()]:
            twin = {k: "2_900_4" if v == "2_11_4" else v for k, v in each.items()}
            links.append({**twin, "weight": each["weight"] / 2})
        document["links"] = links

    return changed(change)


def test_features_of_like_neighbours_are_suggested_as_one_supernode() -> None:
    found = suggest(twins(), Grouping(threshold=0.9))
    assert [group.node_ids for group in found.supernodes] == [("2_11_4", "2_900_4")]
    assert found.supernodes[0].label == "is, layer 2"
    assert not suggest(sound_graph(), Grouping(threshold=0.9)).supernodes


def test_a_suggestion_is_a_sound_graph_with_its_groups_saved() -> None:
    graph = suggest(twins(), Grouping(threshold=0.9)).graph
    assert graph.qParams.supernodes == (("is, layer 2", "2_11_4", "2_900_4"),)
    assert graph.qParams.pinnedIds == ("2_11_4", "2_900_4")
    assert validate_graph(graph) == ()


def test_a_summary_counts_and_puts_the_most_influential_first() -> None:
    found = summarise(sound_graph(), top=3)
    assert found.nodes_by_type == {
        "cross layer transcoder": 5,
        "embedding": 5,
        "logit": 2,
        "mlp reconstruction error": 1,
    }
    assert [line.node_id for line in found.top_nodes] == ["2_11_4", "E_13_3", "1_40_3"]
    assert [(link.source, link.weight) for link in found.top_links][:2] == [
        ("2_11_4", 3.0),
        ("E_13_3", 2.0),
    ]
    assert (found.replacement_score, found.completeness_score) == (0.5, 0.75)
    assert [logit.probability for logit in found.logits] == [0.6, 0.1]


def test_scores_that_a_file_lacks_are_none() -> None:
    found = summarise(changed(lambda d: d["metadata"].pop("info")), top=3)
    assert found.replacement_score is None


def test_feature_files_are_found_by_number_and_by_layer(tmp_path: Path) -> None:
    (tmp_path / "1").mkdir()
    (tmp_path / f"{cantor(0, 7)}.json").write_text(json.dumps({"index": 7}))
    (tmp_path / "1/40.json").write_text(json.dumps({"index": 40}))
    (tmp_path / "2").mkdir()
    (tmp_path / "2/12.json").write_text("{}")
    found = feature_texts(sound_graph(), tmp_path)
    assert {key: json.loads(text)["index"] for key, text in found.items()} == {
        "0_7_1": 7,
        "1_40_3": 40,
    }


def test_a_folder_without_any_feature_of_the_graph_is_refused(tmp_path: Path) -> None:
    with pytest.raises(HarnessError, match=r"no file for any of the 5 features of lyon"):
        feature_texts(sound_graph(), tmp_path)
