"""The prompts of a replication."""

from collections.abc import Sequence
from pathlib import Path

from agents.filled import filled

_FOLDER = Path(__file__).parent / "prompts"


def render(name: str, **values: str) -> str:
    """The prompt of that name. Every value that it names must be given, and no other."""
    return filled(_FOLDER / f"{name}.md", **values)


def listed(lines: Sequence[str]) -> str:
    """Lines as a Markdown list; one that is many lines long is indented."""
    return "\n".join("- " + line.replace("\n", "\n  ") for line in lines)
