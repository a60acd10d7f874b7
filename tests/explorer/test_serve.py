"""The server answers this machine alone, with files of its folder alone."""

import http.client
import socket
from collections.abc import Iterator
from pathlib import Path
from threading import Thread

import pytest

from harness.explorer.serve import address, serving
from harness.record import HarnessError


@pytest.fixture
def port(tmp_path: Path) -> Iterator[int]:
    folder = tmp_path / "site"
    for name in ("index.html", "feed.json", "a/rows.jsonl", "a/n.ipynb", "a/s.yaml", "a/t.webp"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(name)
    (tmp_path / "secret.txt").write_text("secret")
    with serving(folder, 0) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield int(address(server).rsplit(":", 1)[1].strip("/"))
        server.shutdown()
        thread.join()


def get(port: int, path: str) -> tuple[int, str | None, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    connection.request("GET", path)
    answer = connection.getresponse()
    found = (answer.status, answer.getheader("Content-Type"), answer.read())
    assert answer.getheader("X-Content-Type-Options") == "nosniff"
    connection.close()
    return found


@pytest.mark.parametrize(
    ("path", "kind", "content"),
    [
        ("/", "text/html; charset=utf-8", b"index.html"),
        ("/feed.json#x", "application/json", b"feed.json"),
        ("/a/rows.jsonl", "application/jsonl", b"a/rows.jsonl"),
        ("/a/n.ipynb", "application/x-ipynb+json", b"a/n.ipynb"),
        ("/a/s.yaml", "text/plain; charset=utf-8", b"a/s.yaml"),
        ("/a/t.webp", "image/webp", b"a/t.webp"),
    ],
)
def test_files_have_the_type_that_a_browser_needs(
    port: int, path: str, kind: str, content: bytes
) -> None:
    assert get(port, path) == (200, kind, content)


@pytest.mark.parametrize(
    "path", ["/../secret.txt", "/%2e%2e/secret.txt", "/a/..%2f..%2fsecret.txt", "/a/", "/none"]
)
def test_nothing_outside_and_no_listing_is_served(port: int, path: str) -> None:
    status, _, body = get(port, path)
    assert status == 404
    assert b"secret</" not in body
    assert b"rows.jsonl" not in body


def test_only_this_machine_is_answered_and_a_taken_port_is_named(port: int, tmp_path: Path) -> None:
    own = socket.gethostbyname(socket.gethostname())
    if not own.startswith("127."):
        with pytest.raises(OSError, match="refused"):
            socket.create_connection((own, port), timeout=2)
    with pytest.raises(HarnessError, match=f"port {port}"), serving(tmp_path, port):
        pass
