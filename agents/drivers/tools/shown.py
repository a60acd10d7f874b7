"""Output of a command or of a file as a model is shown it: no control sequences, and not all."""

from harness import untrusted
from harness.isolation.finished import Middle

MOST_CHARACTERS = 30_000


def shown(text: str, most_characters: int = MOST_CHARACTERS) -> str:
    """Without what cannot be seen, the middle of a long text left out and counted."""
    kept = Middle(most_characters)
    kept.add(untrusted.shown(text))
    return kept.text.rstrip("\n")
