"""What of a request its bytes do not bound, and what agents send that they do."""

import json
from typing import Any

import pytest

from agents.metering.request import Unacceptable, read_request


def read(more: dict[str, Any]) -> str:
    """The model of a request that can be forwarded."""
    return read_request(
        "responses", json.dumps({"model": "m", "messages": []} | more).encode()
    ).model


def user(part: Any) -> dict[str, Any]:
    return {"messages": [{"role": "user", "content": [part]}]}


def item(part: dict[str, Any]) -> dict[str, Any]:
    return {"input": [{"role": "user", "content": [part]}]}


def result(part: dict[str, Any]) -> dict[str, Any]:
    return user({"type": "tool_result", "tool_use_id": "t", "content": [part]})


def tool(**fields: Any) -> dict[str, Any]:
    return {"tools": [fields]}


DATA = "data:image/png;base64,aaaa"
IMAGE = {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "aaaa"}}
PDF = {"type": "base64", "media_type": "application/pdf", "data": "aaaa"}
COMPACT = {"edits": [{"type": "clear_thinking_20251015"}, {"type": "compact_20260112"}]}
UNCOUNTED = [
    {"previous_response_id": "r"},
    {"conversation": "c"},
    {"prompt": {"id": "p"}},
    {"background": True},
    {"mcp_servers": [{"url": "https://example.org"}]},
    {"container": "c"},
    {"inference_geo": "us"},
    {"models": ["m", "dear"]},
    {"fallbacks": [{"model": "dear"}]},
    {"service_tier": "priority"},
    {"speed": "fast"},
    {"modalities": ["text", "audio"]},
    {"context_management": COMPACT},
    {"context_management": [{"type": "compaction", "compact_threshold": 1000}]},
    tool(type="web_search_20250305", name="web_search"),
    tool(type="web_search_preview"),
    tool(type="code_interpreter"),
    tool(type="mcp", server_url="https://example.org"),
    tool(type="advisor_20260301", name="advisor", model="dear"),
    tool(type="computer_use_preview"),
    tool(type="tool_search", execution="server"),
    tool(type="namespace", name="n", tools=[{"type": "web_search"}]),
    tool(type=["function"]),
    {"tools": {"type": "web_search"}},
    {"input": [{"type": "item_reference", "id": "i"}]},
    {"input": [{"type": "additional_tools", "tools": [{"type": "web_search"}]}]},
    user({"type": "tool_definition", "definition": {"type": "web_fetch_20250910"}}),
    user(IMAGE),
    result(IMAGE),
    result({"type": "document", "source": PDF}),
    {"system": [IMAGE]},
    user({"type": "document", "source": PDF}),
    user({"type": "document", "source": {"type": "text", "data": "a"}}),
    user({"type": "document", "source": {"type": "url", "url": "https://example.org/a.pdf"}}),
    user({"type": "document", "source": {"type": "file", "file_id": "f"}}),
    user({"type": "image_url", "image_url": {"url": "https://example.org/a.png"}}),
    user({"type": "image_url", "image_url": {"url": DATA}}),
    user({"image_url": {"url": DATA}}),
    user({"type": "text", "text": "a", "image_url": DATA}),
    {"messages": [{"role": "user", "content": "a", "images": ["aaaa"]}]},
    {"messages": [{"role": "tool", "content": [{"type": "image_url", "image_url": DATA}]}]},
    user({"type": "file", "file": {"file_id": "f"}}),
    user({"type": "file", "file": {"file_data": DATA}}),
    user({"type": "input_audio", "input_audio": {"data": "aaaa", "format": "wav"}}),
    user({"type": "video_url", "video_url": {"url": DATA}}),
    user({"type": 3}),
    item({"type": "input_file", "file_url": "https://x"}),
    item({"type": "input_file", "file_data": DATA}),
    item({"type": "input_image", "image_url": "https://x"}),
    item({"type": "input_image", "image_url": DATA}),
    {"input": [{"type": "function_call_output", "output": [{"type": "input_image"}]}]},
    {"input": [{"type": "custom_tool_call_output", "output": [{"type": "input_file"}]}]},
    {"input": [{"type": "image_generation_call", "id": "i"}]},
]


@pytest.mark.parametrize("more", UNCOUNTED, ids=json.dumps)
def test_what_its_bytes_do_not_bound_is_refused(more: dict[str, Any]) -> None:
    with pytest.raises(Unacceptable, match=r"count|price|charged"):
        read(more)


CALLED = {"type": "file", "url": "a", "source": IMAGE, "image_url": DATA}
COUNTED = [
    {"previous_response_id": None, "background": False, "service_tier": "auto"},
    {"modalities": ["text"], "audio": None, "container": None, "mcp_servers": [], "tools": None},
    {"context_management": {"edits": [{"type": "clear_thinking_20251015", "keep": "all"}]}},
    {"tools": [{"type": "function", "name": "bash"}, {"type": "local_shell"}, {"name": "Read"}]},
    tool(type="bash_20250124", name="bash"),
    tool(type="custom", name="apply_patch", format={"type": "grammar", "syntax": "lark"}),
    tool(type="namespace", name="n", tools=[{"type": "function", "name": "f"}]),
    tool(type="tool_search", execution="client"),
    tool(name="See", input_schema={"type": "object", "properties": {"image": {"type": "image"}}}),
    user({"type": "tool_use", "name": "find", "input": CALLED, "caller": {"type": "direct"}}),
    user({"type": "text", "text": DATA, "cache_control": {"type": "ephemeral"}}),
    user({"type": "tool_definition", "definition": {"name": "Read", "input_schema": CALLED}}),
    result({"type": "text", "text": DATA}),
    {"messages": [{"role": "tool", "content": DATA}, {"role": "assistant", "audio": None}]},
    item({"type": "output_text", "text": "a", "annotations": [{"type": "url_citation"}]}),
    {"input": [{"type": "local_shell_call", "action": {"type": "exec", "command": ["ls"]}}]},
    {"input": [{"type": "function_call_output", "output": DATA}]},
    {"input": "a text"},
]


@pytest.mark.parametrize("more", COUNTED, ids=json.dumps)
def test_what_an_agent_sends_of_itself_passes(more: dict[str, Any]) -> None:
    assert read(more) == "m"
