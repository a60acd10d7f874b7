"""Prompts in pairs: a clean one, and a corrupted one that ends in another answer.

Owns the records and their hash; knows no wording and no tokenizer. Parts of a prompt bear roles
(`IO`, `S2`, `adjective`), so that a place in the text can be named whatever its token index.
"""

from functools import cached_property
from typing import NamedTuple

from harness.data.content_hash import content_hash
from harness.record import Record


class Part(NamedTuple):
    """A piece of a prompt; the joined texts of its parts are the prompt."""

    text: str
    """With its own leading space."""
    role: str | None = None
    """Name of the place where this part's last token stands; unique within a prompt."""


class Contrast(NamedTuple):
    """One pair of prompts of equal wording but for what is contrasted."""

    clean: tuple[Part, ...]
    corrupted: tuple[Part, ...]
    answers: tuple[str, ...]
    """What the clean prompt goes on with, each a single token with its leading space."""
    foils: tuple[str, ...]
    """What the corrupted prompt goes on with instead."""
    unit: str
    """The independent thing spoken of: a pair of names, an adjective."""
    template: str
    """Prompts of one template have the same roles in the same order."""


class ContrastSet(Record):
    """Pairs of prompts of one name, in a fixed order."""

    name: str
    contrasts: tuple[Contrast, ...]

    @cached_property
    def sha256(self) -> str:
        """Equal for equal contents and order."""
        return content_hash(self.contrasts)


def text_of(parts: tuple[Part, ...]) -> str:
    """The prompt as one text."""
    return "".join(part.text for part in parts)
