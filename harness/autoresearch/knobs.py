"""`knobs.yaml` as a whole: read, set anew, and what of it can have an effect. Nothing is run.

Everything here is untrusted: a proposer wrote it.
"""

import hashlib
import json
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Annotated

from pydantic import Field, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError
from ruamel.yaml.tokens import (
    AliasToken,
    AnchorToken,
    BlockEndToken,
    BlockMappingStartToken,
    BlockSequenceStartToken,
    FlowMappingEndToken,
    FlowMappingStartToken,
    FlowSequenceEndToken,
    FlowSequenceStartToken,
)

from harness.autoresearch.candidate import KNOBS, Candidate
from harness.autoresearch.knob import Knob, Scalar, check_name, is_on
from harness.autoresearch.knobs_text import line_of, rewritten
from harness.autoresearch.recipe_code import code_lines, defined, without_words
from harness.autoresearch.task import Contract
from harness.problems import describe, did_you_mean
from harness.record import HarnessError, Record, parse_yaml

BYTES = 64 * 1024
KNOBS_AT_MOST = 100
DEPTH = 4
"""The file, a knob and its choices are three."""
LEARNING_RATE = "learning_rate"
_FUNCTIONS = ("encode", "train")
_OPEN = (
    *(BlockMappingStartToken, BlockSequenceStartToken),
    *(FlowMappingStartToken, FlowSequenceStartToken),
)
_CLOSE = (BlockEndToken, FlowMappingEndToken, FlowSequenceEndToken)


class _File(Record):
    knobs: Annotated[dict[str, Knob], Field(max_length=KNOBS_AT_MOST)]


def read_knobs(text: str, where: str = KNOBS) -> dict[str, Knob]:
    """By name, in the order of the file.

    Raises `HarnessError` with line and key: for YAML that is none, anchors and aliases, a file that
    is too long, a value outside of its range, a `when` that names no knob or leads in a circle.
    """
    return dict(_read(text, where))


@lru_cache(maxsize=256)
def _read(text: str, where: str) -> dict[str, Knob]:
    if len(text.encode(errors="replace")) > BYTES:
        raise HarnessError(f"{where}: longer than {BYTES // 1024} KiB")
    _refuse_odd(text, where)
    parsed = parse_yaml(text, Path(where)) if text.strip() else {}
    try:
        knobs = _File.model_validate({"knobs": parsed}).knobs
    except ValidationError as error:
        raise HarnessError(describe(error, _File, Path(where), text)) from error
    for name, knob in knobs.items():
        try:
            check_name(name, [*knobs], knob.when)
            _refuse_circle(name, knobs)
        except HarnessError as error:
            raise HarnessError(f"{where}:{line_of(text, name)}: {name}: {error}") from error
    return knobs


def values(text: str) -> dict[str, Scalar]:
    """What the recipe gets, by name. Raises `HarnessError` as `read_knobs` does."""
    return {name: knob.setting for name, knob in read_knobs(text).items()}


def with_values(text: str, new: Mapping[str, Scalar]) -> str:
    """The file with other values of some knobs; order and comments stay.

    Raises `HarnessError` for an unknown knob and a value that it cannot have.
    """
    knobs = read_knobs(text)
    for name, value in new.items():
        if name not in knobs:
            raise HarnessError(f"{KNOBS}: {name!r} is no knob{did_you_mean(name, [*knobs])}")
        try:
            knobs[name] = knobs[name].set_to(value)
        except HarnessError as error:
            raise HarnessError(f"{KNOBS}: {name}: {error}") from error
    return with_knobs(text, knobs)


def with_knobs(text: str, wanted: Mapping[str, Knob]) -> str:
    """The file so changed that it reads as `wanted`, the text of knobs that stay as it was."""
    edited = rewritten(text, read_knobs(text), wanted)
    return edited if _reads_as(edited, wanted) else rewritten("", {}, wanted)


def _reads_as(text: str, wanted: Mapping[str, Knob]) -> bool:
    try:
        found = read_knobs(text)
    except HarnessError:
        return False
    return found.keys() == wanted.keys() and all(found[k].is_exactly(wanted[k]) for k in found)


def active(knobs: Mapping[str, Knob]) -> set[str]:
    """Names of those that can have an effect: what they hang on is on, and is active itself."""

    def has_effect(name: str) -> bool:
        on = knobs[name].when
        return on is None or (is_on(knobs[on].setting) and has_effect(on))

    return {name for name in knobs if has_effect(name)}


def canonical(candidate: Candidate) -> str:
    """SHA-256, equal for candidates that cannot differ in what they do.

    Left out are comments, blank lines and docstrings, knobs without effect, ranges, and what is
    said about a knob. A file that cannot be read counts as it stands.
    """
    parts = [_code_part(candidate.code), _knobs_part(candidate.knobs)]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


def _code_part(code: str) -> list[str]:
    try:
        return ["read", without_words(code)]
    except HarnessError:
        return ["unread", code]


def _knobs_part(text: str) -> list[str]:
    try:
        knobs = read_knobs(text)
    except HarnessError:
        return ["unread", text]
    # Text of the values, for 1, 1.0 and true are different ones.
    return ["read", *(f"{name}={knobs[name].setting!r}" for name in sorted(active(knobs)))]


def contract_problems(candidate: Candidate, contract: Contract) -> list[str]:
    """What of the contract the two files break, one problem a text; none: it may run."""
    return [*_knob_problems(candidate.knobs, contract), *_code_problems(candidate.code, contract)]


def _knob_problems(text: str, contract: Contract) -> list[str]:
    band = contract.learning_rate
    try:
        rate = values(text).get(LEARNING_RATE)
    except HarnessError as error:
        return str(error).splitlines()
    if rate is None:
        return [f"{KNOBS}: {LEARNING_RATE}: missing; the contract holds it to a band"]
    if isinstance(rate, bool | str) or rate not in band:
        told = f"{rate} lies outside of the contract's band, {band.low:g} to {band.high:g}"
        return [f"{KNOBS}: {LEARNING_RATE}: {told}"]
    return []


def _code_problems(code: str, contract: Contract) -> list[str]:
    try:
        found, lines = defined(code), code_lines(code)
    except HarnessError as error:
        return [str(error)]
    problems = [f"recipe.py: defines no {name}" for name in _FUNCTIONS if name not in found]
    if lines > contract.code_lines:
        most = contract.code_lines
        problems.append(f"recipe.py: {lines} lines of code; the contract allows {most}")
    return problems


def _refuse_odd(text: str, where: str) -> None:
    """Aliases, for an edit of one knob is to change no other; depth, for it takes seconds."""
    found = _odd(text)
    if found is not None:
        raise HarnessError(f"{where}:{found}")


def _odd(text: str) -> str | None:
    depth = 0
    try:
        for token in YAML(typ="safe", pure=True).scan(text):
            line = token.start_mark.line + 1
            depth += isinstance(token, _OPEN) - isinstance(token, _CLOSE)
            if isinstance(token, AliasToken | AnchorToken):
                return f"{line}: anchors and aliases: write the values out"
            if depth > DEPTH:
                return f"{line}: nested too deep: a knob is a mapping of values, choices a list"
    except (YAMLError, ValueError):
        return None  # what cannot be scanned is told where it is parsed
    return None


def _refuse_circle(name: str, knobs: Mapping[str, Knob]) -> None:
    passed, at = [name], knobs[name].when
    while at is not None:
        if at in passed:
            raise HarnessError(f"when: leads in a circle: {' → '.join([*passed, at])}")
        passed.append(at)
        at = knobs[at].when if at in knobs else None
