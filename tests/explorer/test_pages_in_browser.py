"""The site as people meet it: from a file and a server, wide and on a phone."""

from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Any

import pytest

from harness.explorer.serve import address, serving
from tests.explorer.opened_page import PHONE, WIDE, OpenedPage, faults

if TYPE_CHECKING:
    from playwright.sync_api import Browser

PAPER = "papers/attribution-graphs.html"


def test_a_cell_opens_and_closes_by_keys_and_tells_all(browser: "Browser", site: Path) -> None:
    opened = OpenedPage(browser, (site / "papers/ioi.html").as_uri())
    page, box = opened.page, opened.page.locator("#cell-0-0")
    assert not box.is_visible()
    page.locator("[popovertarget=cell-0-0]").first.focus()
    page.keyboard.press("Enter")
    text = " ".join(box.inner_text().split())
    for told in (
        "Replicated here: smollm2-135m-instruct, n = 500, 1 seed",
        "0.980 [0.964, 0.989]",
        "IO > S in 99.3% of examples",
        "0.99 (duplicated-names-preference)",
        "at least 0.9 (most prompts",
        "0.484 [0.440, 0.528] unrelated names",
    ):
        assert told in text
    page.keyboard.press("Escape")
    assert not box.is_visible()
    assert page.evaluate("document.activeElement.getAttribute('popovertarget')") == "cell-0-0"
    opened.close()


def test_the_matrix_scrolls_within_itself_and_keeps_head_and_claims_in_sight(
    browser: "Browser", many: Path
) -> None:
    opened = OpenedPage(browser, (many / "papers/paper-00.html").as_uri(), size=PHONE)
    assert opened.width_beyond_the_window() == 0
    page = opened.page
    before = page.locator(".matrix thead th").first.bounding_box()
    page.evaluate("document.querySelector('.matrix').scrollBy(900, 700)")
    assert page.evaluate("document.querySelector('.matrix').scrollLeft") == 900
    assert page.locator(".matrix thead th").first.bounding_box() == before
    claim = page.locator(".matrix th[scope=row]").nth(5).bounding_box()
    assert before is not None
    assert claim is not None
    assert claim["x"] == before["x"]
    opened.close()


@pytest.mark.parametrize("name", ["index.html", PAPER])
@pytest.mark.parametrize("size", [WIDE, PHONE], ids=["wide", "phone"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_pages_fit_and_are_accessible(
    browser: "Browser", site: Path, tmp_path: Path, name: str, size: Any, scheme: str
) -> None:
    opened = OpenedPage(browser, (site / name).as_uri(), size=size, color_scheme=scheme)
    opened.page.screenshot(path=tmp_path / "page.png")
    assert opened.width_beyond_the_window() == 0
    assert faults(opened.page) == []
    opened.close()


def test_an_opened_cell_is_accessible(browser: "Browser", site: Path) -> None:
    opened = OpenedPage(browser, (site / PAPER).as_uri())
    opened.page.locator(".matrix td > button").first.click()
    assert faults(opened.page) == []
    opened.close()


def test_what_is_not_accessible_is_found(browser: "Browser", site: Path) -> None:
    """The control of the tests above."""
    opened = OpenedPage(browser, (site / "index.html").as_uri())
    opened.page.evaluate("document.querySelector('.lead').style.color = '#d0d0d0'")
    opened.page.evaluate("document.querySelector('.card img').removeAttribute('alt')")
    assert {each.split(":")[0] for each in faults(opened.page)} == {"color-contrast", "image-alt"}
    opened.complaints.clear()
    opened.close()


@pytest.mark.parametrize("served", [False, True], ids=["file", "http"])
def test_a_page_asks_for_nothing_but_the_sites_own_files(
    browser: "Browser", site: Path, *, served: bool
) -> None:
    with serving(site, 0) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        root = address(server) if served else site.as_uri() + "/"
        try:
            for name in ("index.html", PAPER):
                opened = OpenedPage(browser, root + name)
                opened.page.locator("img").first.wait_for()
                loaded = "image => image.complete && image.naturalWidth === 480"
                opened.page.wait_for_function(f"({loaded})(document.querySelector('img'))")
                icon = root + "favicon.ico"
                assert all(url.startswith(root) for url in opened.requests)
                assert len({*opened.requests} - {icon}) >= 2
                opened.complaints[:] = [each for each in opened.complaints if "404" not in each]
                opened.close()
        finally:
            server.shutdown()
            thread.join()


def test_without_scripts_all_is_visible_and_filters_are_absent(
    browser: "Browser", site: Path
) -> None:
    opened = OpenedPage(browser, (site / "index.html").as_uri(), script=False)
    assert len(opened.papers) == 3
    assert not opened.page.is_visible("#filters")
    assert opened.count == "3 papers, 3 replications"
    opened.page.goto((site / "papers/ioi.html").as_uri())
    opened.page.locator("[popovertarget=cell-0-0]").first.click()
    assert opened.page.locator("#cell-0-0").is_visible()
    opened.close()


def test_hostile_words_of_a_spec_are_words(browser: "Browser", hostile_site: Path) -> None:
    for name in ("index.html", "papers/actadd.html"):
        for size in (WIDE, PHONE):
            opened = OpenedPage(browser, (hostile_site / name).as_uri(), size=size)
            assert opened.page.evaluate("window.hostile") is None
            assert opened.width_beyond_the_window() == 0
            text = opened.page.inner_text("main")
            assert "</script><script>window.hostile = 1</script>" in text
            assert '<img src="x" onerror="window.hostile = 2">' in text
            assert opened.page.locator("svg[onload], [onerror], script + script").count() == 0
            odd = 'a[href^="javascript"], a[href*="onerror"]:not([href*="tables/"])'
            assert opened.page.locator(odd).count() == 0
            assert all(url.startswith(hostile_site.as_uri()) for url in opened.requests)
            assert "שלום עולם" in text
            assert faults(opened.page) == []
            opened.close()
