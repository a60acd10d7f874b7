"""The base of every object that is read from or written to disk, and the one YAML loader.

Owns immutability, closedness, finiteness, digests and the wording of input errors. Knows nothing
of papers or experiments.
"""

import hashlib
import json
import os
from functools import lru_cache
from pathlib import Path
from typing import Any, ClassVar, Self, cast

from pydantic import BaseModel, ConfigDict, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from harness.problems import describe, left_to_write

_NO_VALUE = (
    *(ValueError, TypeError, AttributeError, LookupError, ArithmeticError, AssertionError),
    RecursionError,
)
"""What the YAML parser lets through from Python where a scalar is no date, number or truth value,
a tag does not fit, or brackets are nested by the thousand."""


class HarnessError(ValueError):
    """A mistake in the inputs that the person running the harness can mend.

    A `ValueError`, so that one raised while a record is validated is located by file and key.
    """


class Record(BaseModel):
    """An immutable record. Unknown keys and non-finite numbers are errors."""

    model_config: ClassVar[ConfigDict] = ConfigDict(
        extra="forbid", frozen=True, allow_inf_nan=False, use_attribute_docstrings=True
    )

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read YAML 1.2, or JSON by its suffix. Raises `HarnessError` with file, line and key.

        Of YAML, also for each placeholder that is still to be written over.
        """
        text = read_text(path)
        is_json = path.suffix == ".json"
        parsed = parse_json(text, path) if is_json else parse_yaml(text, path)
        unwritten = [] if is_json else left_to_write(path, text)
        if unwritten:
            raise HarnessError("\n".join(unwritten))
        try:
            return cls.model_validate(parsed)
        except ValidationError as error:
            raise HarnessError(describe(error, cls, path, text)) from error

    @classmethod
    def parse_lines(cls, path: Path) -> list[Self]:
        """Read a JSONL file, one record a line. Raises `HarnessError` naming file and line."""
        records: list[Self] = []
        for number, line in enumerate(read_text(path).removesuffix("\n").split("\n"), start=1):
            try:
                records.append(cls.model_validate_json(line))
            except ValidationError as error:
                first = error.errors()[0]
                where = ".".join(map(str, first["loc"]))
                raise HarnessError(f"{path}:{number}: {where}: {first['msg']}") from error
        return records

    def dump(self, path: Path) -> None:
        """Write as indented JSON, so that a crash leaves the old file or the new one."""
        write_text(path, self.model_dump_json(indent=2) + "\n")

    @property
    def digest(self) -> str:
        """SHA-256 of the canonical JSON: two equal records have one digest."""
        canonical = json.dumps(_whole(self.model_dump(mode="json")), sort_keys=True)
        return hashlib.sha256(canonical.encode()).hexdigest()


def parse_json(text: str, path: Path) -> dict[str, Any]:
    """Parse one JSON object, as `parse_yaml` does: YAML would alter some control characters.

    Raises `HarnessError` also for a number of thousands of digits, and for what is nested too deep.
    """

    def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) < len(pairs):
            raise HarnessError(f"{path}: a key stands twice among {', '.join(found)}")
        return found

    try:
        parsed = json.loads(text, object_pairs_hook=unique)
    except HarnessError:
        raise
    except json.JSONDecodeError as error:
        raise HarnessError(f"{path}:{error.lineno}: not valid JSON: {error.msg}") from error
    except (ValueError, RecursionError) as error:
        raise HarnessError(f"{path}: not valid JSON: {_one_line(str(error))}") from error
    return _mapping(parsed, path)


def parse_yaml(text: str, path: Path) -> dict[str, Any]:
    """Parse one YAML 1.2 mapping; `path` is for the error text.

    Raises `HarnessError` for a syntax error, a duplicate key, a value that is none of its kind
    (`2001-99-99`), nesting that is too deep, or anything but a mapping.
    """
    try:
        parsed = _load_yaml(text)
    except MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise HarnessError(f"{path}:{line}: not valid YAML: {_one_line(error.problem)}") from error
    except YAMLError as error:
        raise HarnessError(f"{path}: not valid YAML: {error}") from error
    except _NO_VALUE as error:
        told = _one_line(f"{type(error).__name__}: {error}")
        raise HarnessError(f"{path}: not valid YAML: {told}") from error
    return _mapping(parsed, path)


@lru_cache(maxsize=16)
def _load_yaml(text: str) -> object:
    """A pure Python parser is slow, and a command reads the same specs more than once."""
    return YAML(typ="safe", pure=True).load(text)


def read_text(path: Path) -> str:
    """The file as UTF-8 text. Raises `HarnessError` where that cannot be had."""
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise HarnessError(f"{path}: cannot be read: {error}") from error


def write_text(path: Path, text: str) -> None:
    """Write aside, flush to disk and rename: a reader sees the old file or the whole new one."""
    write_bytes(path, text.encode())


def write_bytes(path: Path, content: bytes) -> None:
    """As `write_text`, for bytes. Raises `HarnessError` where the disk is full."""
    partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with partial.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
    except OSError as error:
        if partial.exists():
            partial.unlink()
        raise HarnessError(f"{path}: cannot be written: {error.strerror}") from error


def _mapping(parsed: Any, path: Path) -> dict[str, Any]:
    if not isinstance(parsed, dict):
        raise HarnessError(f"{path}: expected a mapping of keys to values at the top level")
    return cast("dict[str, Any]", parsed)


def _whole(value: Any) -> Any:
    """Write 1.0 as 1 at any depth, for they are equal."""
    match value:
        case dict():
            return {key: _whole(inner) for key, inner in value.items()}
        case list():
            return [_whole(inner) for inner in value]
        case float() if value.is_integer():
            return int(value)
        case _:
            return value


def _one_line(problem: str | None) -> str:
    return " ".join((problem or "unreadable").split())
