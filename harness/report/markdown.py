"""Render a page as GitHub-flavoured Markdown. Text from specs is escaped, never markup."""

import re
from collections.abc import Iterable, Iterator
from typing import assert_never

from harness.report.document import (
    Badge,
    Block,
    Code,
    Commands,
    Details,
    Heading,
    Inline,
    Line,
    Link,
    Listing,
    Paragraph,
    Picture,
    Quotation,
    Small,
    Strong,
    Table,
    TableCell,
    Verbatim,
)
from harness.report.marks import LOOKS
from harness.report.wording import DASH, without_machine_paths

_ACTIVE = re.compile(r"([\\`*_{}\[\]|~$]|(?<!&)#)")


def render_markdown(blocks: Iterable[Block]) -> str:
    """The page as the text of a Markdown file."""
    return "\n\n".join(part for block in blocks for part in _block(block)) + "\n"


def escape(text: str) -> str:
    """Plain text, on one line, in which no character means anything to Markdown or HTML."""
    return _ACTIVE.sub(r"\\\1", _without_tags(text))


def _block(block: Block) -> Iterator[str]:
    match block:
        case Heading(level=level, text=text, anchor=anchor):
            yield f'<a id="{anchor}"></a>'
            yield f"{'#' * level} {escape(text)}"
        case Paragraph(line=line):
            yield _line(line).rstrip()
        case Listing(items=items):
            yield "\n".join(f"- {_line(item)}" for item in items)
        case Quotation(text=text):
            yield f"> “{escape(text)}”"
        case Table():
            yield _table(block)
        case Picture(path=path, caption=caption):
            yield f"![{escape(caption)}]({path})"
            yield f"<sub>{escape(caption)}</sub>"
        case Commands(text=text):
            yield f"```sh\n{without_machine_paths(text)}\n```"
        case Verbatim(text=text, language=language):
            fence = "`" * max(3, 1 + max(map(len, re.findall("`+", text)), default=0))
            yield f"{fence}{language}\n{without_machine_paths(text)}\n{fence}"
        case Details(summary=summary, blocks=blocks, anchor=anchor):
            yield f'<a id="{anchor}"></a>'
            yield f"<details>\n<summary>{''.join(map(_in_html, summary))}</summary>"
            yield render_markdown(blocks).rstrip("\n")
            yield "</details>"
        case _:
            assert_never(block)


def _table(table: Table) -> str:
    lines = [f"| {' | '.join(map(escape, table.head))} |", "|" + "---|" * len(table.head)]
    lines += [f"| {' | '.join(map(_cell, row))} |" for row in table.rows]
    return "\n".join(lines)


def _cell(cell: TableCell) -> str:
    mark = f"{LOOKS[cell.tone].emoji} " if cell.tone else ""
    return mark + ("<br>".join(map(_line, cell.lines)) or DASH)


def _line(line: Line) -> str:
    return "".join(map(_inline, line))


def _inline(inline: Inline) -> str:
    match inline:
        case Strong(text=text):
            return f"**{escape(text)}**"
        case Small(text=text):
            return f"<sub>{escape(text)}</sub>"
        case Code(text=text):
            return f"<code>{escape(text)}</code>"
        case Link(text=text, target=target):
            return f"[{escape(text)}]({_target(target)})"
        case Badge(tone=tone, text=text):
            return f"{LOOKS[tone].emoji}&nbsp;**{escape(text)}**"
        case str():
            return escape(inline)
        case _:
            assert_never(inline)


def _in_html(inline: Inline) -> str:
    """For a summary, in which GitHub reads HTML and no Markdown."""
    match inline:
        case Strong(text=text):
            return f"<b>{_without_tags(text)}</b>"
        case Small(text=text):
            return f"<sub>{_without_tags(text)}</sub>"
        case Code(text=text):
            return f"<code>{_without_tags(text)}</code>"
        case Link(text=text) | Badge(text=text):
            mark = f"{LOOKS[inline.tone].emoji} " if isinstance(inline, Badge) else ""
            return f"{mark}<b>{_without_tags(text)}</b>"
        case str():
            return _without_tags(inline)
        case _:
            assert_never(inline)


def _without_tags(text: str) -> str:
    flat = re.sub(r"[ \t\r\n\f\v]+", " ", without_machine_paths(text)).replace("&", "&amp;")
    return flat.replace("<", "&lt;").replace(">", "&gt;").replace("@", "&#64;")


def _target(target: str) -> str:
    return target.replace("(", "%28").replace(")", "%29").replace(" ", "%20").replace("<", "%3C")
