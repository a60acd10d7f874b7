"""The fields of a spec as YAML, each under what its docstring says and what it may be."""

import json
import re
from collections.abc import Iterator, Mapping
from inspect import cleandoc
from textwrap import wrap
from types import MappingProxyType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

WIDTH = 100
NO_NOTES: Mapping[str, str] = MappingProxyType({})
_PLAIN = re.compile(r"[A-Za-z~][\w./+~-]*(?::[\w./+~-]+)*")
_MEANS_SOMETHING_ELSE = ("true", "false", "null")
_WITHOUT_DOCSTRING = {
    "kind": "Which of the kinds; each has keys of its own.",
    "id": "A name for it, lower case; rows and figures carry it.",
    "seeds": "Each draws what is random anew; more seeds, narrower intervals.",
    "dtype": "Number format of weights and activations.",
}
"""Of fields that the code need not explain and a newcomer may ask about."""


def comment(text: str, indent: int = 0, *, within: int = 0) -> list[str]:
    """The text as comment lines of at most 100 characters.

    `within` is by how much the words are indented after the sign; of an entry of a list, which
    starts with `- `, further lines two more.
    """
    lead = " " * indent + "# " + " " * within
    words = " ".join(text.split())
    hang = lead + "  " if words.startswith("- ") else lead
    return wrap(words, WIDTH, initial_indent=lead, subsequent_indent=hang, break_on_hyphens=False)


def record_lines(
    model: type[BaseModel],
    values: Mapping[str, object],
    indent: int = 0,
    *,
    notes: Mapping[str, str] = NO_NOTES,
) -> list[str]:
    """One record: keys of `values` as given, others with their default and commented out.

    A value that is a mapping and whose key takes a record is written out the same way. `notes` are
    told of keys besides what the docstrings say.
    """
    lines: list[str] = []
    for name, field in model.model_fields.items():
        if name not in values and field.is_required():
            continue
        note = f" {notes[name]}" if name in notes else ""
        lines += comment(_told(name, field) + note, indent)
        lines += _entries(field.annotation, indent)
        lines += _value(name, field, values, indent)
    return lines


def flow(value: object) -> str:
    """A value on one line of YAML."""
    match value:
        case Mapping():
            inner = (f"{flow(key)}: {flow(each)}" for key, each in value.items())
            return f"{{{', '.join(inner)}}}"
        case list() | tuple():
            return f"[{', '.join(map(flow, value))}]"
        case str() if _PLAIN.fullmatch(value) and value not in _MEANS_SOMETHING_ELSE:
            return value
        case _:
            return json.dumps(value, ensure_ascii=False)


def first_paragraph(model: type[BaseModel]) -> str:
    """What a record's docstring says first."""
    return cleandoc(model.__doc__ or "").split("\n\n")[0]


def _value(name: str, field: FieldInfo, values: Mapping[str, object], indent: int) -> list[str]:
    lead = " " * indent
    if name not in values:
        return [f"{lead}# {name}: {_default(field)}"]
    given = values[name]
    record = _record_for(field.annotation, given)
    if record is None or not isinstance(given, Mapping):
        return [f"{lead}{name}: {flow(given)}"]
    told = comment(first_paragraph(record), indent + 2)
    return [f"{lead}{name}:", *told, *record_lines(record, given, indent + 2)]


def _told(name: str, field: FieldInfo) -> str:
    """Docstring, kinds and choices of a field; empty where the name has to do."""
    parts = [field.description or _WITHOUT_DOCSTRING.get(name, "")]
    kinds = [kind for record in _union_of_records(field.annotation) for kind in _kinds(record)]
    if len(kinds) > 1:
        parts.append(f"Kinds: {', '.join(kinds)}.")
    choices = list(_choices(field.annotation))
    if len(choices) > 1:
        parts.append(f"Valid: {', '.join(map(str, choices))}.")
    return " ".join(filter(None, parts))


def _entries(annotation: Any, indent: int) -> list[str]:
    """The keys of the records that a list or a map holds."""
    lines: list[str] = []
    for record in _held(annotation):
        for name, field in record.model_fields.items():
            shown = name if field.is_required() else f"{name} [{_default(field)}]"
            lines += comment(": ".join(filter(None, (f"- {shown}", _told(name, field)))), indent)
    return lines


def _default(field: FieldInfo) -> str:
    return flow(field.get_default(call_default_factory=True))


def _record_for(annotation: Any, given: object) -> type[BaseModel] | None:
    """The record that a mapping stands for: of a tagged union the one of its kind."""
    if not isinstance(given, Mapping):
        return None
    records = _union_of_records(annotation)
    named = [each for each in records if given.get("kind") in _kinds(each)]
    return (named or records or [None])[0]


def _union_of_records(annotation: Any) -> list[type[BaseModel]]:
    """The records that a value may be; of a list or a map none."""
    if _is_record(annotation):
        return [annotation]
    if get_origin(annotation) in (Union, UnionType, Annotated):
        return [each for inner in get_args(annotation) for each in _union_of_records(inner)]
    return []


def _kinds(record: type[BaseModel]) -> tuple[str, ...]:
    tag = record.model_fields.get("kind")
    return get_args(tag.annotation) if tag else ()


def _choices(annotation: Any) -> Iterator[object]:
    """What a literal allows, inside lists and unions too, though not inside of records."""
    if get_origin(annotation) is Literal:
        yield from get_args(annotation)
    elif not _is_record(annotation):
        for inner in get_args(annotation):
            yield from _choices(inner)


def _held(annotation: Any) -> Iterator[type[BaseModel]]:
    """The records inside of a list or a map."""
    if get_origin(annotation) in (Union, UnionType, Annotated):
        for inner in get_args(annotation):
            yield from _held(inner)
    elif get_origin(annotation) in (tuple, dict):
        for inner in get_args(annotation):
            yield from _union_of_records(inner)


def _is_record(annotation: Any) -> bool:
    return isinstance(annotation, type) and issubclass(annotation, BaseModel)
