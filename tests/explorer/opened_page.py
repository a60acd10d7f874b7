"""One page of the site in a real browser, with all that it asked for and complained of."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

WIDE, PHONE = {"width": 1400, "height": 1000}, {"width": 390, "height": 844}


class OpenedPage:
    """A page at an address, of a file or a server."""

    def __init__(
        self,
        browser: "Browser",
        address: str,
        *,
        size: Any = WIDE,
        script: bool = True,
        **more: Any,
    ) -> None:
        context = browser.new_context(viewport=size, java_script_enabled=script, **more)
        self.page: Page = context.new_page()
        self.page.set_default_timeout(10_000)
        self.requests: list[str] = []
        self.complaints: list[str] = []
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("console", lambda message: self.complaints.append(message.text))
        self.page.on("dialog", lambda dialog: self.complaints.append(dialog.message))
        self.page.goto(address)
        if script and address.split("#")[0].endswith("index.html"):
            self.page.wait_for_selector("html[data-ready]", state="attached")

    @property
    def count(self) -> str:
        return self.page.inner_text("#count")

    @property
    def papers(self) -> list[str]:
        """Ids of the papers in view, in their order."""
        links = self.page.locator(".card:visible h3 a").all()
        return [(link.get_attribute("href") or "").split("/")[1][:-5] for link in links]

    @property
    def claims(self) -> list[str]:
        """Ids of the claims that the search shows."""
        links = self.page.locator(".claims[open] li:visible a").all()
        return [(link.get_attribute("href") or "").split("#claim-")[1] for link in links]

    def search(self, words: str) -> None:
        self.page.fill("#q", words)

    def choose(self, name: str, value: str) -> None:
        self.page.select_option(f"#{name}", value)

    def width_beyond_the_window(self) -> int:
        return self.page.evaluate("document.documentElement.scrollWidth - innerWidth")

    def close(self) -> None:
        assert self.complaints == []
        self.page.context.close()


def faults(page: "Page") -> list[str]:
    """What axe-core finds that is serious or critical."""
    from axe_playwright_python.sync_playwright import Axe

    found = Axe().run(page).response["violations"]
    return [
        f"{each['id']}: {each['nodes'][0]['html'][:160]}"
        for each in found
        if each["impact"] in ("serious", "critical")
    ]
