"""JSON that a model or a server wrote: what Python's parser takes and no file or event can hold."""

import json
from collections.abc import Iterable
from typing import Never, cast

from pydantic import JsonValue

Json = dict[str, JsonValue]
"""One JSON object."""
MOST_DEPTH = 100
"""Objects and lists in one another; pydantic writes twice as many and cannot read them again."""


def parse_object(text: str) -> Json:
    """One object, half surrogates in it replaced. Raises `ValueError` for anything else."""
    try:
        parsed: object = json.loads(text, parse_constant=_refuse)
    except RecursionError as error:
        raise ValueError("nested too deeply") from error
    if not isinstance(parsed, dict):
        raise ValueError("not an object")
    if _is_deep(cast("object", parsed), MOST_DEPTH):
        raise ValueError("nested too deeply")
    # A half of a surrogate pair can be escaped in JSON, and encoded nowhere.
    whole = json.dumps(parsed, ensure_ascii=False, allow_nan=False).encode(errors="replace")
    return cast("Json", json.loads(whole))


def _is_deep(value: object, most: int) -> bool:
    inner: Iterable[object] = ()
    if isinstance(value, dict):
        inner = cast("dict[str, object]", value).values()
    elif isinstance(value, list):
        inner = cast("list[object]", value)
    else:
        return False
    return not most or any(_is_deep(each, most - 1) for each in inner)


def _refuse(constant: str) -> Never:
    raise ValueError(f"{constant} is no JSON")
