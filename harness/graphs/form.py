"""Whether a text has the form of a graph file: JSON, finite numbers, Neuronpedia's schema.

Owns these three; what the content means is for the other rules. The schema, `graph-schema.json`, is
our own writing of Neuronpedia's table of required keys and types.
"""

import json
from collections.abc import Iterable, Iterator
from functools import lru_cache
from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from pydantic import JsonValue, ValidationError

from harness.graphs.attribution_graph import AttributionGraph, json_path
from harness.graphs.findings import Finding
from harness.graphs.rules import error

if TYPE_CHECKING:
    from jsonschema import Draft7Validator

_SCHEMA = Path(__file__).with_name("graph-schema.json")
_LONGEST = 300
"""Characters of a message: it may quote the whole document."""


class Formed(NamedTuple):
    """What a text holds."""

    graph: AttributionGraph | None
    """None where the form is at fault."""
    findings: tuple[Finding, ...]


def read_form(text: str) -> Formed:
    """The graph in a text, or the faults of its form."""
    twice: list[str] = []

    def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) < len(pairs):
            twice.extend({key for key, _ in pairs if [name for name, _ in pairs].count(key) > 1})
        return found

    try:
        document: JsonValue = json.loads(text, object_pairs_hook=unique)
    except json.JSONDecodeError as bad:
        where = f"line {bad.lineno}, column {bad.colno}"
        return Formed(None, (error("json", where, f"not valid JSON: {bad.msg}"),))
    found = [error("json", key, "this key stands twice in one object") for key in twice]
    found += _not_finite(document)
    graph, refused = _as_records(text)
    found += _against_schema(document, sound=graph is not None)
    # What is not finite or not of the schema is refused by the records as well: told once.
    return Formed(None if found else graph, tuple(found or refused))


def _as_records(text: str) -> tuple[AttributionGraph | None, list[Finding]]:
    """The records ask for more than the schema: the form of supernodes and of QK results."""
    try:
        return AttributionGraph.model_validate_json(text, strict=True), []
    except ValidationError as bad:
        return None, [
            error("schema", _path(each["loc"]), f"{each['msg']}, not {each['input']!r}")
            for each in bad.errors(include_url=False)
        ]


def _against_schema(document: JsonValue, *, sound: bool) -> Iterator[Finding]:
    """Nodes and links that the records took meet the schema, and checking them anew is slow."""
    if sound and isinstance(document, dict):
        document = {**document, "nodes": [], "links": []}
    for bad in _validator().iter_errors(document):
        yield error("schema", _path(bad.absolute_path), bad.message[:_LONGEST])


@lru_cache(maxsize=1)
def _validator() -> "Draft7Validator":
    from jsonschema import Draft7Validator

    return Draft7Validator(json.loads(_SCHEMA.read_text(encoding="utf-8")))


def _not_finite(document: JsonValue) -> Iterator[Finding]:
    """JSON of Python may hold NaN and Infinity, which a browser refuses to read."""
    waiting: list[tuple[tuple[str | int, ...], JsonValue]] = [((), document)]
    while waiting:
        path, value = waiting.pop()
        if isinstance(value, float) and not isfinite(value):
            yield error("finite", _path(path), f"{value} is not a finite number")
        elif isinstance(value, dict | list):
            inner = value.items() if isinstance(value, dict) else enumerate(value)
            waiting.extend(
                ((*path, key), each) for key, each in inner if isinstance(each, dict | list | float)
            )


def _path(parts: Iterable[str | int]) -> str:
    return json_path(parts) or "document"
