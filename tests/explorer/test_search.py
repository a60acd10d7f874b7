"""Search and filters of the first page, by mouse, keys and address."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.explorer.opened_page import OpenedPage
from tests.explorer.synthetic import RARE_CLAIM, RARE_PAPER

if TYPE_CHECKING:
    from playwright.sync_api import Browser


@pytest.fixture
def index(browser: "Browser", site: Path) -> Iterator[OpenedPage]:
    opened = OpenedPage(browser, (site / "index.html").as_uri())
    yield opened
    opened.close()


def test_everything_is_in_view_before_anything_is_asked(index: OpenedPage) -> None:
    assert index.count == "3 papers, 3 replications"
    assert sorted(index.papers) == ["actadd", "attribution-graphs", "ioi"]
    assert index.page.locator("#count").get_attribute("role") == "status"


def test_search_finds_titles_authors_models_and_hides_the_others(index: OpenedPage) -> None:
    for words, papers in (
        ("indirect object identification", ["ioi"]),
        ("turner", ["actadd"]),
        ("TURNER vazquez", ["actadd"]),
        ("capitals-4l", ["attribution-graphs"]),
        ("turner capitals-4l", []),
    ):
        index.search(words)
        assert index.papers == papers, words
    assert index.page.is_visible("#nothing")
    assert index.count == "0 of 3 papers, 0 of 3 replications"


def test_search_of_a_claim_shows_that_claim_alone(index: OpenedPage) -> None:
    index.search("copy that they are given")
    assert index.papers == ["ioi"]
    assert index.claims == ["name-movers-copy"]
    index.search("copy that they are given not replicated")
    assert index.claims == ["name-movers-copy"]
    index.search("copy that they are given inconclusive")
    assert index.papers == []
    index.page.locator("#nothing .clear").click()
    assert len(index.papers) == 3
    assert index.claims == []


def test_filters_join_and_the_verdict_is_that_of_a_claim(index: OpenedPage) -> None:
    index.choose("topic", "steering")
    assert index.papers == ["actadd"]
    index.choose("verdict", "not_replicated")
    assert index.claims == ["on-topic-text-likelier"]
    index.choose("topic", "")
    index.choose("family", "patching")
    assert index.papers == ["ioi"]
    assert len(index.claims) == 5
    index.choose("author", "David Udell")
    assert index.papers == []


def test_a_view_is_an_address_that_brings_it_back(
    browser: "Browser", site: Path, index: OpenedPage
) -> None:
    index.search("heads & movers")
    index.choose("verdict", "replicated")
    link, shown = index.page.url, (index.papers, index.claims, index.count)
    assert "q=heads+%26+movers" in link
    again = OpenedPage(browser, link)
    assert (again.papers, again.claims, again.count) == shown
    again.close()
    index.page.click("#filters .clear")
    assert index.page.url.endswith("index.html#")
    odd = (site / "index.html").as_uri() + "#model=nobody&topic=%3Cimg%3E&verdict=replicated"
    other = OpenedPage(browser, odd)
    assert len(other.papers) == 3
    other.close()


def test_a_topic_of_a_card_is_a_link_to_its_filter(index: OpenedPage) -> None:
    index.page.locator(".card .topics a", has_text="steering").first.click()
    index.page.wait_for_function("document.getElementById('topic').value === 'steering'")
    assert index.papers == ["actadd"]


def test_keys_alone_skip_search_choose_and_open_a_paper(index: OpenedPage) -> None:
    page = index.page
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the content"
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.id") == "q"
    page.keyboard.type("udell")
    assert index.papers == ["actadd"]
    for _ in range(7):
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url("**/papers/actadd.html")


def test_hostile_words_can_be_searched_and_filtered(browser: "Browser", hostile_site: Path) -> None:
    opened = OpenedPage(browser, (hostile_site / "index.html").as_uri())
    opened.search('onerror="window.hostile')
    assert opened.papers == ["actadd"]
    opened.choose("author", "javascript:window.hostile=3")
    assert opened.papers == ["actadd"]
    opened.search("zyzzyva")
    assert opened.papers == []
    opened.close()


def test_search_among_a_thousand_replications_answers_in_a_tenth_of_a_second(
    browser: "Browser", many: Path
) -> None:
    opened = OpenedPage(browser, (many / "index.html").as_uri())
    opened.search(RARE_PAPER)
    assert opened.papers == ["paper-07"]
    assert opened.count == "1 of 50 papers, 20 of 1,000 replications"
    opened.search(RARE_CLAIM)
    assert (opened.papers, opened.claims) == (["paper-03"], ["claim-2"])
    taken = opened.page.evaluate(
        """() => Math.min(...["steering", "heads not", "quokka"].map((words) => {
            const box = document.getElementById("q");
            const started = performance.now();
            box.value = words;
            box.dispatchEvent(new Event("input", { bubbles: true }));
            document.body.getBoundingClientRect();
            return performance.now() - started;
        }))"""
    )
    assert taken < 100
    opened.close()
