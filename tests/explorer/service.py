"""A double of Neuronpedia's explorer on this machine, with faults that a test can plan."""

import json
from collections.abc import Generator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

KEY = "key-of-a-test"
PAPER = {"id": 7, "mainUrl": "http://arxiv.org/abs/2308.10248/", "title": "Activation Addition"}


class Service:
    """Nodes and edges, every call with its body, and what goes wrong."""

    def __init__(self, *nodes: dict[str, Any]) -> None:
        self.nodes: list[dict[str, Any]] = list(nodes)
        self.edges: list[dict[str, Any]] = []
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self.cut: str | None = None
        """A call at which the connection ends without an answer."""
        self.answers: dict[str, list[tuple[int, bytes]]] = {}
        """Planned answers by call, the first one next."""
        self.address = ""

    @property
    def names(self) -> list[str]:
        return [name for name, _ in self.calls]

    def answer(self, call: str, body: dict[str, Any]) -> Any:
        match call:
            case "node/list":
                return self.nodes
            case "node/get":
                own = [each for each in self.edges if each["sourceNodeId"] == body["id"]]
                return {"id": body["id"], "edgesAsSource": own}
            case "node/new":
                self.nodes.append({"id": 100 + len(self.nodes), **body})
                return self.nodes[-1]
            case "node/update":
                node = next(each for each in self.nodes if each["id"] == body["id"])
                node.update(body)
                return node
            case "edge/new":
                self.edges.append(body)
                return {"id": "edge", **body}
            case _:
                raise AssertionError(call)


@contextmanager
def running(service: Service) -> Generator[Service]:
    """The service on a port of its own, with its address."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            call = self.path.removeprefix("/api/explorer/")
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            service.calls.append((call, body))
            if service.cut == call:
                self.close_connection = True
                return
            status, content = 200, b""
            if service.answers.get(call):
                status, content = service.answers[call].pop(0)
            elif self.headers["x-api-key"] != KEY:
                status, content = 401, b'{"error": "no"}'
            else:
                content = json.dumps(service.answer(call, body)).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(content)))
            if status == 302:
                self.send_header("Location", f"{service.address}/api/explorer/elsewhere")
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: Any) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    service.address = f"http://127.0.0.1:{server.server_address[1]}"
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield service
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
