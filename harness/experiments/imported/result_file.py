"""A JSON file of somebody else's: what stands in it is checked before it is used.

Only JSON is read. Whatever lies beside it, tensors and pickles above all, is never opened.
"""

import json
from dataclasses import dataclass
from math import isclose
from typing import NoReturn, cast

from harness.record import HarnessError

MOST_BYTES = 1 << 25
MOST_ENTRIES = 1_000_000
"""No list or matrix with more entries is unpacked, whatever a file claims to count."""
Json = dict[str, "Json"] | list["Json"] | str | int | float | bool | None


@dataclass(frozen=True)
class ResultFile:
    """One parsed file; every error names it and the key."""

    name: str
    content: Json

    @classmethod
    def parse(cls, content: bytes, name: str) -> "ResultFile":
        """Raises `HarnessError` for what is too long, no JSON, or holds NaN or infinity."""
        if len(content) > MOST_BYTES:
            raise HarnessError(f"{name}: {len(content):,} bytes; at most {MOST_BYTES:,} are read")

        def refuse(constant: str) -> NoReturn:
            raise HarnessError(f"{name}: holds {constant}, which is no number")

        try:
            text = content.decode()
            return cls(name, cast("Json", json.loads(text, parse_constant=refuse)))
        except HarnessError:
            raise
        except (ValueError, RecursionError) as error:
            raise HarnessError(f"{name}: not valid JSON: {error}") from error

    def at(self, pointer: str) -> Json:
        """What stands there. Raises `HarnessError` with the keys that there are."""
        found = self.content
        for done, key in enumerate(pointer.split("/")[1:]):
            place = "/".join(pointer.split("/")[: done + 1]) or "the top"
            found = self._step(found, key.replace("~1", "/").replace("~0", "~"), place)
        return found

    def _step(self, found: Json, key: str, place: str) -> Json:
        if isinstance(found, dict):
            if key in found:
                return found[key]
            keys = ", ".join(sorted(found)[:12]) or "none"
            raise HarnessError(f"{self.name}: {place}: no key {key!r}; there are: {keys}")
        if isinstance(found, list):
            if key.isdecimal() and len(key) < 8 and int(key) < len(found):
                return found[int(key)]
            raise HarnessError(f"{self.name}: {place}: no entry {key!r} among {len(found)}")
        raise HarnessError(f"{self.name}: {place}: holds no {key!r}, for it is a single value")

    def number(self, pointer: str) -> float:
        """A finite number. Raises `HarnessError` for text, truth values and null."""
        return self.as_number(self.at(pointer), pointer)

    def as_number(self, value: Json, pointer: str) -> float:
        """A value that stands at `pointer`, as `number` has it."""
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise HarnessError(f"{self.name}: {pointer}: expected a number, not {_shown(value)}")
        if not abs(value) < 1e300:
            raise HarnessError(f"{self.name}: {pointer}: not a finite number of reasonable size")
        return float(value)

    def count(self, n: int | str) -> int:
        """A number of units, from the spec or from the file."""
        if isinstance(n, int):
            return n
        found = self.number(n)
        if not (found.is_integer() and 1 <= found <= MOST_ENTRIES):
            raise HarnessError(f"{self.name}: {n}: expected a number of units, not {found:g}")
        return int(found)

    def truth(self, pointer: str) -> bool:
        """True or false; also as a word, as Python writes a numpy truth value."""
        found = self.at(pointer)
        if isinstance(found, str) and found in ("True", "False"):
            return found == "True"
        if not isinstance(found, bool):
            raise HarnessError(f"{self.name}: {pointer}: expected true or false")
        return found

    def entries(self, pointer: str) -> list[Json]:
        """A list."""
        found = self.at(pointer)
        if not isinstance(found, list) or len(found) > MOST_ENTRIES:
            raise HarnessError(f"{self.name}: {pointer}: expected a list of at most a million")
        return found

    def require(self, pointer: str, value: float) -> None:
        """Raises `HarnessError` where the file says another number."""
        found = self.number(pointer)
        if not isclose(found, value, rel_tol=1e-6, abs_tol=1e-9):
            raise HarnessError(f"{self.name}: {pointer}: is {found:.6g}, not {value:.6g}")


def _shown(value: Json) -> str:
    text = json.dumps(value)
    return text if len(text) < 40 else f"{text[:40]}…"
