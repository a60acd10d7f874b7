"""What of a request cannot be counted by its bytes: content that lies at the provider's or
elsewhere, tools that the provider runs and charges apart, and dearer tiers."""

from collections.abc import Iterator
from typing import cast

from agents.metering.usage import Json, mapping

_KEPT_THERE = ("previous_response_id", "conversation", "prompt", "container", "mcp_servers")
"""Content or tools that are not in the request; `prompt` is a stored one."""
_RUN_THERE = (
    "web_search",
    "web_fetch",
    "code_execution",
    "code_interpreter",
    "file_search",
    "image_generation",
    "mcp",
)
"""How the types of tools begin that the provider runs."""
_DEARER = {"service_tier": "priority", "speed": "fast"}


def beyond_counting(asked: Json) -> str | None:
    """Why the cost of a request has no bound that its bytes give; `None` where it has one."""
    for key in _KEPT_THERE:
        if asked.get(key):
            return f"{key}: what it refers to cannot be counted before the call"
    if asked.get("background") or asked.get("web_search_options"):
        return "background, web_search_options: what they take cannot be counted"
    for key, value in _DEARER.items():
        if asked.get(key) == value:
            return f"{key}: {value} has another price than the list's"
    for tool in _items(asked.get("tools")):
        kind = str(mapping(tool).get("type", ""))
        if kind.startswith(_RUN_THERE):
            return f"tools: {kind[:40]}: runs at the provider's, which charges for it apart"
    content = (asked.get(key) for key in ("messages", "input", "system"))
    if any(_lies_elsewhere(part) for each in content for part in _objects(each)):
        return "content by address or file id cannot be counted; send it in the request"
    return None


def _lies_elsewhere(part: Json) -> bool:
    """An object of a request's content that stands for content which is not there."""
    match part.get("type"):
        case "url":
            return "url" in part
        case "file":
            return "file_id" in part or "file_id" in mapping(part.get("file"))
        case "input_image" | "input_file" | "image_url":
            image = part.get("image_url")
            address = mapping(image).get("url", image)
            is_remote = isinstance(address, str) and not address.startswith("data:")
            return is_remote or "file_id" in part or "file_url" in part
        case kind:
            return kind == "item_reference"


def _objects(value: object) -> Iterator[Json]:
    """Every JSON object in a value, at any depth."""
    if isinstance(value, dict):
        yield mapping(value)
        value = [*mapping(value).values()]
    for each in _items(value):
        yield from _objects(each)


def _items(value: object) -> list[object]:
    return cast("list[object]", value) if isinstance(value, list) else []
