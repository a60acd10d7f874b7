"""Building the explorer's site: seconds, page weights, and how fast its search answers.

Two sites: this project's replications, and 1,000 made-up ones (50 papers on 20 models). The search
is timed in Chromium from the key press to the next frame; without Chromium it is left out.
"""

import shutil
import time
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from harness.experiments.context import no_progress
from harness.explorer.build import build_site
from harness.explorer.output_folder import write_site
from harness.explorer.pages import site_pages
from harness.replication import replication_roots
from tests.explorer.synthetic import RARE_CLAIM, synthetic_feed

if TYPE_CHECKING:
    from playwright.sync_api import Page

CHECKOUT = Path(__file__).parents[1]
QUERIES = ("steering", "not replicated heads", RARE_CLAIM, "author 7", "nothing has these words")
_TYPED = """(words) => new Promise((done) => {
    const box = document.getElementById("q");
    const started = performance.now();
    box.value = words;
    box.dispatchEvent(new Event("input", { bubbles: true }));
    requestAnimationFrame(() => setTimeout(() => done(performance.now() - started)));
})"""


def main() -> None:
    """Print the numbers of both sites."""
    with TemporaryDirectory() as folder:
        started = time.perf_counter()
        built = build_site(
            replication_roots(CHECKOUT),
            Path(folder) / "real",
            progress=no_progress,
            skip_broken=True,
        )
        seconds = time.perf_counter() - started
        print(f"{built.replications} replications: {seconds:.1f} s, {built.files} files")
        _tell_weights(Path(folder) / "real")
        started = time.perf_counter()
        feed = synthetic_feed()
        drawn = time.perf_counter()
        pages = {name: text.encode() for name, text in site_pages(feed, ()).items()}
        write_site(Path(folder) / "many", pages, {})
        seconds = time.perf_counter() - drawn
        print(f"{len(feed.replications):,} replications: {seconds:.1f} s, {len(pages)} files")
        _tell_weights(Path(folder) / "many")
        _tell_search(Path(folder) / "many" / "index.html")


def _tell_weights(site: Path) -> None:
    index = (site / "index.html").stat().st_size
    papers = [path.stat().st_size for path in site.glob("papers/*.html")]
    feed = (site / "feed.json").stat().st_size
    print(
        f"  index {index / 1e3:.0f} kB, papers {min(papers) / 1e3:.0f} to {max(papers) / 1e3:.0f} "
        f"kB, feed {feed / 1e6:.2f} MB"
    )


def _tell_search(index: Path) -> None:
    path = shutil.which("chromium")
    if path is None:
        print("  no chromium on PATH: search not timed")
        return
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        page = browser.new_page()
        started = time.perf_counter()
        page.goto(index.as_uri())
        page.wait_for_selector("html[data-ready]", state="attached")
        print(f"  opened in {1000 * (time.perf_counter() - started):.0f} ms")
        for words in QUERIES:
            milliseconds, count = _search(page, words)
            print(f"  {words!r}: {milliseconds:.0f} ms, {count}")
        browser.close()


def _search(page: "Page", words: str) -> tuple[float, str]:
    """Median of five searches, each from the whole list."""
    taken: list[float] = []
    for _ in range(5):
        page.evaluate(_TYPED, "")
        taken.append(page.evaluate(_TYPED, words))
    return median(taken), page.inner_text("#count")


if __name__ == "__main__":
    main()
