"""Markup that acts: in pages, drawings, Markdown, notebooks, and in strings that become markup."""

import json
import re
from collections.abc import Iterator
from html import unescape
from itertools import islice
from typing import cast

from harness.review.finding import Finding, Severity
from harness.review.rules.drawings import drawing_faults
from harness.review.rules.elements import PAGE, PROSE, Fault, dangerous_target, faults
from harness.review.rules.texts import Text, line_at, matches, texts
from harness.review.submission import Submission

_MOST = 20
_TARGET = re.compile(
    r"(?:(?<!\\)\]\(|^ {0,3}\[[^\]\n]{1,200}\]:)\s{0,5}"
    r"(?:<([^>\n]{0,500})>?|([^)\s<][^)\s]{0,500}))",
    re.MULTILINE,
)
_IMAGE = re.compile(r"^[^\n]*!\[[^\n]*$", re.MULTILINE)
_FIGURE = re.compile(r"!\[(?:\\.|[^\[\]\\\n])*\]\(figures/[A-Za-z0-9._-]+\.(?:png|svg)\)")
"""A picture as a report shows one, on a line of its own."""
_ACTIVE_STRING = re.compile(
    r"<[\s/]{0,3}(?:script|iframe|object|embed|svg|math|form|base|link|meta|style|img|video|audio)"
    r"(?=[\s/>])|<[a-z][^<>\n]{0,200}\son[a-z]{3,20}\s{0,3}="
    r"|(?:java|vb)script\s{0,3}:|data:text/html",
    re.IGNORECASE,
)
_TAG = re.compile(
    r"</?(?:a|b|i|p|div|span|br|code|pre|table|tr|td|th|ul|ol|li|h[1-6]|details|summary|sub|sup"
    r"|font|center|input|button)(?:\s[^<>\n]{0,200})?/?>",
    re.IGNORECASE,
)
_STRINGS = frozenset({".yaml", ".yml", ".json", ".jsonl", ".csv"})
_KERNEL = {"display_name": "Python 3", "language": "python", "name": "python3"}


def markup(submission: Submission) -> Iterator[Finding]:
    """Scripts, handlers, frames, loads from elsewhere, links that run, entities, outputs."""
    for relative, blob in submission.files.items():
        if relative.lower().endswith(".svg") and blob.kind in ("file", "executable"):
            found = islice(drawing_faults(blob.content), _MOST)
            yield from _all("svg", submission.path(relative), found)
    for text in texts(submission):
        if text.suffix == ".html":
            yield from _all("html", text.path, islice(faults(text.raw, PAGE), _MOST))
        elif text.suffix == ".md":
            yield from _markdown(text.path, text.raw)
        elif text.suffix == ".ipynb":
            yield from _notebook(text)
        elif text.suffix in _STRINGS:
            yield from _strings(text)


def _markdown(path: str, raw: str) -> Iterator[Finding]:
    yield from _all("markdown", path, islice(faults(_without_code(raw), PROSE), _MOST))
    for line, match in matches(_TARGET, raw):
        written = match[1] if match[1] is not None else match[2]
        scheme = dangerous_target(unescape(written).replace("\\:", ":"))
        if scheme is not None:
            yield _finding("markdown", path, line, f"a link by {scheme[:20]!r}")
    for line, match in matches(_IMAGE, raw):
        if not _FIGURE.fullmatch(match[0]):
            yield _finding("markdown", path, line, "an image that is no figure of this folder")


def _without_code(raw: str) -> str:
    """Blocks of commands hold no markup; their lines count on."""
    return re.sub(r"^```.*?^```", lambda block: "\n" * block[0].count("\n"), raw, flags=re.M | re.S)


def _strings(text: Text) -> Iterator[Finding]:
    shown = text.shown
    for line, match in matches(_ACTIVE_STRING, shown):
        message = f"{match[0].split()[0][:20]} in a string: markup that acts"
        yield _finding("markup-in-text", text.path, line, message)
    for line, match in matches(_TAG, shown):
        message = f"{match[0][:20]} in a string: renderers show it as it stands"
        yield _finding("markup-in-text", text.path, line, message, severity="warning")


def _notebook(text: Text) -> Iterator[Finding]:
    try:
        book: object = json.loads(text.raw)
    except (ValueError, RecursionError):
        yield _finding("notebook", text.path, None, "is no notebook that can be read")
        return
    cells = _listed(_keyed(book).get("cells"))
    metadata = _keyed(_keyed(book).get("metadata"))
    if not set(metadata) <= {"kernelspec", "language_info"} or (
        metadata.get("kernelspec", _KERNEL) != _KERNEL
    ):
        message = "metadata beyond the kernel python3"
        yield _finding("notebook", text.path, _line(text, '"metadata"', last=True), message)
    for place, cell in enumerate(islice(cells, _MOST * _MOST)):
        yield from _cell(text, place, _keyed(cell))


def _cell(text: Text, place: int, cell: dict[str, object]) -> Iterator[Finding]:
    line = _line(text, f'"id": "{cell.get("id", place)}"')
    if cell.get("outputs"):
        message = "a cell with outputs; a report's notebook has none"
        yield _finding("notebook", text.path, line, message)
    if cell.get("metadata") or cell.get("attachments"):
        message = "a cell with metadata or attachments"
        yield _finding("notebook", text.path, line, message, severity="warning")
    if cell.get("cell_type") == "markdown":
        source = cell.get("source", "")
        lines = source if isinstance(source, str) else "".join(map(str, _listed(source)))
        for finding in _markdown(text.path, lines):
            yield finding.model_copy(update={"line": line})


def _line(text: Text, words: str, *, last: bool = False) -> int | None:
    place = text.raw.rfind(words) if last else text.raw.find(words)
    return None if place < 0 else line_at(text.raw, place)


def _keyed(value: object) -> dict[str, object]:
    return cast("dict[str, object]", value) if isinstance(value, dict) else {}


def _listed(value: object) -> list[object]:
    return cast("list[object]", value) if isinstance(value, list) else []


def _all(rule: str, path: str, found: Iterator[Fault]) -> Iterator[Finding]:
    for fault in found:
        severity: Severity = "blocker" if fault.grave else "warning"
        yield _finding(rule, path, fault.line, fault.message, severity=severity)


def _finding(
    rule: str, path: str, line: int | None, message: str, *, severity: Severity = "blocker"
) -> Finding:
    return Finding(
        rule=rule, axis="safety", severity=severity, path=path, line=line, message=message
    )
