"""Why a model gave no answer that can be used. A status with its kind, and never a score."""

import time
from collections.abc import Mapping
from email.utils import mktime_tz, parsedate_tz
from math import isfinite
from typing import Literal

from harness.record import Record

Kind = Literal[
    "timeout",
    "authentication",
    "rate_limit",
    "server",
    "connection",
    "request",
    "refusal",
    "truncated",
    "malformed",
    "wrong_claims",
]

_WORTH_ASKING_AGAIN: tuple[Kind, ...] = ("rate_limit", "server", "connection")


class Problem(Record):
    """What went wrong, in words that hold no key."""

    kind: Kind
    message: str


class Unanswered(Exception):
    """Raised by whatever stands between a question and a valid answer."""

    def __init__(
        self,
        kind: Kind,
        message: str,
        *,
        retry_after_seconds: float | None = None,
        body: str | None = None,
        status: int | None = None,
        said: str | None = None,
    ) -> None:
        super().__init__(f"{kind}: {message}")
        self.problem = Problem(kind=kind, message=message)
        self.retry_after_seconds = retry_after_seconds
        self.body = body
        """What came back all the same."""
        self.status = status
        """Of the HTTP response, where that was an error."""
        self.said = said
        """The server's own words, where it gave a status; a key may be quoted in them."""

    @property
    def is_passing(self) -> bool:
        """Whether the same question may be answered a little later."""
        return self.problem.kind in _WORTH_ASKING_AGAIN


def of_status(status: int, headers: Mapping[str, str], message: str) -> Unanswered:
    """What an HTTP status means. A server that refuses a key quotes it: its words are no part of
    the problem then."""
    told = f"HTTP {status}: {message}" if message else f"HTTP {status}"
    wait = retry_after_seconds(headers.get("retry-after"))
    if wait is not None:
        told += f" (asks to wait {wait:g} s)"
    kind = _kind(status)
    if kind == "authentication":
        told = f"HTTP {status}: the key was not accepted"
    return Unanswered(kind, told, retry_after_seconds=wait, status=status, said=message)


def _kind(status: int) -> Kind:
    match status:
        case 401 | 403:
            return "authentication"
        case 408 | 409 | 429:
            return "rate_limit"
        case _:
            return "server" if status >= 500 else "request"


def retry_after_seconds(header: str | None) -> float | None:
    """Seconds to wait by a `retry-after` of either form of RFC 9110, 10.2.3; `None` for neither."""
    if header is None:
        return None
    try:
        seconds = float(header)
    except ValueError:
        date = parsedate_tz(header)
        return max(mktime_tz(date) - time.time(), 0.0) if date else None
    return seconds if isfinite(seconds) and seconds >= 0 else None
