import math
from typing import Any

import numpy as np
import pytest

from harness.graphs.arrays import node_influence, probability_of, to_arrays
from harness.graphs.attribution_graph import AttributionGraph, Link
from harness.record import HarnessError
from tests.graphs.planted_graph import faulty, node, sound_graph


def changed(change: Any) -> AttributionGraph:
    return AttributionGraph.model_validate_json(faulty(change))


def with_links(*links: tuple[str, str, float]) -> AttributionGraph:
    made = tuple(Link(source=source, target=target, weight=w) for source, target, w in links)
    return sound_graph().model_copy(update={"links": made})


def test_layers_are_numbers_with_embeddings_below_and_logits_above() -> None:
    arrays = to_arrays(sound_graph())
    layer = dict(zip(arrays.node_ids, arrays.layers.tolist(), strict=True))
    assert (layer["E_13_3"], layer["0_7_1"], layer["2_11_4"]) == (-1, 0, 2)
    assert layer["4_20_4"] == 3, "one above the highest other node, whatever the file says"


def test_links_are_places_of_nodes() -> None:
    arrays = to_arrays(sound_graph())
    ids = arrays.node_ids
    links = zip(arrays.source, arrays.target, arrays.weight, strict=True)
    assert ("1_40_3", "2_11_4", 1.0) in {(ids[s], ids[t], float(w)) for s, t, w in links}
    assert arrays.unresolved == 0


def test_links_to_unknown_ids_are_left_out_and_counted() -> None:
    arrays = to_arrays(with_links(("E_13_3", "gone", 1.0), ("E_13_3", "0_2_3", 1.0)))
    assert (arrays.unresolved, len(arrays.weight)) == (1, 1)


def test_a_graph_without_links_has_empty_arrays() -> None:
    assert to_arrays(with_links()).weight.shape == (0,)


def test_two_nodes_of_one_id_and_layers_of_letters_are_refused() -> None:
    with pytest.raises(HarnessError, match=r"nodes\[13\].node_id: '0_7_1' is that of nodes\[0\]"):
        to_arrays(changed(lambda d: d["nodes"].append(d["nodes"][0])))
    with pytest.raises(HarnessError, match="layer: 'X' is neither a number nor 'E'"):
        to_arrays(changed(lambda d: node(d, "0_7_1").update(layer="X")))


def test_probability_is_that_of_the_node_or_of_its_label_or_none() -> None:
    logit = sound_graph().nodes[-1].model_copy(update={"token_prob": None})
    assert probability_of(logit) == 0.1
    assert probability_of(logit.model_copy(update={"clerp": "in"})) is None
    assert probability_of(logit.model_copy(update={"clerp": "in (p=high)"})) is None


def test_influence_is_the_sum_over_paths_of_shares_of_incoming_weight() -> None:
    """0.6 · 3/4 + 0.1 flows through one feature, 0.6 · 1/4 through the other: by hand."""
    graph = sound_graph()
    share = dict(
        zip(to_arrays(graph).node_ids, node_influence(graph, to_arrays(graph)), strict=True)
    )
    through = {"2_11_4": 0.55, "2_900_4": 0.15}
    through["1_40_3"], through["0_7_1"] = 0.55 * 2 / 3, 0.55 / 3
    through["0_2_3"], through["0_error_3"] = through["1_40_3"] * 6 / 7, through["1_40_3"] / 7
    through["E_13_3"] = through["0_2_3"] + 0.15
    through["E_11_1"] = through["0_7_1"]
    total = sum(through.values())
    for node_id, value in through.items():
        assert share[node_id] == pytest.approx(value / total), node_id
    assert share["4_20_4"] == share["E_10_0"] == 0
    assert math.fsum(share.values()) == pytest.approx(1)


def test_influence_follows_the_links_and_not_the_order_of_nodes() -> None:
    graph = sound_graph()
    turned = graph.model_copy(update={"nodes": graph.nodes[::-1]})
    straight = node_influence(graph, to_arrays(graph))
    assert node_influence(turned, to_arrays(turned))[::-1] == pytest.approx(straight)


def test_where_nothing_leads_to_a_logit_influence_is_0_for_all() -> None:
    graph = with_links(("E_13_3", "0_2_3", 1.0))
    assert not np.any(node_influence(graph, to_arrays(graph)))


def test_links_in_a_circle_are_refused() -> None:
    graph = with_links(
        ("0_2_3", "1_40_3", 1.0), ("1_40_3", "0_2_3", 1.0), ("1_40_3", "4_20_4", 1.0)
    )
    with pytest.raises(HarnessError, match="run in a circle"):
        node_influence(graph, to_arrays(graph))
