"""Graphs of other writers, hostile ones and large ones, in a browser."""

import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from harness.graphs.viewer import write_page
from tests.graphs.chromium import Opened
from tests.graphs.viewer_graphs import (
    FRANCE,
    TEXAS,
    cantor,
    feature_details,
    feature_node,
    graph_of,
    large,
    link,
    logit_node,
    planted,
    token_node,
    with_attention,
    with_twins,
)

if TYPE_CHECKING:
    from playwright.sync_api import Browser

Open = Callable[[dict[str, Any]], Opened]
HOSTILE = (
    "<img src=x onerror=document.body.remove()></script><script>document.body.remove()</script>"
)
LOOKS = "3_lor_155_5"


@pytest.fixture
def open_graph(browser: "Browser", tmp_path: Path) -> Iterator[Open]:
    """Write a graph, open it, and see at the end that nothing complained."""
    pages: list[Opened] = []

    def open_it(graph: dict[str, Any]) -> Opened:
        target = tmp_path / f"graph{len(pages)}.html"
        write_page(json.dumps(graph), target, features={"3_77": feature_details(hostile=True)})
        pages.append(Opened(browser, target))
        return pages[-1]

    yield open_it
    for each in pages:
        assert each.complaints == []
        assert len(each.requests) == 1
        each.page.close()


def notices(opened: Opened) -> str:
    return opened.page.locator("#notices").inner_text()


def fact(opened: Opened, name: str) -> str:
    return opened.page.locator(f"#details .facts div:has(dt:text-is('{name}')) dd").inner_text()


def test_sound_graph_has_no_notice(open_graph: Open) -> None:
    assert notices(open_graph(planted())) == ""


def test_long_prompt_scrolls_and_opens_at_its_outputs(open_graph: Open) -> None:
    opened = open_graph(large(60, 900, 6000))
    scroll = opened.page.evaluate("[plane.scrollLeft, plane.scrollWidth, plane.clientWidth]")
    assert scroll[0] == pytest.approx(scroll[1] - scroll[2], abs=2)
    assert scroll[1] > 2 * scroll[2]


def test_token_labels_of_a_long_prompt_are_not_cut(open_graph: Open) -> None:
    opened = open_graph(large(60, 900, 6000))
    labels = opened.page.locator("#tokens span")
    assert labels.count() == 60
    cut = "spans => spans.filter((s) => s.scrollWidth > s.clientWidth + 1).length"
    assert labels.evaluate_all(cut) == 0


def test_column_width_widens_the_plane(open_graph: Open) -> None:
    opened = open_graph(large(60, 900, 6000))
    before = opened.page.evaluate("plane.scrollWidth")
    opened.slide("spread", 3)
    assert opened.page.evaluate("plane.scrollWidth") > 1.5 * before


def test_node_far_to_the_left_is_brought_into_view_and_clicked(open_graph: Open) -> None:
    opened = open_graph(large(60, 900, 6000))
    opened.click_node("E_102_2")
    assert opened.selected == "E_102_2"
    assert opened.page.evaluate("plane.scrollLeft") < 200


def test_five_thousand_nodes_are_drawn_within_two_seconds(open_graph: Open) -> None:
    graph = large(60, 4700, 40_000)
    assert len(graph["nodes"]) >= 5000
    opened = open_graph(graph)
    sys.stdout.write(f"{len(graph['nodes'])} nodes after {opened.ready_milliseconds} ms\n")
    assert opened.ready_milliseconds < 2000
    assert len(opened.shown) == len(graph["nodes"])


def test_attention_feature_shows_what_its_score_is_made_of(open_graph: Open) -> None:
    opened = open_graph(with_attention())
    opened.click_node(LOOKS)
    assert fact(opened, "Feature") == "155"
    assert opened.rows("Top queries") == [("2_cro_105_5", "+1.75"), ("2_bias_lorsa_bQ_5", "−0.250")]
    assert opened.rows("Top keys") == [("1_cro_54_4", "+1.50"), ("0_cro_9999_4", "+0.125")]
    assert [weight for _, weight in opened.rows("Query and key pairs")] == ["+0.900", "−0.300"]


def test_other_attention_feature_has_no_tracing(open_graph: Open) -> None:
    opened = open_graph(with_attention())
    opened.click_node("2_lor_105_5")
    assert opened.page.locator("#qk").count() == 0


def test_contributor_leads_on_and_a_pruned_one_says_so(open_graph: Open) -> None:
    opened = open_graph(with_attention())
    opened.click_node(LOOKS)
    opened.page.click('#qk button[data-node="0_cro_9999_4"] >> nth=0')
    assert "Pruning took this node out" in opened.page.locator("#details").inner_text()
    assert "0_cro_9999_4" not in opened.shown
    opened.click_node(LOOKS)
    opened.page.click('#qk ul[aria-label="Top keys"] button[data-node="1_cro_54_4"]')
    assert opened.selected == "1_cro_54_4"


def test_contributor_that_is_nowhere_is_told_of(open_graph: Open) -> None:
    graph = with_attention()
    del graph["qk_only_nodes"]
    opened = open_graph(graph)
    assert "1 QK contributor is not in the file: 0_cro_9999_4" in notices(opened)


def test_error_and_feature_of_one_id_are_told_apart(open_graph: Open) -> None:
    opened = open_graph(with_twins())
    assert "1 id stands for more than one node (0_7_1)" in notices(opened)
    assert "could come from" not in notices(opened)
    logits = [logit_node(10, token, 0.5, 1)["node_id"] for token in (" x", " z")]
    assert opened.shown == ["0_7_1", "3_1_1", "8_1_1", "7_error_1", "E_101_1", *logits]


def test_each_link_of_a_shared_id_goes_to_the_node_it_comes_from(open_graph: Open) -> None:
    opened = open_graph(with_twins())
    opened.click_node("7_error_1")
    assert [weight for _, weight in opened.rows("Outputs")] == ["+7.00", "+5.00", "+3.00"]
    assert opened.rows("Inputs") == []
    opened.click_node("0_7_1")
    assert [weight for _, weight in opened.rows("Outputs")] == ["+6.00", "+4.00", "+1.00"]
    assert [weight for _, weight in opened.rows("Inputs")] == ["+9.00"]


def test_link_that_could_be_of_either_is_told_of(open_graph: Open) -> None:
    graph = with_twins()
    graph["links"].reverse()
    opened = open_graph(graph)
    assert "5 links of such an id could come from the feature or from the error" in notices(opened)
    opened.click_node("0_7_1")
    assert len(opened.rows("Outputs")) == 6


def test_links_to_unknown_ids_are_counted(open_graph: Open) -> None:
    graph = planted()
    gone = feature_node(2, 999, 3)
    graph["links"] += [link(gone, graph["nodes"][-1], 1.0), link(graph["nodes"][0], gone, 2.0)]
    opened = open_graph(graph)
    assert "2 links name a node that is not in the file and cannot be drawn: 2_999_3" in notices(
        opened
    )


def test_node_without_a_layer_is_told_of(open_graph: Open) -> None:
    graph = planted()
    graph["nodes"].append(feature_node(2, 999, 3) | {"layer": "?"})
    assert "1 node has no readable layer or position" in notices(open_graph(graph))


@pytest.mark.parametrize("logit_layer", ["4", "5"])
@pytest.mark.parametrize("embedding_layer", ["E", -1, "-1"])
def test_layers_of_every_writer_give_the_same_rows(
    open_graph: Open, logit_layer: str, embedding_layer: str | int
) -> None:
    token = token_node(0) | {"layer": embedding_layer}
    feature = feature_node(3, 5, 0)
    logit = logit_node(int(logit_layer), " x", 0.5, 0)
    links = [link(token, feature, 1.0), link(feature, logit, 1.0)]
    opened = open_graph(graph_of(("a",), [token, feature, logit], links))
    labels = opened.page.locator("#layers span").all_inner_texts()
    assert labels == ["E", "0", "1", "2", "3", "logits"]
    assert notices(opened) == ""


def test_index_is_read_whether_paired_or_plain(open_graph: Open) -> None:
    paired, plain = feature_node(3, 16383, 0), feature_node(2, 40, 0)
    plain["feature"] = 40
    opened = open_graph(graph_of(("a",), [paired, plain, token_node(0)], []))
    assert paired["feature"] == cantor(3, 16383)
    opened.click_node(paired["node_id"])
    assert fact(opened, "Feature") == "16383"
    opened.click_node(plain["node_id"])
    assert fact(opened, "Feature") == "40"


def test_influence_that_is_not_there_disables_the_slider(open_graph: Open) -> None:
    graph = planted()
    for node in graph["nodes"]:
        node.pop("influence", None)
    opened = open_graph(graph)
    assert opened.page.locator("#influence").is_disabled()
    assert opened.page.locator("#influence-value").inner_text() == "not in this file"
    assert len(opened.shown) == len(graph["nodes"])


def test_saved_view_of_the_file_is_opened(open_graph: Open) -> None:
    view = {"pinnedIds": [TEXAS, "gone"], "supernodes": [["places", FRANCE]], "clickedId": TEXAS}
    opened = open_graph(planted() | {"qParams": view})
    assert opened.pinned() == [FRANCE, TEXAS]
    assert opened.selected == TEXAS
    assert opened.page.input_value("#pinned .group-label") == "places"
    assert "1 pinned id is not among the nodes: gone" in notices(opened)


def test_saved_view_that_names_nodes_the_older_way_is_opened(open_graph: Open) -> None:
    view = {"pinnedIds": ["3_77-0"], "supernodes": [["places", "1_78-0"]], "clickedId": "3_77-0"}
    opened = open_graph(planted() | {"qParams": view})
    assert opened.pinned() == [FRANCE, TEXAS]
    assert opened.selected == TEXAS
    assert notices(opened) == ""


def test_hostile_words_stay_words_everywhere(open_graph: Open) -> None:
    graph = planted()
    graph["metadata"] |= {"prompt": HOSTILE, "scan": HOSTILE, "slug": HOSTILE}
    graph["metadata"]["prompt_tokens"] = [HOSTILE] * 6
    graph["metadata"]["info"] |= {"description": HOSTILE, HOSTILE: HOSTILE}
    for node in graph["nodes"]:
        node["clerp"] = node["clerp"] if node["feature_type"] == "logit" else HOSTILE
    graph["links"].append({"source": HOSTILE, "target": TEXAS, "weight": 1.0})
    graph["qParams"] = {"pinnedIds": [TEXAS], "supernodes": [[HOSTILE, FRANCE]]}
    opened = open_graph(graph)
    assert opened.page.locator("#prompt").inner_text() == HOSTILE
    opened.click_node(TEXAS)
    assert opened.page.input_value("#label") == HOSTILE
    opened.page.click("#provenance summary")
    opened.page.fill("#search", "img")
    opened.page.wait_for_timeout(50)
    assert opened.page.locator("img, script:not([type]):not(body > script)").count() == 0
    assert opened.page.locator("body").count() == 1


def test_empty_graph_opens(open_graph: Open) -> None:
    opened = open_graph({"metadata": {}, "qParams": {}, "nodes": [], "links": []})
    assert opened.shown == []
    assert opened.page.locator("#prompt").inner_text() == "Attribution graph"


def test_dark_theme_follows_the_system(browser: "Browser", tmp_path: Path) -> None:
    write_page(json.dumps(planted()), tmp_path / "graph.html")
    ground = "getComputedStyle(document.body).backgroundColor"
    light = Opened(browser, tmp_path / "graph.html").page.evaluate(ground)
    dark = Opened(browser, tmp_path / "graph.html", dark=True).page.evaluate(ground)
    assert (light, dark) == ("rgb(244, 246, 248)", "rgb(15, 19, 23)")
