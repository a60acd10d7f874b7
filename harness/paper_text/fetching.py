"""The text of a paper, from a file or an address."""

import hashlib
import re
from pathlib import Path
from typing import NamedTuple

from harness.paper_text.html import html_text
from harness.paper_text.kinds import kind_of
from harness.paper_text.pdf import pdf_text
from harness.paper_text.text import MOST_BYTES, Kind, PaperText
from harness.paper_text.web import download, is_address
from harness.record import HarnessError

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f-\x9f]")
_TITLE = 300
"""Characters of a title that are kept."""


class Fetched(NamedTuple):
    """A paper's text and what is known of it."""

    about: PaperText
    text: str


def fetch_text(source: str) -> Fetched:
    """Read a PDF, HTML, XML, Markdown or plain text, from a file or an http(s) address.

    Of an arXiv abstract the PDF. Raises `HarnessError` with the reason: not there, no text
    (scanned), encrypted, not UTF-8, too big.
    """
    if is_address(source):
        page = download(source)
        name, content = page.url, page.content
        kind = kind_of(name, content, page.content_type)
    else:
        name, content = Path(source).name, _read(Path(source))
        kind = kind_of(name, content)
    text, title = _text(kind, content, source)
    text = _clean(text)
    if not text.strip():
        raise HarnessError(f"{source}: no text in it")
    about = PaperText(
        source=name,
        sha256=hashlib.sha256(text.encode()).hexdigest(),
        characters=len(text),
        kind=kind,
        title=" ".join(_clean(title).split())[:_TITLE] or None if title else None,
    )
    return Fetched(about, text)


def _read(path: Path) -> bytes:
    if not path.is_file():
        raise HarnessError(f"{path}: no such file")
    size = path.stat().st_size
    if size > MOST_BYTES:
        raise HarnessError(
            f"{path}: {size / 1e6:.0f} MB; a text has at most {MOST_BYTES // 1_000_000} MB"
        )
    try:
        return path.read_bytes()
    except OSError as error:
        raise HarnessError(f"{path}: cannot be read: {error.strerror}") from error


def _text(kind: Kind, content: bytes, source: str) -> tuple[str, str | None]:
    if kind == "pdf":
        return pdf_text(content, source)
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise HarnessError(f"{source}: not UTF-8: {error.reason} at byte {error.start}") from error
    if kind == "html":
        return html_text(text, source)
    first = re.match(r"\s*# (.+)", text) if kind == "markdown" else None
    return text, first[1] if first else None


def _clean(text: str) -> str:
    """Lines end in one way; halves of characters, which a PDF may hold, are put together."""
    whole = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    one_way = whole.replace("\r\n", "\n").replace("\r", "\n").replace("\f", "\n")
    return _CONTROL.sub("", one_way)
