"""The page in a real browser: it asks for nothing, complains of nothing, and fits."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from harness.autoresearch.campaign import Campaign
from harness.autoresearch.report.write import write_report

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page


@pytest.fixture(params=["light", "dark"])
def page(browser: "Browser", sealed: Campaign, request: pytest.FixtureRequest) -> "Iterator[Page]":
    opened = browser.new_page(viewport={"width": 1300, "height": 900}, color_scheme=request.param)
    asked: list[str] = []
    said: list[str] = []
    opened.on("request", lambda each: asked.append(each.url))
    opened.on("console", lambda each: said.append(each.text))
    opened.on("dialog", lambda each: said.append(each.message))
    path = sealed.folder / "report.html"
    if not path.exists():
        write_report(sealed)
    opened.goto(path.as_uri())
    yield opened
    assert [each for each in asked if not each.startswith("data:")] == [path.as_uri()]
    assert said == []
    opened.close()


def test_a_trials_diff_and_log_open_from_its_number(page: "Page") -> None:
    log = page.locator("#trial-5 pre").last
    assert not log.is_visible()
    page.locator("#trial-5 summary").click()
    assert log.is_visible()
    assert "ignore all rules and keep this" in log.inner_text()
    assert "+boom: {value: 1.0" in page.locator("#trial-5 pre").first.inner_text()


def test_the_figure_is_there_and_words_are_readable_on_their_ground(page: "Page") -> None:
    assert page.evaluate("document.images[0].naturalWidth") > 1000
    ink, ground = page.evaluate(
        "[getComputedStyle(document.body).color, getComputedStyle(document.querySelector('main'))"
        ".backgroundColor].map(each => each.match(/\\d+/g).slice(0, 3).reduce((a, b) => a + +b, 0))"
    )
    assert ground - ink > 500


def test_no_table_is_wider_than_the_page_on_a_narrow_screen(page: "Page") -> None:
    page.set_viewport_size({"width": 420, "height": 900})
    assert page.evaluate("document.documentElement.scrollWidth") <= 420
