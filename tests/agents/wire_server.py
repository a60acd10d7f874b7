"""A server on this machine that plays the model for all three APIs, whole and streamed."""

import json
import threading
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import ClassVar

from tests.agents.wire_forms import Asked, Body, Call, Reply, formed

__all__ = ["Call", "Reply", "WireServer", "wire_server"]

Script = Callable[[Body, int], Reply] | Sequence[Reply]
"""Given the body and the number of the request, from 0; of a sequence, the last is repeated."""


@dataclass
class WireServer:
    """Answers by its script, and remembers what it was asked."""

    url: str
    """Without a path."""
    script: Script
    requests: list[tuple[str, dict[str, str], Body]] = field(default_factory=list)
    """Path, headers with names in lower case, and body of each request that a model answers."""
    counted: int = 0
    """Requests that only count tokens."""
    faults: list[Exception] = field(default_factory=list)
    """Raised by the script; the first is raised again when the server closes."""
    closing: threading.Event = field(default_factory=threading.Event)
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def bodies(self) -> list[Body]:
        """Of all requests that a model answers, in order."""
        return [body for _, _, body in self.requests]

    def take(self, path: str, headers: dict[str, str], body: Body) -> tuple[Asked, Reply]:
        """Remember a request and choose its reply."""
        bare = path.partition("?")[0]
        with self.lock:
            asked = Asked(bare, body, len(self.requests))
            if bare.endswith("/count_tokens"):
                self.counted += 1
                return asked, Reply()
            self.requests.append((path, headers, body))
            try:
                return asked, self._scripted(asked)
            except Exception as error:
                self.faults.append(error)
                return asked, Reply(text=f"the script failed: {error!r}", status=400)

    def _scripted(self, asked: Asked) -> Reply:
        if callable(self.script):
            return self.script(asked.body, asked.number)
        return self.script[min(asked.number, len(self.script) - 1)]


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    state: ClassVar[WireServer]

    def do_POST(self) -> None:
        content = self.rfile.read(int(self.headers["content-length"]))
        headers = {key.lower(): value for key, value in self.headers.items()}
        asked, reply = self.state.take(self.path, headers, json.loads(content))
        if reply.manner == "silent":
            self.state.closing.wait()
            self.close_connection = True
            return
        is_event_stream = asked.is_streamed and reply.status < 400
        kind = "text/event-stream" if is_event_stream else "application/json"
        self._write(reply, formed(asked, reply).encode(), kind)

    def do_GET(self) -> None:
        self._write(Reply(), b'{"object": "list", "data": [], "models": []}', "application/json")

    def do_HEAD(self) -> None:
        self._write(Reply(), b"", "application/json")

    def _write(self, reply: Reply, content: bytes, kind: str) -> None:
        self.send_response(reply.status)
        for key, value in (("content-type", kind), *reply.headers):
            self.send_header(key, value)
        self.send_header("content-length", str(len(content)))
        self.end_headers()
        self.wfile.write(content[: len(content) // 2] if reply.manner == "cut" else content)
        self.close_connection = reply.manner == "cut"

    def log_message(self, format: str, *args: object) -> None:
        pass


class _Server(ThreadingHTTPServer):
    daemon_threads, block_on_close, request_queue_size = True, False, 128

    def handle_error(self, *_: object) -> None:
        """An agent that is killed hangs up; that is part of what is tested."""


@contextmanager
def wire_server(script: Script) -> Generator[WireServer]:
    """A running server on a free port. Raises at its end what the script raised."""

    class Handler(_Handler):
        pass

    server = _Server(("127.0.0.1", 0), Handler)
    state = WireServer(f"http://127.0.0.1:{server.server_address[1]}", script)
    Handler.state = state
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield state
    finally:
        state.closing.set()
        server.shutdown()
        server.server_close()
        thread.join()
    if state.faults:
        raise state.faults[0]
