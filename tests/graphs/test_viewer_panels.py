"""Search, feature cards and the header, in a browser; and that the page asks for nothing."""

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.graphs.chromium import Opened
from tests.graphs.viewer_graphs import FRANCE, FRANCE_TOKEN, TEXAS

if TYPE_CHECKING:
    from playwright.sync_api import Browser


@pytest.mark.parametrize(
    ("words", "found"),
    [("texas", TEXAS), ("3/77", TEXAS), ("1_78_4", FRANCE), ("FRANCE embedding", FRANCE_TOKEN)],
)
def test_search_finds_by_label_feature_id_and_token(opened: Opened, words: str, found: str) -> None:
    opened.press("/")
    opened.page.keyboard.type(words)
    opened.press("Enter")
    assert opened.selected == found


def test_search_says_when_nothing_is_found(opened: Opened) -> None:
    opened.page.fill("#search", "no such words")
    assert opened.page.locator("#found").inner_text() == "No node has these words"
    assert opened.page.locator("#found button").count() == 0


def test_search_result_that_the_slider_hides_is_shown_again(opened: Opened) -> None:
    opened.slide("influence", 0.05)
    assert TEXAS not in opened.shown
    opened.page.fill("#search", "texas")
    opened.page.keyboard.press("ArrowDown")
    opened.page.keyboard.press("Enter")
    assert opened.selected == TEXAS
    assert TEXAS in opened.shown


def test_card_tells_of_layer_feature_and_numbers(opened: Opened) -> None:
    opened.click_node(TEXAS)
    rows = opened.page.locator("#details .facts div").all()
    facts = dict(row.inner_text().split("\n") for row in rows)
    assert facts["Layer"] == "3"
    assert facts["Feature"] == "77"
    assert facts["Activation"] == "12.5"
    assert facts["Influence"] == "0.100"


def test_card_shows_logits_histogram_and_marked_examples(opened: Opened) -> None:
    opened.click_node(TEXAS)
    details = opened.page.locator("#details")
    assert details.locator(".logits.positive .token").first.inner_text() == "Austin"
    assert details.locator(".histogram rect").count() == 10
    example = details.locator(".example").first
    marks = [mark.inner_text() for mark in example.locator("mark").all()]
    assert marks == [" city", "<img src=x onerror=alert(1)>", " capital", " Texas"]
    widths = example.locator("mark").evaluate_all(
        "marks => marks.map((m) => parseInt(m.style.getPropertyValue('--strength')))"
    )
    assert max(widths) == widths[1] == 80
    assert details.locator("img").count() == 0


def test_feature_without_examples_says_so(opened: Opened) -> None:
    opened.click_node(FRANCE)
    assert "No examples of this feature" in opened.page.locator("#details").inner_text()


def test_page_asks_for_nothing_but_itself(opened: Opened, path: Path) -> None:
    opened.click_node(TEXAS)
    opened.page.click("#pin")
    opened.page.fill("#search", "France")
    opened.press("Enter", "?", "Escape")
    opened.page.click("#provenance summary")
    assert opened.requests == [path.as_uri()]


def test_policy_stops_a_request_that_is_tried(browser: "Browser", path: Path) -> None:
    opened = Opened(browser, path)
    tried = "fetch('https://example.org/').then(() => 'let through', () => 'stopped')"
    assert opened.page.evaluate(tried) == "stopped"
    assert any("Content Security Policy" in complaint for complaint in opened.complaints)


def test_header_tells_prompt_model_scores_and_provenance(opened: Opened) -> None:
    header = opened.page.locator("header")
    assert opened.page.locator("#prompt").inner_text() == "<bos>The capital of France is"
    assert "tiny" in opened.page.locator("#model").inner_text()
    assert "0.612" in header.inner_text()
    opened.page.click("#provenance summary")
    rows = opened.page.locator("#provenance-list").inner_text()
    assert "generation_settings · seed" in rows
    assert "pruning_settings · edge_threshold" in rows
