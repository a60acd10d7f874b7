"""What each tool takes. The docstrings are what the model reads."""

from pydantic import JsonValue

from harness.record import Record


class Arguments(Record):
    """What a call of a tool says."""


class Bash(Arguments):
    """Run a command with bash in the working tree. Nothing that it starts outlives it."""

    command: str
    """What `bash -c` is given."""
    timeout_seconds: float | None = None
    """When it is killed; 600 where it is null."""


class ReadFile(Arguments):
    """Read a text file of the working tree. Of a long one the middle is left out."""

    path: str
    """From the working tree's top."""
    first_line: int | None = None
    """From 1."""
    last_line: int | None = None
    """Included."""


class WriteFile(Arguments):
    """Write a text file of the working tree, in place of the one that may be there."""

    path: str
    """From the working tree's top. Folders that are missing are made."""
    content: str
    """All of it."""


class ReplaceText(Arguments):
    """Replace a piece of a text file that stands in it exactly once."""

    path: str
    """From the working tree's top."""
    old: str
    """Exactly as it stands there, with as much around it as makes it the only one."""
    new: str
    """What takes its place."""


class ReportLoophole(Arguments):
    """Tell of a way to a good verdict that is not an honest one. It is recorded, and nobody is
    blamed for it: the harness is to be mended."""

    text: str
    """What the way is, and where."""


def schema(kind: type[Arguments]) -> dict[str, JsonValue]:
    """JSON schema of a tool's arguments, with every key required, as OpenAI's strict mode asks."""
    found = kind.model_json_schema()["properties"]
    properties: dict[str, JsonValue] = {
        name: {key: value for key, value in each.items() if key not in ("title", "default")}
        for name, each in found.items()
    }
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }
