"""A real browser for tests of pages, and what a person does with a graph in it."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

_ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]


@contextmanager
def chromium() -> Iterator["Browser"]:
    """The browser on PATH; the test is skipped where there is none."""
    path = shutil.which("chromium")
    if path is None:
        pytest.skip("no chromium on PATH")
    sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=_ARGUMENTS)
        yield browser
        browser.close()


class Opened:
    """One page that was opened from its file, with all that it asked for and complained of."""

    def __init__(self, browser: "Browser", path: Path, *, dark: bool = False) -> None:
        self.page: Page = browser.new_page(
            viewport={"width": 1400, "height": 1000},
            color_scheme="dark" if dark else "light",
            accept_downloads=True,
        )
        self.page.set_default_timeout(10_000)
        self.requests: list[str] = []
        self.complaints: list[str] = []
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("console", lambda message: self.complaints.append(message.text))
        self.page.goto(path.as_uri())
        self.page.wait_for_selector("html[data-ready]", state="attached")

    @property
    def ready_milliseconds(self) -> int:
        """From the start of the navigation to the first drawing."""
        return int(self.page.get_attribute("html", "data-ready") or "")

    @property
    def selected(self) -> str | None:
        return self.page.evaluate("attributionGraph.selected()")

    @property
    def shown(self) -> list[str]:
        """The ids of the nodes that are not hidden."""
        return self.page.evaluate("attributionGraph.ids()")

    def click_node(self, node: str, *, holding: str | None = None) -> None:
        """A real click of the mouse on the place where the node is drawn."""
        at = self.page.evaluate("id => attributionGraph.place(id)", node)
        if holding:
            self.page.keyboard.down(holding)
        self.page.mouse.click(at["x"], at["y"])
        if holding:
            self.page.keyboard.up(holding)

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)

    def pixels(self, canvas: str, *, near: tuple[int, int, int] | None = None) -> int:
        """How many are painted, of one colour if it is given."""
        return self.page.evaluate(
            """([canvas, near]) => new Promise((done) => requestAnimationFrame(() => {
                const painted = document.getElementById(canvas);
                const { width, height } = painted;
                const context = Object.assign(document.createElement("canvas"), { width, height })
                    .getContext("2d", { willReadFrequently: true });
                context.drawImage(painted, 0, 0);
                const { data } = context.getImageData(0, 0, width, height);
                const fits = (i) => near === null ? data[i + 3] > 0 : data[i + 3] > 200 &&
                    near.every((level, c) => Math.abs(data[i + c] - level) < 30);
                let count = 0;
                for (let i = 0; i < data.length; i += 4) count += fits(i);
                done(count);
            }))""",
            [canvas, near],
        )

    def rows(self, label: str) -> list[tuple[str, str]]:
        """Node id and number of each row of the list that has this label."""
        rows = self.page.locator(f'ul[aria-label="{label}"] > li')
        return [
            (
                row.locator("button").first.get_attribute("data-node") or "",
                row.locator(".number").first.inner_text(),
            )
            for row in rows.all()
        ]

    def pinned(self) -> list[str]:
        rows = self.page.locator("#pinned button.row")
        return [row.get_attribute("data-node") or "" for row in rows.all()]

    def slide(self, control: str, value: float) -> None:
        self.page.locator(f"#{control}").fill(str(value))
