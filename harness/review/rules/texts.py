"""The texts of a submission as a reader sees them, and the lines of what stands in them.

Escapes of JSON and YAML, and entities of HTML and SVG, are undone, so that no spelling of a word
keeps it from being seen; images that stand in pages as base64 are left out. Nothing is parsed.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from html import unescape
from itertools import islice
from pathlib import PurePosixPath
from typing import NamedTuple

from harness.review.submission import Submission

ESCAPED = frozenset({".yaml", ".yml", ".json", ".jsonl", ".ipynb"})
"""Kinds of files in which `\\u200b` is a character."""
MARKED_UP = frozenset({".html", ".svg", ".md", ".ipynb"})
"""Kinds of files in which `&#8203;` is a character."""
TEXTS = ESCAPED | MARKED_UP | {".csv", ".txt", ".sh", ".py", ".toml", ".cfg", ".css", ".js"}

LARGEST = 5_000_000
"""Bytes that one file may have; what is larger is refused, and not read."""
_MOST = 20
"""Findings of one rule in one file; more of a kind tell a reader nothing."""
_ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|x([0-9a-fA-F]{2}))")
_IMAGE = re.compile(
    r"(=\"data:image/png;base64,)\n?(?:[A-Za-z0-9+/]{60,}\n)*[A-Za-z0-9+/]*={0,2}(?=\s?\")"
)
_SCORES = re.compile(r'("scores": ?")[A-Za-z0-9+/=]+(?=")')


class Text(NamedTuple):
    """One text by its path from the project's folder."""

    path: str
    suffix: str
    raw: str
    """As it stands, base64 images and packed scores left out."""

    @property
    def shown(self) -> str:
        """With escapes and entities undone, line for line."""
        lines = self.raw.split("\n")
        if self.suffix in ESCAPED:
            lines = [_unescaped(line) for line in lines]
        if self.suffix in MARKED_UP:
            lines = [_flat(unescape(line)) for line in lines]
        return "\n".join(lines)


def texts(submission: Submission, suffixes: Iterable[str] = TEXTS) -> Iterator[Text]:
    """Every file of these kinds that is UTF-8, and the paper's spec where it is the submission's.

    Links and submodules hold no text; what is too large, or is not UTF-8 under such a name, is
    found elsewhere.
    """
    kinds = frozenset(suffixes)
    for relative, blob in submission.files.items():
        suffix = PurePosixPath(relative).suffix.lower()
        is_text = suffix in kinds and blob.kind in ("file", "executable")
        if is_text and len(blob.content) <= LARGEST:
            text = decoded(blob.content)
            if text is not None:
                yield Text(submission.path(relative), suffix, _without_images(text))
    if submission.paper_is_new and ".yaml" in kinds:
        yield Text(paper_path(submission), ".yaml", submission.paper)


def paper_path(submission: Submission) -> str:
    """Where the spec of the submission's paper lies."""
    return f"papers/{PurePosixPath(submission.name).parent.name}/paper.yaml"


def frozen_path(submission: Submission) -> str:
    """Where it says as what that spec was frozen."""
    return f"papers/{PurePosixPath(submission.name).parent.name}/frozen.json"


def decoded(content: bytes) -> str | None:
    """UTF-8 text, or `None` where the bytes are none."""
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        return None


def line_at(text: str, position: int) -> int:
    """Number, from 1, of the line that holds a character."""
    return text.count("\n", 0, position) + 1


def matches(
    pattern: re.Pattern[str], text: str, *, unless: Callable[[re.Match[str]], bool] | None = None
) -> Iterator[tuple[int, re.Match[str]]]:
    """The first matches with their lines; those that `unless` excuses do not count."""
    found = pattern.finditer(text)
    kept = (match for match in found if unless is None or not unless(match))
    for match in islice(kept, _MOST):
        yield line_at(text, match.start()), match


def _without_images(text: str) -> str:
    return _SCORES.sub(r"\1", _IMAGE.sub(_same_lines, text))


def _same_lines(match: re.Match[str]) -> str:
    """Base64 may run over lines, which count on."""
    return match[1] + "\n" * match[0].count("\n")


def _unescaped(line: str) -> str:
    if "\\" not in line:
        return line
    text = _flat(_ESCAPE.sub(_character, line).replace("\\/", "/"))
    # Two halves of a surrogate pair are one character.
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _character(match: re.Match[str]) -> str:
    number = int(match[1] or match[2] or match[3], 16)
    return chr(number) if number < 0x110000 else "\ufffd"


def _flat(line: str) -> str:
    """An escaped line break begins no line of the file."""
    return line.replace("\r", " ").replace("\n", " ").replace("\\n", "  ")
