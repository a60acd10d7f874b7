"""The tools of one turn: a call is read and done, and what comes of it is text for the model."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple, assert_never

from pydantic import JsonValue, ValidationError

from agents.drivers.tools.arguments import (
    Bash,
    ReadFile,
    ReplaceText,
    ReportLoophole,
    WriteFile,
    schema,
)
from agents.drivers.tools.inside import read_inside, write_inside
from agents.drivers.tools.shown import MOST_CHARACTERS, shown
from agents.drivers.tools.tool_error import ToolError
from harness.isolation import Cell
from harness.lines import append_line
from harness.record import HarnessError

_USUAL_SECONDS = 600.0
_MARK_CHARACTERS = 100
"""Room for the line that stands for what is left out."""
_SURROGATE = re.compile("[\ud800-\udfff]")
LOOPHOLES = "loopholes.jsonl"
"""In the driver's memory: what `report_loophole` was told, one JSON object a line."""


class Tool(NamedTuple):
    """A tool as a model is told of it."""

    name: str
    description: str
    schema: dict[str, JsonValue]
    """Of its arguments."""


class Result(NamedTuple):
    """What a call gives back."""

    ok: bool
    output: str


_KINDS: dict[str, type[Bash | ReadFile | WriteFile | ReplaceText | ReportLoophole]] = {
    "bash": Bash,
    "read_file": ReadFile,
    "write_file": WriteFile,
    "replace_text": ReplaceText,
    "report_loophole": ReportLoophole,
}
TOOLS = tuple(
    Tool(name, " ".join((kind.__doc__ or "").split()), schema(kind))
    for name, kind in _KINDS.items()
)


class Toolbox:
    """The tools at work in a cell. Whatever is asked for, there is a result and no exception."""

    def __init__(self, cell: Cell, memory: Path) -> None:
        self._cell, self._memory = cell, memory

    def run(self, tool: str, arguments: Mapping[str, JsonValue], *, seconds: float) -> Result:
        """Do what a call asks for. `seconds` are all that is left of the turn."""
        unfit = [name for name, value in arguments.items() if not _is_text(name, value)]
        if unfit:
            return Result(False, f"{shown(unfit[0], 80)}: holds half of a surrogate pair, no text")
        kind = _KINDS.get(tool)
        if kind is None:
            return Result(False, f"{shown(tool, 80)}: no such tool; there are {', '.join(_KINDS)}")
        try:
            return self._done(kind.model_validate(arguments), seconds)
        except ValidationError as error:
            return Result(False, _problems(error))
        except (ToolError, HarnessError) as error:
            return Result(False, shown(str(error)))

    def _done(
        self,
        asked: Bash | ReadFile | WriteFile | ReplaceText | ReportLoophole,
        seconds: float,
    ) -> Result:
        folder = self._cell.folder
        match asked:
            case Bash():
                return self._bash(asked, seconds)
            case ReadFile():
                return Result(True, shown(_lines(asked, read_inside(folder, asked.path))))
            case WriteFile():
                write_inside(folder, asked.path, asked.content)
                return Result(True, f"{len(asked.content):,} characters written")
            case ReplaceText():
                text = read_inside(folder, asked.path)
                write_inside(folder, asked.path, _replaced(asked, text))
                return Result(True, "replaced")
            case ReportLoophole():
                append_line(self._memory / LOOPHOLES, asked.model_dump_json())
                return Result(True, "recorded, thank you; go on")
            case _:
                assert_never(asked)

    def _bash(self, asked: Bash, seconds: float) -> Result:
        if "\0" in asked.command:
            raise ToolError("command: holds a zero byte")
        wanted = _USUAL_SECONDS if asked.timeout_seconds is None else asked.timeout_seconds
        if wanted <= 0:
            raise ToolError("timeout_seconds: must be over 0")
        limit = min(wanted, seconds)
        done = self._cell.finish(
            ["bash", "-c", asked.command],
            deadline_seconds=limit,
            most_characters=MOST_CHARACTERS - _MARK_CHARACTERS,
        )
        end = f"[killed after {limit:.3g} s]" if done.overdue else f"[exit code {done.code}]"
        return Result(
            done.code == 0 and not done.overdue, "\n".join(filter(None, (shown(done.output), end)))
        )


def _is_text(*values: JsonValue) -> bool:
    """Whether UTF-8 can hold it: JSON can name code points that are no characters."""
    return not any(_SURROGATE.search(each) for each in values if isinstance(each, str))


def _lines(asked: ReadFile, text: str) -> str:
    """The lines that are asked for, under a line that says which where they are not all."""
    lines = text.removesuffix("\n").split("\n")
    first = 1 if asked.first_line is None else asked.first_line
    last = len(lines) if asked.last_line is None else min(asked.last_line, len(lines))
    if not 1 <= first <= last:
        raise ToolError(f"{asked.path}: has lines 1 to {len(lines)}")
    if (first, last) == (1, len(lines)):
        return text
    return "\n".join((f"[lines {first} to {last} of {len(lines)}]", *lines[first - 1 : last]))


def _replaced(asked: ReplaceText, text: str) -> str:
    place = text.find(asked.old) if asked.old else -1
    if place < 0:
        raise ToolError(f"{asked.path}: `old` does not stand in it")
    if text.find(asked.old, place + 1) >= 0:
        raise ToolError(f"{asked.path}: `old` stands in it more than once; give more around it")
    return text[:place] + asked.new + text[place + len(asked.old) :]


def _problems(error: ValidationError) -> str:
    told = [f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in error.errors()]
    return shown("\n".join(told))
