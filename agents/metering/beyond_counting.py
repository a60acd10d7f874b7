"""What of a request is not bounded by its bytes: content that is no text or lies at the provider's,
tools that the provider runs and charges apart, other models, and dearer tiers."""

import re
from typing import cast

from agents.metering.content_parts import beyond_text
from agents.metering.offered_tools import run_elsewhere
from agents.metering.usage import Json, mapping

_REFUSED = (
    "previous_response_id",
    "conversation",
    "prompt",
    "container",
    "mcp_servers",
    "background",
    "web_search_options",
    "inference_geo",
    "models",
    "fallbacks",
    "plugins",
    "prediction",
    "audio",
)
"""Content, tools, models and prices that are not in the request, or that its bytes do not bound;
`prompt` is a stored one."""
_ONLY: dict[str, tuple[object, ...]] = {
    "service_tier": ("auto", "default", "standard_only", "flex"),
    "speed": ("standard",),
    "modalities": (["text"],),
}
"""Other values have another price than the list's."""
_CONTENT = ("messages", "input", "system", "instructions")
_CLEARING = re.compile(r"clear_(thinking|tool_uses)_\d{8}", re.ASCII)
"""Edits of the context that leave things out of it; others ask a model to write."""


def beyond_counting(asked: Json) -> str | None:
    """Why the cost of a request has no bound that its bytes give; `None` where it has one."""
    for key in _REFUSED:
        if asked.get(key):
            return f"{key}: what it takes cannot be counted before the call"
    for key, values in _ONLY.items():
        if asked.get(key) is not None and asked[key] not in values:
            return f"{key}: its price is not the list's; choose of {', '.join(map(str, values))}"
    return (
        _beyond_clearing(asked.get("context_management"))
        or run_elsewhere(asked.get("tools"))
        or next(filter(None, (beyond_text(asked.get(key)) for key in _CONTENT)), None)
    )


def _beyond_clearing(management: object) -> str | None:
    if not management:
        return None
    edits = mapping(management).get("edits")
    listed = cast("list[object]", edits) if isinstance(edits, list) else [None]
    kinds = [str(mapping(each).get("type")) for each in listed]
    if all(_CLEARING.fullmatch(kind) for kind in kinds):
        return None
    return f"context_management: what it takes cannot be counted: {', '.join(kinds)[:80]}"
