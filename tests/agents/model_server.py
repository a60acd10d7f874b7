"""A server on this machine that speaks the three APIs and says what it is told to say."""

import json
import threading
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar, NamedTuple


class Step(NamedTuple):
    """What happens to one request."""

    text: str = ""
    """What the model says, put into the form of the API that is asked."""
    stop: str | None = None
    """`refusal` or `length`, put into the words of the API."""
    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()
    body: str | None = None
    """The whole body in place of the model's text."""
    manner: str = "whole"
    """`whole`; `cut`: closed in the middle; `silent`: never answered; `drip`: byte by byte;
    `together`: once every model has been asked."""


@dataclass
class ModelServer:
    """Steps by the name of the model that is asked for, the last of which is repeated."""

    port: int
    steps: dict[str, Sequence[Step]] = field(default_factory=dict)
    requests: list[tuple[str, dict[str, str], dict[str, Any]]] = field(default_factory=list)
    """Path, headers and body of each request, in order."""
    closing: threading.Event = field(default_factory=threading.Event)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def asked(self, model: str) -> list[dict[str, Any]]:
        """Bodies of the requests to one model."""
        return [body for _, _, body in self.requests if body["model"] == model]

    @property
    def all_were_asked(self) -> bool:
        return all(map(self.asked, self.steps)) or self.closing.is_set()

    def next_step(self, model: str) -> Step:
        steps = self.steps[model]
        return steps[min(len(self.asked(model)), len(steps)) - 1]


def body_of(path: str, model: str, step: Step) -> str:
    """The step's text as the API at that path wraps it."""
    named = f"{model}-as-served"
    if path.endswith("/messages"):
        stop = {None: "end_turn", "length": "max_tokens"}.get(step.stop, step.stop)
        usage = {"input_tokens": 11, "output_tokens": 7, "new_field": 1}
        content = [{"type": "thinking", "thinking": "{"}, {"type": "text", "text": step.text}]
        made: dict[str, Any] = {"content": content, "stop_reason": stop, "usage": usage}
        return json.dumps(
            {"id": "m", "type": "message", "role": "assistant", "model": named} | made
        )
    if path.endswith("/responses"):
        part = {"type": "output_text", "text": step.text, "annotations": []}
        if step.stop == "refusal":
            part = {"type": "refusal", "refusal": "no"}
        message = {"type": "message", "id": "i", "role": "assistant", "content": [part]}
        made = {
            "output": [{"type": "reasoning", "id": "r", "summary": []}, message],
            "status": "incomplete" if step.stop == "length" else "completed",
            "incomplete_details": {"reason": "max_output_tokens"}
            if step.stop == "length"
            else None,
            "usage": {"input_tokens": 11, "output_tokens": 7, "total_tokens": 18},
        }
        return json.dumps({"id": "r", "object": "response", "model": named} | made)
    message = {"role": "assistant", "content": step.text}
    if step.stop == "refusal":
        message = {"role": "assistant", "content": None, "refusal": "no"}
    finish = "length" if step.stop == "length" else "stop"
    made = {
        "choices": [{"index": 0, "message": message, "finish_reason": finish}],
        "usage": {"prompt_tokens": 11, "completion_tokens": 7},
    }
    return json.dumps({"id": "c", "object": "chat.completion", "model": named} | made)


class _Handler(BaseHTTPRequestHandler):
    state: ClassVar[ModelServer]
    lock: ClassVar[threading.Lock]

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["content-length"])))
        headers = {key.lower(): value for key, value in self.headers.items()}
        with self.lock:
            self.state.requests.append((self.path, headers, asked))
            step = self.state.next_step(asked["model"])
        if step.manner == "silent":
            self.state.closing.wait()
            return
        while step.manner == "together" and not self.state.all_were_asked:
            self.state.closing.wait(0.01)
        body = step.body if step.body is not None else body_of(self.path, asked["model"], step)
        self._write(step, body.encode())

    def _write(self, step: Step, content: bytes) -> None:
        self.send_response(step.status)
        for key, value in (("content-type", "application/json"), *step.headers):
            self.send_header(key, value)
        self.send_header("content-length", str(len(content)))
        self.end_headers()
        if step.manner == "drip":
            self._drip(content)
        else:
            self.wfile.write(content[: len(content) // 2] if step.manner == "cut" else content)
        self.close_connection = True

    def _drip(self, content: bytes) -> None:
        for place in range(len(content)):
            if self.state.closing.wait(0.05):
                return
            try:
                self.wfile.write(content[place : place + 1])
            except OSError:
                return

    def log_message(self, format: str, *args: object) -> None:
        pass


@contextmanager
def model_server() -> Generator[ModelServer]:
    """A running server; the port is free's choice."""

    class Handler(_Handler):
        lock = threading.Lock()

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads, server.block_on_close = True, False
    Handler.state = state = ModelServer(server.server_address[1])
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    yield state
    state.closing.set()
    server.shutdown()
    server.server_close()
    thread.join()
