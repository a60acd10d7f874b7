"""The text of an HTML or XML page as Markdown without links, emphasis or pictures."""

from harness.record import HarnessError

_UNREAD = ("script", "style", "noscript", "template", "annotation", "annotation-xml", "svg")
"""Not shown; `annotation` says a formula a second time, in TeX."""
_TWICE = ".katex-html"
"""A formula that stands beside it as MathML."""
_PLAIN = ["a", "img", "em", "strong", "b", "i", "u", "code", "kbd", "del", "s"]
"""Marks that stand between the words of a sentence, and no quote has."""


def html_text(markup: str, source: str) -> tuple[str, str | None]:
    """The text, and what `<title>` says. Raises `HarnessError` where there is none."""
    from bs4 import BeautifulSoup
    from markdownify import MarkdownConverter

    converter = MarkdownConverter(
        strip=_PLAIN, heading_style="ATX", escape_asterisks=False, escape_underscores=False
    )
    try:
        page = BeautifulSoup(markup, "html.parser")
        for each in (*page.find_all(_UNREAD), *page.select(_TWICE)):
            each.decompose()
        found = page.find("title")
        title = found.get_text() if found else None
        text = converter.convert_soup(page)
    except RecursionError as error:
        raise HarnessError(f"{source}: its elements lie too deep in each other") from error
    return text, title
