"""The prompts, which are Markdown files with `$name` for what is filled in."""

from collections.abc import Sequence
from pathlib import Path
from string import Template

_FOLDER = Path(__file__).parent / "prompts"


def render(name: str, **values: str) -> str:
    """The prompt of that name. Every value that it names must be given, and no other."""
    template = Template((_FOLDER / f"{name}.md").read_text(encoding="utf-8"))
    wanted = set(template.get_identifiers())
    assert wanted == set(values), (name, wanted ^ set(values))
    return template.substitute(values)


def listed(lines: Sequence[str]) -> str:
    """Lines as a Markdown list; one that is many lines long is indented."""
    return "\n".join("- " + line.replace("\n", "\n  ") for line in lines)
