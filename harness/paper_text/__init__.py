"""The text of a paper, from a file or an address, in which its quotes are looked up."""

from harness.paper_text.fetching import Fetched, fetch_text
from harness.paper_text.kept import KeptText, keep, kept_text, text_file
from harness.paper_text.text import Kind, PaperText

__all__ = [
    "Fetched",
    "KeptText",
    "Kind",
    "PaperText",
    "fetch_text",
    "keep",
    "kept_text",
    "text_file",
]
