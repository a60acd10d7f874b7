"""What a model says, in the forms of the three APIs, whole and streamed."""

import json
from collections.abc import Iterable, Iterator
from typing import Any, Literal, NamedTuple

Body = dict[str, Any]


class Call(NamedTuple):
    """A tool that the model asks for."""

    tool: str
    arguments: dict[str, Any]
    """Of a tool that takes bare text, the text is under `input`."""


class Reply(NamedTuple):
    """What happens to one request."""

    text: str = ""
    calls: tuple[Call, ...] = ()
    stop: str | None = None
    """`refusal` or `length`, put into the words of the API."""
    status: int = 200
    """Of an error, `text` is the message."""
    headers: tuple[tuple[str, str], ...] = ()
    body: str | None = None
    """The whole body in place of all the rest."""
    manner: Literal["whole", "cut", "silent"] = "whole"
    """`cut`: closed in the middle; `silent`: never answered."""
    input_tokens: int = 11
    output_tokens: int = 7


class Asked(NamedTuple):
    """What the form of a reply depends on."""

    path: str
    """Without what follows a question mark."""
    body: Body
    number: int
    """Of the request, for ids that are unique."""

    @property
    def is_streamed(self) -> bool:
        return bool(self.body.get("stream"))

    @property
    def model(self) -> str:
        return self.body.get("model", "a-model")


def formed(asked: Asked, reply: Reply) -> str:
    """The body of the response."""
    if reply.body is not None:
        return reply.body
    if reply.status >= 400:
        error = {"type": "scripted_error", "code": "scripted_error", "message": reply.text}
        return json.dumps({"type": "error", "error": error, "request_id": "req_1"})
    if asked.path.endswith("/count_tokens"):
        return json.dumps({"input_tokens": reply.input_tokens})
    if asked.path.endswith("/messages"):
        message = _message(asked, reply)
        return _named(_message_events(message)) if asked.is_streamed else json.dumps(message)
    if asked.path.endswith("/responses"):
        response = _response(asked, reply)
        return _named(_response_events(response)) if asked.is_streamed else json.dumps(response)
    chat = _chat(asked, reply)
    return _chat_stream(asked, chat) if asked.is_streamed else json.dumps(chat)


def _named(events: Iterable[Body]) -> str:
    lines = (f"event: {event['type']}\ndata: {json.dumps(event)}\n\n" for event in events)
    return "".join(lines)


def _message(asked: Asked, reply: Reply) -> Body:
    text = [{"type": "text", "text": reply.text}] if reply.text else []
    calls = [
        {"type": "tool_use", "id": f"toolu_{asked.number}_{place}", "name": tool, "input": given}
        for place, (tool, given) in enumerate(reply.calls)
    ]
    usual = "tool_use" if calls else "end_turn"
    return {
        "id": f"msg_{asked.number}",
        "type": "message",
        "role": "assistant",
        "model": asked.model,
        "content": text + calls,
        "stop_reason": {None: usual, "length": "max_tokens"}.get(reply.stop, reply.stop),
        "stop_sequence": None,
        "usage": {
            "input_tokens": reply.input_tokens,
            "cache_creation_input_tokens": 0,
            "cache_read_input_tokens": 0,
            "output_tokens": reply.output_tokens,
        },
    }


def _message_events(message: Body) -> Iterator[Body]:
    begun = message["usage"] | {"output_tokens": 1}
    yield {
        "type": "message_start",
        "message": message | {"content": [], "stop_reason": None, "usage": begun},
    }
    for index, block in enumerate(message["content"]):
        if block["type"] == "text":
            empty, delta = block | {"text": ""}, {"type": "text_delta", "text": block["text"]}
        else:
            empty = block | {"input": {}}
            delta = {"type": "input_json_delta", "partial_json": json.dumps(block["input"])}
        yield {"type": "content_block_start", "index": index, "content_block": empty}
        yield {"type": "content_block_delta", "index": index, "delta": delta}
        yield {"type": "content_block_stop", "index": index}
    stopped = {key: message[key] for key in ("stop_reason", "stop_sequence")}
    yield {"type": "message_delta", "delta": stopped, "usage": message["usage"]}
    yield {"type": "message_stop"}


def _response(asked: Asked, reply: Reply) -> Body:
    is_cut = reply.stop == "length"
    return {
        "id": f"resp_{asked.number}",
        "object": "response",
        "created_at": 1,
        "model": asked.model,
        "status": "incomplete" if is_cut else "completed",
        "incomplete_details": {"reason": "max_output_tokens"} if is_cut else None,
        "error": None,
        "output": [*_response_text(asked, reply), *_response_calls(asked, reply)],
        "parallel_tool_calls": True,
        "tool_choice": "auto",
        "tools": [],
        "usage": {
            "input_tokens": reply.input_tokens,
            "input_tokens_details": {"cached_tokens": 0},
            "output_tokens": reply.output_tokens,
            "output_tokens_details": {"reasoning_tokens": 0},
            "total_tokens": reply.input_tokens + reply.output_tokens,
        },
    }


def _response_text(asked: Asked, reply: Reply) -> Iterator[Body]:
    if not reply.text and reply.stop is None:
        return
    part: Body = {"type": "output_text", "text": reply.text, "annotations": []}
    if reply.stop == "refusal":
        part = {"type": "refusal", "refusal": reply.text}
    named = {"type": "message", "id": f"msg_{asked.number}", "status": "completed"}
    yield named | {"role": "assistant", "content": [part]}


def _response_calls(asked: Asked, reply: Reply) -> Iterator[Body]:
    """A tool that the request declares as `custom` takes bare text in place of JSON."""
    custom = {
        tool["name"] for tool in asked.body.get("tools") or () if tool.get("type") == "custom"
    }
    for place, (tool, given) in enumerate(reply.calls):
        ids = {"id": f"item_{asked.number}_{place}", "call_id": f"call_{asked.number}_{place}"}
        called = ids | {"name": tool, "status": "completed"}
        if tool in custom:
            yield {"type": "custom_tool_call", "input": given["input"]} | called
        else:
            yield {"type": "function_call", "arguments": json.dumps(given)} | called


def _response_events(response: Body) -> Iterator[Body]:
    begun = response | {"status": "in_progress", "output": [], "usage": None}
    events: list[Body] = [{"type": "response.created", "response": begun}]
    for place, item in enumerate(response["output"]):
        at = {"output_index": place}
        events.append({"type": "response.output_item.added", "item": item | _EMPTY} | at)
        for part in item.get("content") or ():
            if part["type"] == "output_text":
                events += _part_events(part, {"item_id": item["id"], "content_index": 0} | at)
        events.append({"type": "response.output_item.done", "item": item} | at)
    events.append({"type": f"response.{response['status']}", "response": response})
    for number, event in enumerate(events):
        yield event | {"sequence_number": number}


_EMPTY = {"status": "in_progress"}


def _part_events(part: Body, at: Body) -> Iterator[Body]:
    yield {"type": "response.content_part.added", "part": part | {"text": ""}} | at
    yield {"type": "response.output_text.delta", "delta": part["text"], "logprobs": []} | at
    yield {"type": "response.output_text.done", "text": part["text"], "logprobs": []} | at
    yield {"type": "response.content_part.done", "part": part} | at


def _chat(asked: Asked, reply: Reply) -> Body:
    calls = [
        {
            "id": f"call_{asked.number}_{place}",
            "type": "function",
            "function": {"name": tool, "arguments": json.dumps(given)},
        }
        for place, (tool, given) in enumerate(reply.calls)
    ]
    message: Body = {"role": "assistant", "content": reply.text or None, "refusal": None}
    if calls:
        message["tool_calls"] = calls
    if reply.stop == "refusal":
        message |= {"content": None, "refusal": reply.text or "no"}
    usual = "tool_calls" if calls else "stop"
    finish = "length" if reply.stop == "length" else usual
    return {
        "id": f"chat_{asked.number}",
        "object": "chat.completion",
        "created": 1,
        "model": asked.model,
        "choices": [{"index": 0, "message": message, "finish_reason": finish}],
        "usage": {
            "prompt_tokens": reply.input_tokens,
            "completion_tokens": reply.output_tokens,
            "total_tokens": reply.input_tokens + reply.output_tokens,
        },
    }


def _chat_stream(asked: Asked, chat: Body) -> str:
    """The usage comes only where it is asked for."""
    base = {key: chat[key] for key in ("id", "created", "model")}
    base["object"] = "chat.completion.chunk"
    [choice] = chat["choices"]
    delta = choice["message"] | {
        "tool_calls": [
            {"index": place, **call}
            for place, call in enumerate(choice["message"].get("tool_calls", ()))
        ]
    }
    chunks: list[Body] = [
        base | {"choices": [{"index": 0, "delta": delta, "finish_reason": None}]},
        base | {"choices": [choice | {"message": None, "delta": {}}]},
    ]
    if (asked.body.get("stream_options") or {}).get("include_usage"):
        chunks.append(base | {"choices": [], "usage": chat["usage"]})
    return "".join(f"data: {json.dumps(chunk)}\n\n" for chunk in chunks) + "data: [DONE]\n\n"
