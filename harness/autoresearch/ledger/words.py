"""The words of titles, reasons and code, for searching."""

import re
from collections.abc import Iterator

_WORD = re.compile(r"\d+(?:\.\d+)?(?:e-?\d+)?|\w+")


def words(text: str) -> Iterator[str]:
    """Names and numbers in lower case; `learning_rate` is a word, and so are its parts."""
    for word in _WORD.findall(text.lower()):
        yield word
        if "_" in word:
            yield from filter(None, word.split("_"))
