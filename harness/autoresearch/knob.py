"""One knob of a recipe: its value, and what it may be set to."""

import keyword
from typing import Annotated, Self

from pydantic import (
    BeforeValidator,
    Field,
    StrictBool,
    StrictFloat,
    StrictInt,
    ValidationError,
    model_validator,
)

from harness.problems import did_you_mean
from harness.record import HarnessError, Record

WHOLE = 2**53
"""No whole number of a knob is larger: floating point holds all up to here."""
CHOICES, WORD, ABOUT = 64, 200, 1_000
"""The most choices of a knob, characters of a choice and characters of what is said about it."""
NAME = 64


def _scalar(value: object) -> object:
    match value:
        case bool():
            return value
        case int() | float() if abs(value) <= WHOLE:
            return value
        case str() if len(value) <= WORD and value.isprintable():
            return value
        case _:
            raise ValueError(
                f"a number of at most 2^53, true, false, or a text of {WORD} characters"
            )


Scalar = bool | int | float | str
Value = Annotated[StrictBool | StrictInt | StrictFloat | str, BeforeValidator(_scalar)]
Number = Annotated[StrictInt | StrictFloat, BeforeValidator(_scalar)]


def same(one: Scalar, other: Scalar) -> bool:
    """Equal and of one type: `1`, `1.0` and `true` are three values to a recipe."""
    return type(one) is type(other) and one == other


def is_on(value: Scalar) -> bool:
    """Whether a knob with this value lets the knobs that hang on it have an effect."""
    return value not in (0, False, "none", "")


class Knob(Record):
    """Of numbers, with `low` and `high`, or of `choices`."""

    value: Value
    low: Number | None = None
    high: Number | None = None
    log: bool = False
    """Searched on a logarithmic scale."""
    choices: Annotated[tuple[Value, ...], Field(min_length=1, max_length=CHOICES)] | None = None
    when: str | None = None
    """Has an effect only where the knob of this name is on: not 0, false or `none`."""
    about: Annotated[str, Field(max_length=ABOUT)] = ""

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.choices is not None:
            self._fits_choices(self.choices)
        elif self.low is None or self.high is None:
            raise HarnessError("needs low and high, or choices")
        elif isinstance(self.value, bool | str):
            raise HarnessError("value: a number, as low and high are; or give choices")
        elif not self.low <= self.value <= self.high:
            raise HarnessError(f"value: {self.value} lies outside of {self.low} to {self.high}")
        elif self.log and self.low <= 0:
            raise HarnessError(f"low: {self.low} has no logarithm; above 0, or leave log away")
        return self

    def _fits_choices(self, choices: tuple[Scalar, ...]) -> None:
        if self.low is not None or self.high is not None or self.log:
            raise HarnessError("choices: not together with low, high or log")
        if not any(same(self.value, each) for each in choices):
            valid = ", ".join(map(str, choices))
            raise HarnessError(f"value: {self.value} is none of the choices: {valid}")

    @property
    def is_whole(self) -> bool:
        """A knob of whole numbers: value, low and high all are."""
        return self.choices is None and not any(
            isinstance(each, float) for each in (self.value, self.low, self.high)
        )

    @property
    def setting(self) -> Scalar:
        """The value as a recipe gets it: a float where low or high is one."""
        return self.value if self.choices is not None or self.is_whole else float(self.value)

    @property
    def bounds(self) -> tuple[float, float]:
        """Low and high of a knob of numbers."""
        assert self.low is not None and self.high is not None, self
        return self.low, self.high

    def is_exactly(self, other: "Knob") -> bool:
        """Equal in the types of the numbers too."""
        return self.model_dump_json() == other.model_dump_json()

    def set_to(self, value: Scalar) -> "Knob":
        """With another value. Raises `HarnessError` for one outside of the range or choices."""
        if self.is_whole and isinstance(value, float):
            raise HarnessError(f"value: {value} is no whole number")
        if self.choices is None and not self.is_whole and isinstance(value, int):
            value = value if isinstance(value, bool) else float(value)
        try:
            return Knob.model_validate({**self.model_dump(), "value": value})
        except ValidationError as error:
            raise HarnessError(error.errors()[0]["msg"].removeprefix("Value error, ")) from error


def check_name(name: str, known: list[str], when: str | None) -> None:
    """Raises `HarnessError` for what is no plain name, and for a `when` that names no knob."""
    plain = name.isidentifier() and name.isascii() and len(name) <= NAME
    if not plain or keyword.iskeyword(name):
        raise HarnessError(f"{name[:NAME]!r} is no name: letters, digits, underscores; at most 64")
    if when is not None and when not in known:
        raise HarnessError(f"when: {when[:NAME]!r} is no knob{did_you_mean(when[:NAME], known)}")
