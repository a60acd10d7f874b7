"""For how long a request asks the provider to keep what it caches."""

from typing import cast

from agents.metering.usage import mapping

_USUAL = (None, "5m")
"""Of Anthropic's caches: the minutes that it takes where nothing is said."""


def is_kept_an_hour(asked: object) -> bool:
    """Whether any part of a request, at any depth, is to be kept for longer than usual."""
    if isinstance(asked, list):
        return any(map(is_kept_an_hour, cast("list[object]", asked)))
    parts = mapping(asked)
    if mapping(parts.get("cache_control")).get("ttl") not in _USUAL:
        return True
    return any(map(is_kept_an_hour, parts.values()))
