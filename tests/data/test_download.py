import hashlib
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from harness.data.download import find_or_download
from harness.record import HarnessError

NAME = "cities.csv"
CONTENT = b"statement,label\nThe city of Lodz is in Poland.,1\n"
SHA256 = hashlib.sha256(CONTENT).hexdigest()
CLOSED = "http://127.0.0.1:9/cities.csv"


class Web(HTTPServer):
    """Serves CONTENT at every path; sends only the first `sent` bytes of it, or an error."""

    status = 200
    announced = len(CONTENT)
    sent = len(CONTENT)
    requests = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/{NAME}"


class Handler(BaseHTTPRequestHandler):
    server: Web

    def do_GET(self) -> None:
        self.server.requests += 1
        self.send_response(self.server.status)
        self.send_header("Content-Length", str(self.server.announced))
        self.end_headers()
        self.wfile.write(CONTENT[: self.server.sent])

    def log_message(self, format: str, *args: object) -> None:
        """Keep the test's output quiet."""


@pytest.fixture
def web() -> Iterator[Web]:
    with Web(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def files_below(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def test_file_is_downloaded_once_and_then_read_from_the_cache(web: Web, own_cache: Path) -> None:
    assert find_or_download(NAME, url=web.url, sha256=SHA256) == CONTENT
    assert find_or_download(NAME, url=CLOSED, sha256=SHA256) == CONTENT
    assert web.requests == 1
    assert [path.name for path in files_below(own_cache)] == [NAME]


@pytest.mark.parametrize("announced", [len(CONTENT), 20])
def test_half_downloaded_file_is_neither_used_nor_kept(
    web: Web, own_cache: Path, announced: int
) -> None:
    web.announced, web.sent = announced, 20
    with pytest.raises(HarnessError, match=NAME):
        find_or_download(NAME, url=web.url, sha256=SHA256)
    assert files_below(own_cache) == []
    web.announced = web.sent = len(CONTENT)
    assert find_or_download(NAME, url=web.url, sha256=SHA256) == CONTENT


def test_download_of_other_content_is_refused_with_both_hashes(web: Web, own_cache: Path) -> None:
    with pytest.raises(HarnessError, match=f"{web.url}: sha256 is {SHA256}, expected {'0' * 64}"):
        find_or_download(NAME, url=web.url, sha256="0" * 64)
    assert files_below(own_cache) == []


def test_without_network_the_error_says_what_to_do() -> None:
    with pytest.raises(HarnessError, match=r"cannot be downloaded.*HARNESS_DATA, or make it$"):
        find_or_download(NAME, url=CLOSED, sha256=SHA256, instead="make it")
    with pytest.raises(HarnessError, match=r"in HARNESS_DATA$"):
        find_or_download(NAME, url=CLOSED, sha256=SHA256)


def test_page_that_is_missing_is_an_error(web: Web) -> None:
    web.status = 404
    with pytest.raises(HarnessError, match="404"):
        find_or_download(NAME, url=web.url, sha256=SHA256)


def test_file_altered_in_the_cache_is_refused_by_name(web: Web, own_cache: Path) -> None:
    find_or_download(NAME, url=web.url, sha256=SHA256)
    [cached] = files_below(own_cache)
    cached.write_bytes(CONTENT.replace(b"1", b"0"))
    with pytest.raises(HarnessError, match=f"{cached}: sha256 is [0-9a-f]+, expected {SHA256}"):
        find_or_download(NAME, url=web.url, sha256=SHA256)


def test_supplied_file_is_used_first_and_refused_when_altered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HARNESS_DATA", str(tmp_path))
    supplied = tmp_path / NAME
    supplied.write_bytes(CONTENT)
    assert find_or_download(NAME, url=CLOSED, sha256=SHA256) == CONTENT
    supplied.write_bytes(CONTENT + b"x")
    with pytest.raises(HarnessError, match=f"{supplied}: sha256 is"):
        find_or_download(NAME, url=CLOSED, sha256=SHA256)


def test_file_not_supplied_is_downloaded(
    web: Web, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HARNESS_DATA", str(tmp_path))
    assert find_or_download(NAME, url=web.url, sha256=SHA256) == CONTENT


def test_folder_of_supplied_files_that_is_not_there_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HARNESS_DATA", str(tmp_path / "absent"))
    with pytest.raises(HarnessError, match=r"HARNESS_DATA=.*absent: there is no such folder"):
        find_or_download(NAME, url=CLOSED, sha256=SHA256)
