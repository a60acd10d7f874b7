"""What a file is: by its first bytes, else by what the server says, else by its name."""

from pathlib import PurePosixPath
from urllib.parse import urlsplit

from harness.paper_text.text import Kind
from harness.record import HarnessError

SUFFIXES: dict[str, Kind] = {
    ".pdf": "pdf",
    ".html": "html",
    ".htm": "html",
    ".xhtml": "html",
    ".xml": "html",
    ".md": "markdown",
    ".txt": "text",
}
_TYPES: dict[str, Kind] = {
    "application/pdf": "pdf",
    "text/html": "html",
    "application/xhtml+xml": "html",
    "application/xml": "html",
    "text/xml": "html",
    "text/markdown": "markdown",
}
_VAGUE = ("", "text/plain", "application/octet-stream", "binary/octet-stream")
"""Types by which servers send any file."""
_PDF_WITHIN = 1024
"""Bytes before which a PDF says that it is one (ISO 32000-1, annex H)."""
_MARKUP = (b"<!doctype html", b"<html", b"<?xml")


def kind_of(source: str, content: bytes, content_type: str | None = None) -> Kind:
    """`source` is an address or a file's name, `content_type` the server's word.

    Raises `HarnessError` for anything but PDF, HTML, XML, Markdown and plain text.
    """
    told = (content_type or "").partition(";")[0].strip().lower()
    if b"%PDF-" in content[:_PDF_WITHIN]:
        return "pdf"
    named = SUFFIXES.get(PurePosixPath(urlsplit(source).path).suffix.lower())
    if "pdf" in (_TYPES.get(told), named if told in _VAGUE else None):
        raise HarnessError(f"{source}: is said to be a PDF and is none")
    if content.lstrip()[:15].lower().startswith(_MARKUP):
        return "html"
    kind = _TYPES.get(told) or (named if told in _VAGUE else None)
    if kind is None and told == "text/plain":
        kind = "text"
    if kind is None:
        said = f" ({told})" if told else ""
        raise HarnessError(f"{source}: not a text{said}; valid: {', '.join(SUFFIXES)}")
    return kind
