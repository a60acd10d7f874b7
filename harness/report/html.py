"""Render a page as one HTML file that loads nothing: styles and images stand inside it.

There is no script, and a policy in the head forbids any. Text is escaped.
"""

import base64
from collections.abc import Iterable, Iterator, Mapping
from html import escape as escape_markup
from importlib.resources import files
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

_HEAD = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<title>{title}</title>
<style>
{style}
</style>
</head>
<body>
<main>
"""
_POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"


def render_html(title: str, blocks: Iterable[Block], images: Mapping[str, bytes]) -> str:
    """The page as one file; `images` holds the PNG of every picture, by its path."""
    head = _HEAD.format(policy=_POLICY, title=escape(title), style=_style())
    body = "\n".join(part for block in blocks for part in _block(block, images))
    return f"{head}{body}\n</main>\n</body>\n</html>\n"


def escape(text: str) -> str:
    """Plain text in which no character means anything to HTML, quotes included."""
    return escape_markup(without_machine_paths(text), quote=True)


def _style() -> str:
    tones = "\n".join(f".{tone} {{ --tone: {look.colour}; }}" for tone, look in LOOKS.items())
    return files("harness.report").joinpath("page.css").read_text("utf-8") + tones


def _block(block: Block, images: Mapping[str, bytes]) -> Iterator[str]:
    match block:
        case Heading(level=level, text=text, anchor=anchor):
            yield f'<h{level} id="{escape(anchor)}">{escape(text)}</h{level}>'
        case Paragraph(line=line):
            yield f"<p>{_line(line)}</p>"
        case Listing(items=items):
            yield f"<ul>{''.join(f'<li>{_line(item)}</li>' for item in items)}</ul>"
        case Quotation(text=text):
            yield f"<blockquote>“{escape(text)}”</blockquote>"
        case Table():
            yield _table(block)
        case Picture(path=path, caption=caption):
            yield _figure(images[path], caption)
        case Commands(text=text) | Verbatim(text=text):
            yield f"<pre><code>{escape(text)}</code></pre>"
        case Details(summary=summary, blocks=blocks, anchor=anchor):
            yield f'<details id="{escape(anchor)}">'
            yield f"<summary>{_line(summary)}</summary>"
            yield from (part for inner in blocks for part in _block(inner, images))
            yield "</details>"
        case _:
            assert_never(block)


def _figure(png: bytes, caption: str) -> str:
    data, words = base64.b64encode(png).decode(), escape(caption)
    image = f'<img alt="{words}" src="data:image/png;base64,{data}">'
    return f"<figure>{image}<figcaption>{words}</figcaption></figure>"


def _table(table: Table) -> str:
    head = "".join(f"<th>{escape(text).replace('+', '+<wbr>')}</th>" for text in table.head)
    rows = "".join(f"<tr>{''.join(map(_cell, row))}</tr>\n" for row in table.rows)
    inner = f"<thead><tr>{head}</tr></thead>\n<tbody>{rows}</tbody>"
    return f'<div class="wide"><table class="{table.style}">{inner}</table></div>'


def _cell(cell: TableCell) -> str:
    lines = "<br>".join(map(_line, cell.lines)) or DASH
    if cell.tone is None:
        return f"<td>{lines}</td>"
    look = LOOKS[cell.tone]
    return f'<td class="cell {cell.tone}" title="{look.word}"><i>{look.glyph}</i> {lines}</td>'


def _line(line: Line) -> str:
    return "".join(map(_inline, line))


def _inline(inline: Inline) -> str:
    match inline:
        case Strong(text=text):
            return f"<b>{escape(text)}</b>"
        case Small(text=text):
            return f"<small>{escape(text)}</small>"
        case Code(text=text):
            return f"<code>{escape(text)}</code>"
        case Link(text=text, target=target):
            return f'<a href="{escape_markup(target, quote=True)}">{escape(text)}</a>'
        case Badge(tone=tone, text=text):
            return f'<span class="badge {tone}">{LOOKS[tone].glyph} {escape(text)}</span>'
        case str():
            return escape(inline)
        case _:
            assert_never(inline)
