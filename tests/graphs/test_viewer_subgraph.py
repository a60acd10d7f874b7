"""Pins, supernodes, and what is taken out of the page, in a browser."""

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from harness.graphs.viewer import write_page
from tests.graphs.chromium import Opened
from tests.graphs.viewer_graphs import FRANCE, FRANCE_TOKEN, TEXAS, logit, planted

if TYPE_CHECKING:
    from playwright.sync_api import Browser


def exported(opened: Opened) -> dict[str, object]:
    """What the export button hands over as a file."""
    opened.page.click("#export-open")
    with opened.page.expect_download() as download:
        opened.page.click("#export-download")
    text = Path(download.value.path()).read_text("utf-8")
    assert text == opened.page.input_value("#export-text")
    opened.page.keyboard.press("Escape")
    assert not opened.page.locator("#export").is_visible()
    return json.loads(text)["qParams"]


@pytest.mark.parametrize("key", ["Control", "Shift"])
def test_click_with_a_held_key_pins_and_unpins(opened: Opened, key: str) -> None:
    opened.click_node(TEXAS, holding=key)
    opened.click_node(FRANCE, holding=key)
    assert opened.pinned() == [TEXAS, FRANCE]
    assert opened.selected is None
    opened.click_node(TEXAS, holding=key)
    assert opened.pinned() == [FRANCE]


def test_pin_button_draws_the_node_in_the_subgraph(opened: Opened) -> None:
    opened.click_node(TEXAS)
    assert opened.page.locator("#drawing .box").count() == 0
    opened.page.click("#pin")
    assert opened.page.locator('#drawing .box[data-box="Texas"]').count() == 1
    assert opened.page.locator("#pin").inner_text() == "Unpin"


def test_subgraph_shows_the_links_between_pinned_nodes_only(opened: Opened) -> None:
    for node in (TEXAS, FRANCE, logit(" Paris")):
        opened.click_node(node, holding="Control")
    weights = opened.page.locator("#drawing path[data-weight]")
    shown = sorted(float(each.get_attribute("data-weight") or "") for each in weights.all())
    known = {(FRANCE, TEXAS), (TEXAS, logit(" Paris")), (FRANCE, logit(" Paris"))}
    links = planted()["links"]
    assert shown == sorted(n["weight"] for n in links if (n["source"], n["target"]) in known)
    assert {4.5, 3.75} <= set(shown)


def group(opened: Opened, *nodes: str, name: str) -> None:
    for node in nodes:
        opened.page.locator(f'#pinned li:has(button[data-node="{node}"]) > input').check()
    opened.page.fill("#group-name", name)
    opened.page.click("#group")


def test_supernode_adds_up_the_links_of_its_members(opened: Opened) -> None:
    for node in (TEXAS, FRANCE, FRANCE_TOKEN):
        opened.click_node(node, holding="Control")
    group(opened, TEXAS, FRANCE, name="places")
    boxes = opened.page.locator("#drawing .box")
    assert {box.get_attribute("data-box") for box in boxes.all()} == {"places", "“France”"}
    [path] = opened.page.locator("#drawing path[data-weight]").all()
    assert float(path.get_attribute("data-weight") or "") == pytest.approx(2.5 - 1.25)


def test_supernode_is_renamed_and_taken_apart(opened: Opened) -> None:
    for node in (TEXAS, FRANCE):
        opened.click_node(node, holding="Control")
    group(opened, TEXAS, FRANCE, name="places")
    label = opened.page.locator("#pinned .group-label")
    label.fill("states and countries")
    label.press("Enter")
    assert exported(opened)["supernodes"] == [["states and countries", TEXAS, FRANCE]]
    opened.page.click("#pinned .supernode button:has-text('Ungroup')")
    assert exported(opened)["supernodes"] == []
    assert opened.pinned() == [TEXAS, FRANCE]


def test_box_is_dragged_and_stays_where_it_was_put(opened: Opened) -> None:
    opened.click_node(TEXAS, holding="Control")
    box = opened.page.locator('#drawing .box[data-box="Texas"]')
    before = box.bounding_box()
    assert before is not None
    start = (before["x"] + 20, before["y"] + 20)
    opened.page.mouse.move(*start)
    opened.page.mouse.down()
    opened.page.mouse.move(start[0] - 120, start[1] + 60, steps=4)
    opened.page.mouse.up()
    assert opened.selected is None
    opened.click_node(FRANCE, holding="Control")
    after = box.bounding_box()
    assert after is not None
    assert after["x"] == pytest.approx(before["x"] - 120, abs=2)
    assert after["y"] == pytest.approx(before["y"] + 60, abs=2)


def test_export_opens_again_as_the_same_view(
    opened: Opened, browser: "Browser", tmp_path: Path
) -> None:
    for node in (TEXAS, FRANCE, FRANCE_TOKEN):
        opened.click_node(node, holding="Control")
    group(opened, TEXAS, FRANCE, name="places")
    opened.click_node(FRANCE)
    opened.page.fill("#label", "the country")
    opened.page.press("#label", "Enter")
    view = exported(opened)
    assert view["pinnedIds"] == [TEXAS, FRANCE, FRANCE_TOKEN]
    assert view["supernodes"] == [["places", TEXAS, FRANCE]]
    assert view["clerps"] == [[FRANCE, "the country"]]
    write_page(json.dumps(planted() | {"qParams": view}), tmp_path / "again.html")
    again = Opened(browser, tmp_path / "again.html")
    assert again.selected == FRANCE
    assert again.page.input_value("#label") == "the country"
    assert exported(again) == view


def test_subgraph_is_saved_as_a_figure_with_its_own_colours(opened: Opened) -> None:
    for node in (TEXAS, FRANCE):
        opened.click_node(node, holding="Control")
    with opened.page.expect_download() as download:
        opened.page.click("#figure-save")
    figure = Path(download.value.path()).read_text("utf-8")
    assert download.value.suggested_filename == "planted.subgraph.svg"
    assert 'xmlns="http://www.w3.org/2000/svg"' in figure
    assert 'stroke="#0072b2"' in figure
    assert "var(" not in figure
