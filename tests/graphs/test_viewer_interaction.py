"""The graph in a browser: mouse, keys and sliders, on a graph whose links are known."""

import json
from pathlib import Path
from typing import TYPE_CHECKING

from harness.graphs.viewer import write_page
from tests.graphs.chromium import Opened
from tests.graphs.viewer_graphs import FRANCE, FRANCE_TOKEN, TEXAS, logit, planted

if TYPE_CHECKING:
    from playwright.sync_api import Browser

POSITIVE, NEGATIVE = (0, 114, 178), (213, 94, 0)


def test_nothing_is_selected_at_first_and_the_overview_stands_there(opened: Opened) -> None:
    assert opened.selected is None
    rows = opened.rows("Most influential features")
    assert rows[:2] == [(TEXAS, "0.100"), (FRANCE, "0.120")]


def test_click_selects_and_shows_links_by_strength_with_their_signs(opened: Opened) -> None:
    opened.click_node(TEXAS)
    assert opened.selected == TEXAS
    assert opened.rows("Inputs") == [(FRANCE, "+4.50"), (FRANCE_TOKEN, "−1.25")]
    assert opened.rows("Outputs") == [(logit(" Paris"), "+3.75"), (logit(" Lyon"), "−0.500")]


def test_click_on_a_link_goes_on_to_that_node(opened: Opened) -> None:
    opened.click_node(TEXAS)
    opened.page.click(f'ul[aria-label="Inputs"] button[data-node="{FRANCE}"]')
    assert opened.selected == FRANCE
    assert (TEXAS, "+4.50") in opened.rows("Outputs")


def test_click_beside_every_node_clears_the_selection(opened: Opened) -> None:
    opened.click_node(TEXAS)
    at = opened.page.evaluate("id => attributionGraph.place(id)", TEXAS)
    opened.page.mouse.click(at["x"] - 60, at["y"] + 20)
    assert opened.selected is None


def test_hover_tells_of_a_node_and_selects_nothing(opened: Opened) -> None:
    at = opened.page.evaluate("id => attributionGraph.place(id)", TEXAS)
    opened.page.mouse.move(at["x"], at["y"])
    assert "Texas" in opened.page.locator("#tip").inner_text()
    assert opened.page.locator("#stage.focused").count() == 1
    assert opened.selected is None
    opened.page.mouse.move(5, 5)
    assert not opened.page.locator("#tip").is_visible()
    assert opened.page.locator("#stage.focused").count() == 0


def test_hover_draws_links_in_the_colours_of_their_signs(opened: Opened) -> None:
    assert opened.pixels("overlay", near=POSITIVE) == opened.pixels("overlay", near=NEGATIVE) == 0
    at = opened.page.evaluate("id => attributionGraph.place(id)", TEXAS)
    opened.page.mouse.move(at["x"], at["y"])
    assert opened.pixels("overlay", near=POSITIVE) > 100
    assert 10 < opened.pixels("overlay", near=NEGATIVE) < opened.pixels("overlay", near=POSITIVE)


def test_arrow_keys_walk_by_token_and_by_layer(opened: Opened) -> None:
    opened.page.focus("#plane")
    opened.press("ArrowDown")
    assert opened.selected == logit(" Paris")
    opened.click_node("3_304_4")
    opened.press("ArrowRight")
    assert opened.selected == "3_305_5"
    opened.press("ArrowRight")
    assert opened.selected == TEXAS
    opened.press("ArrowLeft", "ArrowLeft", "ArrowLeft")
    assert opened.selected == "3_303_3"
    opened.press("ArrowUp")
    assert opened.selected == "4_403_3"
    opened.press("ArrowDown", "ArrowDown")
    assert opened.selected == "2_203_3"


def test_walk_ends_at_the_edge(opened: Opened) -> None:
    opened.click_node("E_100_0")
    opened.press("ArrowLeft", "ArrowDown")
    assert opened.selected == "E_100_0"


def test_keys_pin_search_help_and_clear(opened: Opened) -> None:
    opened.click_node(TEXAS)
    opened.press("Enter")
    assert opened.pinned() == [TEXAS]
    opened.press("p")
    assert opened.pinned() == []
    opened.press("?")
    assert opened.page.locator("#help").is_visible()
    opened.press("Escape")
    assert not opened.page.locator("#help").is_visible()
    assert opened.selected == TEXAS
    opened.press("Escape")
    assert opened.selected is None
    opened.press("/")
    assert opened.page.evaluate("document.activeElement.id") == "search"


def test_letters_in_a_text_field_are_no_commands(opened: Opened) -> None:
    opened.click_node(TEXAS)
    opened.page.fill("#search", "")
    opened.page.type("#search", "p?/")
    assert opened.pinned() == []
    assert not opened.page.locator("#help").is_visible()
    assert opened.page.input_value("#search") == "p?/"


def test_focus_is_seen_and_the_selection_is_spoken(opened: Opened) -> None:
    opened.page.focus("#plane")
    opened.press("ArrowDown")
    outline = "getComputedStyle(document.getElementById('plane')).outlineStyle"
    assert opened.page.evaluate(outline) == "solid"
    assert "“Paris”, logit" in opened.page.locator("#spoken").inner_text()
    assert "Attribution graph of 6 tokens" in str(opened.page.get_attribute("#plane", "aria-label"))


def test_influence_slider_hides_what_lies_above_it(opened: Opened) -> None:
    everything = opened.shown
    assert len(everything) == len(planted()["nodes"])
    opened.slide("influence", 0.3)
    kinds = ("embedding", "logit")
    kept = [n for n in planted()["nodes"] if n["feature_type"] in kinds or n["influence"] <= 0.3]
    assert opened.shown == [node["node_id"] for node in kept]
    assert len(kept) < len(everything)
    assert "12 of 48" in opened.page.locator("#influence-value").inner_text()


def test_pinned_node_stays_whatever_the_slider_says(opened: Opened) -> None:
    opened.click_node("5_505_5", holding="Control")
    opened.slide("influence", 0.05)
    assert "5_505_5" in opened.shown
    assert TEXAS not in opened.shown


def test_threshold_of_the_file_is_where_the_slider_starts(
    browser: "Browser", tmp_path: Path
) -> None:
    graph = planted()
    graph["metadata"]["node_threshold"] = 0.11
    write_page(json.dumps(graph), tmp_path / "graph.html")
    opened = Opened(browser, tmp_path / "graph.html")
    assert opened.page.input_value("#influence") == "0.11"
    assert TEXAS in opened.shown
    assert FRANCE not in opened.shown


def test_legend_hides_a_kind_and_brings_it_back(opened: Opened) -> None:
    opened.page.click('[data-kind="error"]')
    assert not [node for node in opened.shown if "error" in node]
    opened.page.click('[data-kind="error"]')
    assert len([node for node in opened.shown if "error" in node]) == 6


def test_strongest_links_are_drawn_as_many_as_asked(opened: Opened) -> None:
    some = opened.pixels("base")
    opened.slide("strongest", 0)
    none = opened.pixels("base")
    opened.slide("strongest", 260)
    assert none < some < opened.pixels("base")
