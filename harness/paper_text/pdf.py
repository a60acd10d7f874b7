"""The text of a PDF, page by page."""

import io
import logging
from typing import TYPE_CHECKING

from harness.quotes import page_mark
from harness.record import HarnessError

if TYPE_CHECKING:
    from pypdf import PdfReader

_READABLE = 20
"""Characters a page, on average, below which pages are pictures with a stamp on."""


def pdf_text(content: bytes, source: str) -> tuple[str, str | None]:
    """The text with a mark above each page, and the title that the file gives itself.

    Raises `HarnessError` for a file that is broken, locked by a password, or scanned.
    """
    import pypdf

    logging.getLogger("pypdf").setLevel(logging.CRITICAL)
    try:
        reader = pypdf.PdfReader(io.BytesIO(content))
        _unlock(reader, source)
        pages = [page.extract_text() for page in reader.pages]
        title = reader.metadata.title if reader.metadata else None
    except HarnessError:
        raise
    except Exception as error:  # a stranger's file breaks a parser in any way
        kind = type(error).__name__
        raise HarnessError(f"{source}: not a PDF that can be read ({kind}: {error})") from error
    if sum(len("".join(page.split())) for page in pages) < _READABLE * max(len(pages), 1):
        raise HarnessError(
            f"{source}: scanned: its {len(pages)} pages hold no text; recognise it (OCR) first, or "
            "give the paper's HTML or text"
        )
    marked = (f"{page_mark(at)}\n\n{_own(page)}" for at, page in enumerate(pages, start=1))
    return "\n\n".join(marked) + "\n", title


def _unlock(reader: "PdfReader", source: str) -> None:
    """Many files are locked against changes only, and open without a password."""
    from pypdf.errors import DependencyError, PyPdfError

    if not reader.is_encrypted:
        return
    try:
        opened = bool(reader.decrypt(""))
    except (DependencyError, NotImplementedError, PyPdfError):
        opened = False
    if not opened:
        raise HarnessError(f"{source}: encrypted; save it without a password first")


def _own(page: str) -> str:
    """What a page says, which must not pass for a mark of ours."""
    return page.replace("<!--", "<! --").strip()
