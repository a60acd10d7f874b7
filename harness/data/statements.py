"""Statements that are true or false, and a set of them. Knows no wording and no source."""

import hashlib
import json
from functools import cached_property
from typing import Literal, NamedTuple

from harness.record import HarnessError, Record

Source = Literal["generated", "original"]
GroupKind = Literal["unit", "country"]


class Statement(NamedTuple):
    """One sentence that is true (`label`) or false."""

    text: str
    label: bool
    unit: str
    """The independent thing spoken of: a city, `51|52`, a Spanish word, two cities `A|B`."""
    country: str | None
    """Where the city truly lies; None for what has no single country."""
    contrast: str
    """Equal in a statement and its negation (or opposite) in the partner set."""


class StatementSet(Record):
    """Statements of one name, in a fixed order."""

    name: str
    source: Source
    statements: tuple[Statement, ...]

    @property
    def texts(self) -> tuple[str, ...]:
        """The sentences, in order."""
        return tuple(statement.text for statement in self.statements)

    @property
    def labels(self) -> tuple[bool, ...]:
        """True where the sentence is true, in order."""
        return tuple(statement.label for statement in self.statements)

    def groups(self, kind: GroupKind) -> tuple[str, ...]:
        """What must not stand on both sides of a split, one a statement.

        Raises `HarnessError` where `country` is asked of statements that have none.
        """
        values = [getattr(statement, kind) for statement in self.statements]
        if None in values:
            raise HarnessError(f"{self.name}: its statements have no {kind}; group by 'unit'")
        return tuple(values)

    @cached_property
    def sha256(self) -> str:
        """Hash of the statements as canonical JSON lines: equal for equal contents and order."""
        lines = (
            json.dumps(
                statement._asdict(), sort_keys=True, ensure_ascii=False, separators=(",", ":")
            )
            for statement in self.statements
        )
        return hashlib.sha256("".join(f"{line}\n" for line in lines).encode()).hexdigest()


def pair_unit(one: str, other: str) -> str:
    """The unit of a statement about two things, whichever is named first."""
    return "|".join(sorted((one, other)))
