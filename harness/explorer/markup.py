"""HTML of elements in which every text is escaped unless it is markup already."""

from collections.abc import Iterable

from harness.report.html import escape

_EMPTY = frozenset({"img", "input", "meta", "rect"})


class Markup(str):
    """Text that is HTML. Only this module makes it of anything but other markup."""

    __slots__ = ()


Content = str | Iterable["Content"]
"""Plain text, markup, or several of them."""
Attribute = str | int | float | bool | None


def element(tag: str, *content: Content, **attributes: Attribute) -> Markup:
    """`<tag attributes>content</tag>`.

    A trailing underscore of an attribute's name is dropped, others become hyphens. `None` and
    `False` leave an attribute out, `True` gives it no value.
    """
    opening = f"<{tag}{''.join(_attribute(*each) for each in attributes.items())}"
    if tag in _EMPTY:
        assert not content, content
        return Markup(f"{opening}/>")
    return Markup(f"{opening}>{join(content)}</{tag}>")


def join(content: Content, between: str = "") -> Markup:
    """Several pieces as one, with plain text between them."""
    if isinstance(content, Markup):
        return content
    if isinstance(content, str):
        return Markup(escape(content))
    return Markup(escape(between).join(join(each) for each in content))


def _attribute(name: str, value: Attribute) -> str:
    name = name.rstrip("_").replace("_", "-")
    if value is None or value is False:
        return ""
    return f" {name}" if value is True else f' {name}="{escape(str(value))}"'
