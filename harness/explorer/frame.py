"""What every page of the site has in common: head with its policy, skip link, header, footer.

Styles and script stand in the page under the hash that the policy allows, so that a page is the
same from a file and from a server, and nothing else is loaded but pictures beside it.
"""

from importlib.resources import files
from typing import NamedTuple

from harness.explorer.feed import Feed
from harness.explorer.markup import Content, Markup, element, join
from harness.graphs.viewer import content_hash
from harness.report.marks import LOOKS

NAME = "Interpretability Replications"


class Place(NamedTuple):
    """A page's title and where it lies."""

    title: str
    up: str
    """Path to the site's root: empty there, `../` in a folder of it."""


def page(place: Place, main: Content, *, feed: Feed, style: str, script: str = "") -> str:
    """A whole page; `style` and `script` are names of files of `page/`."""
    css, js = _style(style), _script(script) if script else ""
    whole = element(
        "html",
        element("head", _head(place, css, js)),
        element("body", _body(place, main, feed, js)),
        lang="en",
    )
    return f"<!doctype html>\n{whole}\n"


def web_link(text: Content, address: str, **attributes: str) -> Markup:
    """A link out of the site. Addresses are of records, which take http(s) alone."""
    assert address.startswith(("https://", "http://")), address
    return element("a", text, href=address, rel="noopener noreferrer", **attributes)


def _head(place: Place, css: str, js: str) -> Content:
    policy = (
        "default-src 'none'; base-uri 'none'; form-action 'none'; img-src 'self' data:; "
        f"style-src {content_hash(css)}" + (f"; script-src {content_hash(js)}" if js else "")
    )
    title = place.title if place.title == NAME else f"{place.title} · {NAME}"
    return [
        element("meta", charset="utf-8"),
        # Written by hand: the policy's quotes are its own, and nothing in it is of a spec.
        Markup(f'<meta http-equiv="Content-Security-Policy" content="{policy}">'),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("meta", name="color-scheme", content="light dark"),
        element("meta", name="referrer", content="no-referrer"),
        element("title", title),
        Markup(f"<style>{css}</style>"),
    ]


def _body(place: Place, main: Content, feed: Feed, js: str) -> Content:
    return [
        element("a", "Skip to the content", href="#main", class_="skip"),
        element(
            "header",
            element("a", NAME, href=f"{place.up}index.html", class_="name") if place.up else "",
            element("nav", _links(place, feed), aria_label="Site"),
        ),
        element("main", main, id="main", tabindex="-1"),
        element("footer", element("p", _FOOT)),
        Markup(f"<script>{js}</script>") if js else "",
    ]


_FOOT = (
    "Made of the measurements in each replication's folder. A verdict is about one model under one "
    "set-up; deviations from the paper stand beside it."
)


def _links(place: Place, feed: Feed) -> Content:
    links = [element("a", "Data", href=f"{place.up}feed.json")]
    if feed.repository:
        links.append(web_link("Source", str(feed.repository)))
    return join(links)


def _style(name: str) -> str:
    tones = "".join(f".{tone}{{--hue:{look.colour}}}\n" for tone, look in LOOKS.items())
    return _part("site.css") + _part(name) + tones


def _script(name: str) -> str:
    return f'"use strict";\n(() => {{\n{_part(name)}}})();\n'


def _part(name: str) -> str:
    return files("harness.explorer").joinpath("page", name).read_text("utf-8")
