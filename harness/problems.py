"""Wording of validation errors: file, line, key, what is valid, and what was probably meant."""

import re
from collections.abc import Iterator
from difflib import get_close_matches
from pathlib import Path
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails
from ruamel.yaml import YAML
from ruamel.yaml.nodes import MappingNode, Node, SequenceNode

_CONTROL = re.compile("[\x7f-\x9f]")
"""Characters that JSON may hold and YAML may not."""

_MAY_HOLD_PLACEHOLDERS = re.compile(r"TODO|[\"' ](?:\.\.\.|…)(?:[\"',}\]]|\s*$)", re.MULTILINE)
"""Composing a text a second time is slow; a quote of a paper may well have an ellipsis."""
_PLACEHOLDER = re.compile(r"TODO(?P<hint>\s[\s\S]*)?|\.\.\.|…")

Location = tuple[str | int, ...]


def did_you_mean(word: str, choices: list[str]) -> str:
    """`; did you mean 'x'? valid: x, y`, the guess only where one is near."""
    near = get_close_matches(word, choices, n=1, cutoff=0.6)
    guess = f"; did you mean {near[0]!r}?" if near else ""
    return f"{guess or ';'} valid: {', '.join(choices)}"


def left_to_write(path: Path, text: str) -> list[str]:
    """`file:line: key: still to write: …` for each placeholder of a YAML text that parses.

    A placeholder is a value `TODO`, `TODO what goes there`, or nothing but `...`.
    """
    if not _MAY_HOLD_PLACEHOLDERS.search(text):
        return []
    root = YAML(typ="safe", pure=True).compose(_CONTROL.sub(" ", text))
    return [f"{path}:{line}: {key}: {told}" for line, key, told in _placeholders(root, "", set())]


def _placeholders(node: Node, key: str, seen: set[int]) -> Iterator[tuple[int, str, str]]:
    """Line, key and words of each; a node that stands under several aliases once."""
    if id(node) in seen:
        return
    seen.add(id(node))
    if isinstance(node, MappingNode):
        for name, inner in node.value:
            yield from _placeholders(inner, f"{key}.{name.value}".removeprefix("."), seen)
    elif isinstance(node, SequenceNode):
        for place, inner in enumerate(node.value):
            yield from _placeholders(inner, f"{key}[{place}]", seen)
    elif found := _PLACEHOLDER.fullmatch(str(node.value)):
        hint = " ".join((found["hint"] or "").split())
        yield node.start_mark.line + 1, key or "document", f"still to write{hint and f': {hint}'}"


def describe(error: ValidationError, model: type[BaseModel], path: Path, text: str) -> str:
    """One line a problem: `file:line: key: what is wrong`."""
    root = YAML(typ="safe", pure=True).compose(_CONTROL.sub(" ", text))
    lines: list[str] = []
    problems = error.errors()
    for problem in problems:
        if problem["type"] == "too_short" and any(_lies_in(each, problem) for each in problems):
            continue
        found = _find_in_yaml(root, problem["loc"])
        if problem["type"] == "missing":
            found.shown = f"{found.shown}.{problem['loc'][-1]}".removeprefix(".")
        message = problem["msg"].removeprefix("Value error, ")
        if problem["type"].startswith("url_"):
            message = (
                "an http(s) address where others find it, such as https://arxiv.org/abs/NUMBER"
            )
        if problem["type"] == "extra_forbidden":
            key = str(problem["loc"][-1])
            message = f"unknown key {key!r}{did_you_mean(key, _fields_at(model, problem['loc']))}"
        lines.append(f"{path}:{found.line}: {found.shown or 'document'}: {message}")
    return "\n".join(lines)


class _Found:
    """Where a pydantic location lies in the YAML, tags of unions (which YAML lacks) left out."""

    def __init__(self, line: int) -> None:
        self.line = line
        self.shown = ""

    def step(self, node: Node, part: str | int) -> None:
        self.line = node.start_mark.line + 1
        bracket = f"[{part}]" if isinstance(part, int) else f".{part}"
        self.shown = (self.shown + bracket).removeprefix(".")


def _find_in_yaml(root: Node, location: Location) -> _Found:
    found, node = _Found(root.start_mark.line + 1), root
    for part in location:
        if isinstance(node, SequenceNode) and isinstance(part, int) and part < len(node.value):
            node = node.value[part]
            found.step(node, part)
        elif isinstance(node, MappingNode):
            pair = next((pair for pair in node.value if pair[0].value == str(part)), None)
            if pair is not None:
                found.step(pair[0], part)
                node = pair[1]
    return found


def _lies_in(inner: ErrorDetails, outer: ErrorDetails) -> bool:
    """Whether a problem is with an entry that `outer` misses only because it was refused."""
    length = len(outer["loc"])
    return len(inner["loc"]) > length and inner["loc"][:length] == outer["loc"]


def _fields_at(model: type[BaseModel], location: Location) -> list[str]:
    """Names of the fields that are valid where `location` ends."""
    candidates: list[Any] = [model]
    for part in location[:-1]:
        candidates = [inner for each in candidates for inner in _descend(each, part)]
    models = [each for each in candidates if _is_model(each)]
    return sorted({name for each in models for name in each.model_fields})


def _descend(annotation: Any, part: str | int) -> list[Any]:
    if not _is_model(annotation):
        return [inner for each in get_args(annotation) for inner in _flatten(each)]
    if part in _tags(annotation):
        return [annotation]
    field = annotation.model_fields.get(part)
    return _flatten(field.annotation) if field else []


def _flatten(annotation: Any) -> list[Any]:
    """The alternatives of a union; anything else is its own only alternative."""
    origin = get_origin(annotation)
    if origin is Annotated:
        return _flatten(get_args(annotation)[0])
    if origin in (Union, UnionType):
        return [each for inner in get_args(annotation) for each in _flatten(inner)]
    return [annotation]


def _tags(model: Any) -> tuple[Any, ...]:
    """The literal that tells `model` from its siblings in a tagged union."""
    if not _is_model(model):
        return ()
    tag = model.model_fields.get("kind") or model.model_fields.get("family")
    return get_args(tag.annotation) if tag else ()


def _is_model(annotation: Any) -> bool:
    return isinstance(annotation, type) and issubclass(annotation, BaseModel)
