"""A provider on this machine: three APIs, whole and streamed, and what can go wrong with them."""

import json
import threading
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar, NamedTuple

Body = dict[str, Any]


class Say(NamedTuple):
    """What happens to one request."""

    pieces: tuple[bytes, ...]
    """Bytes of the body, each sent by itself."""
    status: int = 200
    content_type: str = "application/json"
    headers: tuple[tuple[str, str], ...] = ()
    cut: bool = False
    """Close the connection in place of the end."""
    gate: threading.Event | None = None
    """Waited for before the last piece."""
    refuses: bool = False
    """Close without a word."""


class Request(NamedTuple):
    path: str
    headers: dict[str, str]
    raw: bytes

    @property
    def body(self) -> Body:
        return json.loads(self.raw)


@dataclass
class Provider:
    """Answers by `script`, and remembers what it was asked."""

    url: str
    script: Callable[[Request], Say]
    requests: list[Request] = field(default_factory=list)


MESSAGE_USAGE = {
    "input_tokens": 10,
    "cache_creation_input_tokens": 20,
    "cache_read_input_tokens": 70,
    "output_tokens": 5,
}
"""100 in, of which 20 are written to a cache and 70 read from it; 5 out."""
RESPONSE_USAGE = {
    "input_tokens": 100,
    "input_tokens_details": {"cached_tokens": 70},
    "output_tokens": 5,
    "output_tokens_details": {"reasoning_tokens": 2},
    "total_tokens": 105,
}
CHAT_USAGE = {
    "prompt_tokens": 100,
    "completion_tokens": 5,
    "total_tokens": 105,
    "prompt_tokens_details": {"cached_tokens": 70},
}


def events(*each: Body, named: bool = True) -> bytes:
    lines = [
        (f"event: {one['type']}\n" if named else "") + f"data: {json.dumps(one)}\n\n"
        for one in each
    ]
    return "".join(lines).encode()


def message_stream(model: str = "m", text: str = "hello") -> bytes:
    """As Anthropic streams: counts at the start, the output's total at the end."""
    begun = MESSAGE_USAGE | {"output_tokens": 1}
    block = {"type": "text", "text": ""}
    message = {"id": "x", "type": "message", "role": "assistant", "model": model, "content": []}
    return events(
        {
            "type": "message_start",
            "message": message | {"stop_reason": None, "stop_sequence": None, "usage": begun},
        },
        {"type": "content_block_start", "index": 0, "content_block": block},
        {"type": "ping"},
        {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": text}},
        {"type": "content_block_stop", "index": 0},
        {
            "type": "message_delta",
            "delta": {"stop_reason": "end_turn", "stop_sequence": None},
            "usage": {"output_tokens": 5},
        },
        {"type": "message_stop"},
    )


def response_of(model: str, text: str, status: str = "completed") -> Body:
    part = {"type": "output_text", "text": text, "annotations": []}
    message = {"type": "message", "id": "i", "role": "assistant", "status": "completed"}
    return {
        "id": "r",
        "object": "response",
        "created_at": 1,
        "model": model,
        "status": status,
        "error": None,
        "output": [message | {"content": [part]}],
        "parallel_tool_calls": True,
        "tool_choice": "auto",
        "tools": [],
        "usage": RESPONSE_USAGE,
    }


def response_stream(model: str = "m", text: str = "hello", end: str = "completed") -> bytes:
    whole = response_of(model, text, end)
    begun = whole | {"status": "in_progress", "output": [], "usage": None}
    return events(
        {"type": "response.created", "sequence_number": 0, "response": begun},
        {
            "type": "response.output_text.delta",
            "sequence_number": 1,
            "item_id": "i",
            "output_index": 0,
            "content_index": 0,
            "delta": text,
            "logprobs": [],
        },
        {"type": f"response.{end}", "sequence_number": 2, "response": whole},
    )


def chat_of(model: str, text: str) -> Body:
    message = {"role": "assistant", "content": text}
    return {
        "id": "c",
        "object": "chat.completion",
        "created": 1,
        "model": model,
        "choices": [{"index": 0, "message": message, "finish_reason": "stop"}],
        "usage": CHAT_USAGE,
    }


def chat_stream(model: str, text: str, *, with_usage: bool) -> bytes:
    """As OpenAI streams: the usage only for who asks for it."""
    base = {"id": "c", "object": "chat.completion.chunk", "created": 1, "model": model}
    said = {"index": 0, "delta": {"role": "assistant", "content": text}, "finish_reason": None}
    last = {"index": 0, "delta": {}, "finish_reason": "stop"}
    parts = [base | {"choices": [said]}, base | {"choices": [last]}]
    if with_usage:
        parts.append(base | {"choices": [], "usage": CHAT_USAGE})
    return events(*parts, named=False) + b"data: [DONE]\n\n"


def usual(request: Request) -> Say:
    """What a provider says that is well."""
    asked, path = request.body, request.path.partition("?")[0]
    model, is_stream = asked["model"], bool(asked.get("stream"))
    if path.endswith("/count_tokens"):
        return say({"input_tokens": 12})
    if path.endswith("/messages"):
        content = [{"type": "text", "text": "hello"}]
        message = {"id": "x", "type": "message", "role": "assistant", "model": model}
        ended = {"content": content, "stop_reason": "end_turn", "stop_sequence": None}
        whole, stream = message | ended | {"usage": MESSAGE_USAGE}, message_stream(model)
    elif path.endswith("/responses"):
        whole, stream = response_of(model, "hello"), response_stream(model)
    else:
        wanted = bool((asked.get("stream_options") or {}).get("include_usage"))
        whole, stream = chat_of(model, "hello"), chat_stream(model, "hello", with_usage=wanted)
    return Say((stream,), content_type="text/event-stream") if is_stream else say(whole)


def say(body: Body, status: int = 200) -> Say:
    return Say((json.dumps(body).encode(),), status)


def streamed(*pieces: bytes, **more: Any) -> Say:
    return Say(pieces, content_type="text/event-stream; charset=utf-8", **more)


def in_turn(*says: Say) -> Callable[[Request], Say]:
    """One after the other; the last is repeated."""
    left: list[Say] = [*says]
    return lambda _: left.pop(0) if len(left) > 1 else left[0]


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    state: ClassVar[Provider]

    def do_POST(self) -> None:
        raw = self.rfile.read(int(self.headers["content-length"]))
        headers = {key.lower(): value for key, value in self.headers.items()}
        request = Request(self.path, headers, raw)
        self.state.requests.append(request)
        said = self.state.script(request)
        self.close_connection = said.cut or said.refuses
        if said.refuses:
            return
        self.send_response(said.status)
        for key, value in (("content-type", said.content_type), *said.headers):
            self.send_header(key, value)
        self.send_header("transfer-encoding", "chunked")
        self.end_headers()
        self._send(said.pieces, said)

    def _send(self, pieces: Sequence[bytes], said: Say) -> None:
        for place, piece in enumerate(pieces):
            if said.gate is not None and place == len(pieces) - 1:
                said.gate.wait(10)
            if piece:
                self.wfile.write(f"{len(piece):x}\r\n".encode() + piece + b"\r\n")
                self.wfile.flush()
        if not said.cut:
            self.wfile.write(b"0\r\n\r\n")

    def log_message(self, format: str, *args: object) -> None:
        pass


class _Server(ThreadingHTTPServer):
    daemon_threads, block_on_close, request_queue_size = True, False, 128

    def handle_error(self, *_: object) -> None:
        """A meter that hangs up is part of what is tested."""


@contextmanager
def provider(script: Callable[[Request], Say] = usual) -> Generator[Provider]:
    """A running provider on a free port."""

    class Handler(_Handler):
        pass

    server = _Server(("127.0.0.1", 0), Handler)
    Handler.state = state = Provider(f"http://127.0.0.1:{server.server_address[1]}", script)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    yield state
    server.shutdown()
    server.server_close()
    thread.join()
