"""GitHub's endpoints for pull requests, on the loopback: they keep state and follow a script."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

TOKEN = "ghp_planted0token0that0nothing0may0show"
PULLS = "/repos/someone/harness/pulls"


@dataclass(frozen=True)
class Turn:
    """What happens to the next call of a method instead of an honest answer."""

    method: str
    status: int = 500
    headers: dict[str, str] = field(default_factory=dict)
    message: str = "planted"
    cut: bool = False
    """The call takes effect, and its answer breaks off in the middle."""
    hidden: bool = False
    """A look-up does not see what is there."""


class GitHubDouble:
    """A repository's pull requests."""

    def __init__(self) -> None:
        self.pulls: list[dict[str, Any]] = []
        self.calls: list[str] = []
        """Method and path, in order."""
        self.script: list[Turn] = []
        self.tokens: set[str | None] = set()
        self.address = ""

    def opened(self, head: str, **others: str) -> dict[str, Any]:
        """Add a pull request, as if somebody had opened it."""
        number = len(self.pulls) + 1
        page = f"https://github.com/someone/harness/pull/{number}"
        made = {"number": number, "html_url": page, "head": head, "state": "open", **others}
        self.pulls.append(made)
        return made

    def turn(self, method: str) -> Turn | None:
        """The next one of the script, where it is about this method."""
        if self.script and self.script[0].method == method:
            return self.script.pop(0)
        return None

    def answer(self, method: str, path: str, body: dict[str, Any]) -> tuple[int, object]:
        """What GitHub answers, and does."""
        parts = urlsplit(path)
        if not parts.path.startswith(PULLS):
            return 404, {"message": "Not Found"}
        if method == "GET":
            query = {key: values[0] for key, values in parse_qs(parts.query).items()}
            wanted = (query["head"], query["base"], query["state"])
            return 200, [x for x in self.pulls if (x["head"], x["base"], x["state"]) == wanted]
        if method == "PATCH":
            found = self.pulls[int(parts.path.rpartition("/")[2]) - 1]
            found.update(body)
            return 200, found
        if any(x["head"] == body["head"] and x["state"] == "open" for x in self.pulls):
            told = {"message": f"A pull request already exists for {body['head']}."}
            return 422, {"message": "Validation Failed", "errors": [told]}
        return 201, self.opened(**body)


@contextmanager
def serving() -> Iterator[GitHubDouble]:
    """The double at `http://127.0.0.1:PORT`."""
    double = GitHubDouble()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._take("GET")

        def do_POST(self) -> None:
            self._take("POST")

        def do_PATCH(self) -> None:
            self._take("PATCH")

        def _take(self, method: str) -> None:
            length = int(self.headers["Content-Length"] or 0)
            body = json.loads(self.rfile.read(length) or b"{}")
            double.calls.append(f"{method} {self.path}")
            double.tokens.add(self.headers["Authorization"])
            turn = double.turn(method)
            if turn is None:
                self._give(*double.answer(method, self.path, body))
            elif turn.cut:
                self._give(*double.answer(method, self.path, body), cut=True)
            elif turn.hidden:
                self._give(200, [])
            else:
                self._give(turn.status, {"message": turn.message}, turn.headers)

        def _give(
            self,
            status: int,
            content: object,
            headers: dict[str, str] | None = None,
            *,
            cut: bool = False,
        ) -> None:
            text = json.dumps(content).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(text)))
            for name, value in (headers or {}).items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(text[: len(text) // 2] if cut else text)
            self.close_connection = True

        def log_message(self, format: str, *args: object) -> None:
            """Silence."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    double.address = f"http://127.0.0.1:{server.server_port}"
    try:
        yield double
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
