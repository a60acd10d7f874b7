"""Which headers pass through the meter."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from agents.metering.upstream import Upstream

if TYPE_CHECKING:
    from multidict import CIMultiDict

_OF_ONE_CONNECTION = {
    "connection",
    "keep-alive",
    "proxy-authenticate",
    "proxy-authorization",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
}
"""RFC 9110, 7.6.1."""
_NOT_ASKED = {"host", "content-length", "expect", "authorization", "x-api-key", "cookie"}
_NOT_ANSWERED = {"content-length", "set-cookie"}


def asked_headers(given: Mapping[str, str], upstream: Upstream) -> "CIMultiDict[str]":
    """Headers of a request, with the key in the place of the step's token.

    The answer is asked for without compression, so that its usage can be read on the side.
    """
    passed = _without(given, _NOT_ASKED)
    passed.update(upstream.authorisation())
    passed["accept-encoding"] = "identity"
    return passed


def answered_headers(given: Mapping[str, str], upstream: Upstream) -> "CIMultiDict[str]":
    """Headers of an answer, without any that holds the key."""
    passed = _without(given, _NOT_ANSWERED)
    for name in {name for name, value in passed.items() if upstream.quotes_key(value.encode())}:
        del passed[name]
    return passed


def _without(given: Mapping[str, str], names: set[str]) -> "CIMultiDict[str]":
    from multidict import CIMultiDict

    listed = given.get("Connection", "").lower().split(",")
    left_out = {*_OF_ONE_CONNECTION, *names, *(name.strip() for name in listed)}
    return CIMultiDict((key, value) for key, value in given.items() if key.lower() not in left_out)
