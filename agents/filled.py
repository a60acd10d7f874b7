"""Prompts are Markdown files with `$name` for what is filled in."""

from pathlib import Path
from string import Template


def filled(template: Path, **values: str) -> str:
    """The text of the file. Every value that it names must be given, and no other."""
    found = Template(template.read_text(encoding="utf-8"))
    wanted = set(found.get_identifiers())
    assert wanted == set(values), (template, wanted ^ set(values))
    return found.substitute(values)
