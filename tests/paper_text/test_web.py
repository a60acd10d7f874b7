import pytest

from harness.paper_text import fetch_text, web
from harness.paper_text.web import download, text_address
from harness.record import HarnessError
from tests.paper_text.papers import PAGES, Answer, paper_server, pdf


def refused(source: str) -> str:
    with pytest.raises(HarnessError) as error:
        fetch_text(source)
    return str(error.value)


def test_a_pdf_is_known_by_its_bytes_whatever_the_server_says() -> None:
    answers = {
        "/pdf/1": Answer(pdf(*PAGES), "application/pdf"),
        "/any": Answer(pdf(*PAGES), "application/octet-stream"),
        "/page": Answer(b"<p>Some text of a page", "text/html; charset=utf-8"),
        "/raw.md": Answer(b"# Title\n\nText", "text/plain"),
        "/raw": Answer(b"Text alone", "text/plain"),
    }
    with paper_server(answers) as address:
        kinds = {path: fetch_text(address + path).about for path in answers}
        assert {path: about.kind for path, about in kinds.items()} == {
            "/pdf/1": "pdf",
            "/any": "pdf",
            "/page": "html",
            "/raw.md": "markdown",
            "/raw": "text",
        }
        assert kinds["/raw"].source == f"{address}/raw"


def test_a_redirect_is_followed_to_http_only() -> None:
    answers = {
        "/a": Answer(status=302, location="/b"),
        "/b": Answer(b"Here it is", "text/plain"),
        "/file": Answer(status=302, location="file:///etc/hostname"),
        "/round": Answer(status=302, location="/round"),
    }
    with paper_server(answers) as address:
        assert fetch_text(f"{address}/a").text == "Here it is"
        assert "cannot be had" in refused(f"{address}/file")
        assert "cannot be had" in refused(f"{address}/round")


def test_what_a_server_does_not_give_says_why() -> None:
    answers = {
        "/403": Answer(status=403),
        "/503": Answer(status=503),
        "/picture": Answer(b"\x89PNG", "image/png"),
        "/pdf": Answer(b"<html>Please log in", "application/pdf"),
        "/short": Answer(b"Only a part", "text/plain", said_length=1000),
    }
    with paper_server(answers) as address:
        assert "no such page (HTTP 404)" in refused(f"{address}/absent")
        assert "refuses it (HTTP 403)" in refused(f"{address}/403")
        assert "HTTP 503" in refused(f"{address}/503")
        assert "not a text (image/png)" in refused(f"{address}/picture")
        assert "is said to be a PDF and is none" in refused(f"{address}/pdf")
        assert "broke off" in refused(f"{address}/short")
    assert "cannot be had" in refused(f"{address}/closed")


def test_limits_hold_on_bytes_and_on_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    answers = {
        "/big": Answer(b"x" * 3_000_000, "text/plain"),
        "/drip": Answer(b"x" * 200, "text/plain", pause=0.02),
    }
    with paper_server(answers) as address:
        monkeypatch.setattr(web, "MOST_BYTES", 2_000_000)
        assert "more than 2 MB" in refused(f"{address}/big")
        monkeypatch.setattr(web, "ALL_SECONDS", 0.1)
        assert "not whole after 0.1 s" in refused(f"{address}/drip")
        monkeypatch.setattr(web, "ALL_SECONDS", 60)
        monkeypatch.setattr(web, "MOST_BYTES", 3_000_000)
        assert len(download(f"{address}/big").content) == 3_000_000


def test_of_an_arxiv_abstract_the_pdf_is_read() -> None:
    assert text_address("https://arxiv.org/abs/2211.00593") == "https://arxiv.org/pdf/2211.00593"
    assert text_address("http://arxiv.org/abs/cs/0101001v2") == "https://arxiv.org/pdf/cs/0101001v2"
    assert text_address("https://arxiv.org/pdf/1#page=2") == "https://arxiv.org/pdf/1"
    assert text_address("https://example.org/abs/1") == "https://example.org/abs/1"


def test_other_schemes_and_passwords_in_addresses_are_refused() -> None:
    assert "valid: https://" in refused("file:///etc/passwd")
    assert "valid: https://" in refused("ftp://example.org/a.pdf")
    said = refused("https://someone:hunter2@example.org/a.pdf")
    assert "kept nowhere" in said
    assert "hunter2" not in said
