"""What a request asks for: its model, and what of it bounds what it can cost."""

import hashlib
import json
from typing import NamedTuple

from agents.metering.beyond_counting import beyond_counting
from agents.metering.cached_parts import is_kept_an_hour
from agents.metering.usage import Form, Json, mapping

_LONGEST_NAME = 200
_ADDED_TOKENS = 1000
"""More than what a provider adds of its own to a prompt: Anthropic's page on the price of tools
names up to 530 tokens."""
_BOUNDS: dict[Form, tuple[str, ...]] = {
    "messages": ("max_tokens",),
    "responses": ("max_output_tokens",),
    "chat": ("max_tokens", "max_completion_tokens"),
}


class Unacceptable(Exception):
    """A request that is not forwarded, whatever the budget; the text says why."""


class Asked(NamedTuple):
    """A request that can be forwarded."""

    form: Form
    model: str
    body: bytes
    """As it is forwarded."""
    digest: str
    """SHA-256 of its canonical JSON: equal for equal requests, however they are spelled."""
    output_tokens: int | None
    """At most; `None` where the request does not say."""
    is_kept_an_hour: bool = False
    """Whether some of it goes into a cache that is kept for longer than the usual one."""

    @property
    def input_tokens(self) -> int:
        """At most: a token of text has a byte or more, and nothing but text is forwarded."""
        return len(self.body) + _ADDED_TOKENS


def read_request(form: Form, body: bytes) -> Asked:
    """Raises `Unacceptable` for what is no request, and for what has no bound."""
    try:
        parsed: object = json.loads(body, object_pairs_hook=_without_twins)
        canonical = json.dumps(parsed, sort_keys=True, separators=(",", ":"))
        beyond = beyond_counting(mapping(parsed))
        is_dear = is_kept_an_hour(parsed)
    except (ValueError, RecursionError) as error:
        raise Unacceptable(f"not JSON that can be read: {error}") from error
    asked = mapping(parsed)
    model = asked.get("model")
    if not isinstance(model, str) or not 0 < len(model) <= _LONGEST_NAME:
        raise Unacceptable("model: a name is missing")
    if beyond is not None:
        raise Unacceptable(beyond)
    digest = hashlib.sha256(canonical.encode()).hexdigest()
    forwarded = _forwarded(form, asked, body)
    return Asked(form, model, forwarded, digest, _bound(form, asked), is_dear)


def _without_twins(pairs: list[tuple[str, object]]) -> Json:
    """Of two equal keys another reader might take the other one."""
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a key stands twice")
    return found


def _bound(form: Form, asked: Json) -> int | None:
    given = [asked[key] for key in _BOUNDS[form] if asked.get(key) is not None]
    answers = asked.get("n") or 1
    bounds: list[int] = []
    for each in (answers, *given):
        if not isinstance(each, int) or isinstance(each, bool) or each < 0:
            raise Unacceptable(f"n, {', '.join(_BOUNDS[form])}: whole numbers")
        bounds.append(each)
    return bounds[0] * max(bounds[1:]) if given else None


def _forwarded(form: Form, asked: Json, body: bytes) -> bytes:
    """The body as it came, but that a chat's stream is asked for its usage, which it leaves out
    otherwise."""
    options = mapping(asked.get("stream_options"))
    if form != "chat" or not asked.get("stream") or options.get("include_usage") is True:
        return body
    return json.dumps({**asked, "stream_options": {**options, "include_usage": True}}).encode()
