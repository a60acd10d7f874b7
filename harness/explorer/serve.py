"""Serve a folder of files to browsers on this machine, and to no other."""

from collections.abc import Generator
from contextlib import contextmanager
from functools import partial
from http import HTTPStatus
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from os import PathLike
from pathlib import Path
from typing import Any

from harness.record import HarnessError

_HOST = "127.0.0.1"
_TYPES = {
    ".csv": "text/csv; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".ipynb": "application/x-ipynb+json",
    ".json": "application/json",
    ".jsonl": "application/jsonl",
    ".md": "text/markdown; charset=utf-8",
    ".sh": "text/plain; charset=utf-8",
    ".webp": "image/webp",
    ".yaml": "text/plain; charset=utf-8",
}


@contextmanager
def serving(folder: Path, port: int) -> Generator[ThreadingHTTPServer]:
    """A server that is bound and not yet answering; port 0 takes any that is free.

    Raises `HarnessError` where the port is taken.
    """
    handler = partial(_Files, directory=str(folder))
    try:
        server = ThreadingHTTPServer((_HOST, port), handler)
    except OSError as error:
        raise HarnessError(f"port {port}: {error.strerror}; --port names another") from error
    with server:
        yield server


def address(server: ThreadingHTTPServer) -> str:
    """What to type into a browser."""
    return f"http://{_HOST}:{server.server_address[1]}/"


class _Files(SimpleHTTPRequestHandler):
    """Files alone: no listing of a folder, and no line a request."""

    def guess_type(self, path: str | PathLike[str]) -> str:
        suffix = Path(path).suffix
        return _TYPES[suffix] if suffix in _TYPES else super().guess_type(path)

    def end_headers(self) -> None:
        self.send_header("X-Content-Type-Options", "nosniff")
        self.send_header("Cache-Control", "no-cache")
        super().end_headers()

    def list_directory(self, path: object) -> None:  # noqa: ARG002
        self.send_error(HTTPStatus.NOT_FOUND)

    def log_message(self, format: str, *args: Any) -> None: ...
