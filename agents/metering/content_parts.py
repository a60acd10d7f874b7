"""Which content a request may hold: text, whose bytes bound its tokens.

An image, a sound or a document of some hundred bytes can count as thousands of tokens.
"""

from collections.abc import Iterator
from typing import cast

from agents.metering.offered_tools import run_elsewhere
from agents.metering.usage import Json, mapping

_OF_TEXT = frozenset(
    {
        "message",
        "text",
        "refusal",
        # Of Anthropic's Messages.
        "tool_use",
        "tool_result",
        "tool_reference",
        "tool_definition",
        "tool_addition",
        "tool_removal",
        "thinking",
        "redacted_thinking",
        # Of OpenAI's Responses.
        "input_text",
        "output_text",
        "summary_text",
        "reasoning_text",
        "reasoning",
        "function_call",
        "function_call_output",
        "custom_tool_call",
        "custom_tool_call_output",
        "local_shell_call",
        "local_shell_call_output",
        "tool_search_call",
        "tool_search_output",
        "additional_tools",
        # Of OpenAI's Chat Completions: calls.
        "function",
        "custom",
    }
)
_OTHER_THAN_TEXT = (
    "source",
    "image",
    "images",
    "image_url",
    "video_url",
    "audio",
    "audio_url",
    "input_audio",
    "inline_data",
    "file",
    "file_id",
    "file_url",
    "file_data",
)
"""Some servers read a part by its key, whether it has a type or not."""
_NO_CONTENT = {
    "cache_control",
    "caller",
    "citations",
    "annotations",
    "logprobs",
    "action",
    "arguments",
    "tools",
    "definition",
}
"""Keys of parts and messages whose values have types of their own; the last two are of tools."""
_LONGEST_KIND = 40
_ONLY_TEXT = "only text can be counted before the call; its bytes do not bound what it costs"


def beyond_text(content: object) -> str | None:
    """Why content cannot be counted; `None` where it is text, at any depth."""
    for part in _parts(content):
        kind = part.get("type")
        if kind is not None and (not isinstance(kind, str) or kind not in _OF_TEXT):
            return f"content of type {str(kind)[:_LONGEST_KIND]}: {_ONLY_TEXT}"
        for key in _OTHER_THAN_TEXT:
            if part.get(key):
                return f"content with {key}: {_ONLY_TEXT}"
        defined = part.get("definition")
        why = run_elsewhere(part.get("tools")) or run_elsewhere(defined and [defined])
        if why is not None:
            return why
    return None


def _parts(value: object) -> Iterator[Json]:
    """Every message, item and part of a content, at any depth, but what a tool was called with."""
    if isinstance(value, list):
        for each in cast("list[object]", value):
            yield from _parts(each)
    if not isinstance(value, dict):
        return
    part = mapping(value)
    yield part
    is_call = part.get("type") == "tool_use"
    for key, each in part.items():
        if key not in _NO_CONTENT and not (is_call and key == "input"):
            yield from _parts(each)
