"""Edits of a `knobs.yaml` that leave alone what they need not touch."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from ruamel.yaml import YAML
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode

from harness.autoresearch.knob import Knob, Scalar
from harness.record import HarnessError, parse_yaml


class _Entry(NamedTuple):
    text: str
    """From the comment above the key up to the next entry."""
    value: tuple[int, int] | None
    """Where in that text the value stands."""
    line: int


def rewritten(text: str, held: Mapping[str, Knob], wanted: Mapping[str, Knob]) -> str:
    """`text`, which reads as `held`, with the values of `wanted`, knobs added and knobs left out.

    It is edited as lines are; the caller reads the result, for YAML can be written in ways that
    this does not know.
    """
    head, entries = _entries(text)
    kept = [
        _edited(entry, name, held[name], wanted[name])
        for name, entry in entries.items()
        if name in wanted
    ]
    added = [_line(name, knob) for name, knob in wanted.items() if name not in entries]
    return "".join(map(_ended, [head, *kept, *added]))


def line_of(text: str, name: str) -> int:
    """Where a knob's key stands, from 1."""
    return _entries(text)[1][name].line


def _edited(entry: _Entry, name: str, held: Knob, wanted: Knob) -> str:
    if held.is_exactly(wanted):
        return entry.text
    only_value = wanted.model_copy(update={"value": held.value}).is_exactly(held)
    if entry.value is None or not only_value:
        return _line(name, wanted)
    start, stop = entry.value
    return entry.text[:start] + _written(wanted.value) + entry.text[stop:]


def _ended(part: str) -> str:
    return part if part.endswith("\n") or not part else part + "\n"


def _entries(text: str) -> tuple[str, dict[str, _Entry]]:
    """What stands before the first knob, and each knob by name."""
    root = YAML(typ="safe", pure=True).compose(text) if text.strip() else None
    if not isinstance(root, MappingNode):
        return text, {}
    starts = [_first_comment(text, key.start_mark.index) for key, _ in root.value]
    entries: dict[str, _Entry] = {}
    for (key, node), start, stop in zip(root.value, starts, [*starts[1:], len(text)], strict=True):
        span = _value_span(node)
        value = None if span is None else (span[0] - start, span[1] - start)
        entries[str(key.value)] = _Entry(text[start:stop], value, key.start_mark.line + 1)
    return text[: starts[0]] if starts else text, entries


def _first_comment(text: str, start: int) -> int:
    """Where the comment lines begin that stand right above a key."""
    while start and text[start - 1] == "\n":
        above = text.rfind("\n", 0, start - 1) + 1
        if not text.startswith("#", above):
            break
        start = above
    return start


def _value_span(node: Node) -> tuple[int, int] | None:
    if isinstance(node, MappingNode):
        for key, value in node.value:
            if key.value == "value" and isinstance(value, ScalarNode):
                return value.start_mark.index, value.end_mark.index
    return None


def _line(name: str, knob: Knob) -> str:
    parts = [f"value: {_written(knob.value)}"]
    if knob.choices is not None:
        parts.append(f"choices: [{', '.join(map(_written, knob.choices))}]")
    else:
        low, high = knob.bounds
        parts.append(f"low: {_written(low)}, high: {_written(high)}")
    parts += ["log: true"] * knob.log
    parts += [f"when: {knob.when}"] * (knob.when is not None)
    parts += [f"about: {json.dumps(knob.about, ensure_ascii=False)}"] * bool(knob.about)
    return f"{name}: {{{', '.join(parts)}}}\n"


def _written(value: Scalar) -> str:
    """As YAML, words without quotes where they are read as words."""
    if isinstance(value, str):
        quoted = json.dumps(value, ensure_ascii=False)
        return value if value.isidentifier() and _is_word(value) else quoted
    return json.dumps(value)


def _is_word(value: str) -> bool:
    try:
        return parse_yaml(f"word: {value}", Path("word")) == {"word": value}
    except HarnessError:
        return False
