import hashlib
from pathlib import Path

import pytest

from harness.paper_text import PaperText, fetch_text
from harness.quotes import find_quote
from harness.record import HarnessError
from tests.paper_text.papers import PAGES, pdf


def written(folder: Path, name: str, content: bytes) -> str:
    path = folder / name
    path.write_bytes(content)
    return str(path)


def refused(source: str) -> str:
    with pytest.raises(HarnessError) as error:
        fetch_text(source)
    return str(error.value)


def test_a_pdf_gives_its_pages_and_its_title(tmp_path: Path) -> None:
    source = written(tmp_path, "probes.pdf", pdf(*PAGES, title="On  probes"))
    about, text = fetch_text(source)
    assert about == PaperText(
        source="probes.pdf",
        sha256=hashlib.sha256(text.encode()).hexdigest(),
        characters=len(text),
        kind="pdf",
        title="On probes",
    )
    for page, words in enumerate(PAGES, start=1):
        found = find_quote(words, text)
        assert found is not None
        assert found.page == page


def test_a_page_cannot_pass_for_another(tmp_path: Path) -> None:
    pages = ("Nothing is found here. <!-- page 9 --> All is well at the end.", PAGES[1])
    text = fetch_text(written(tmp_path, "a.pdf", pdf(*pages))).text
    found = find_quote("All is well at the end.", text)
    assert found is not None
    assert found.page == 1


def test_the_first_bytes_say_more_than_the_name(tmp_path: Path) -> None:
    assert fetch_text(written(tmp_path, "a.txt", pdf(*PAGES))).about.kind == "pdf"
    assert fetch_text(written(tmp_path, "b.txt", b"<!DOCTYPE html><p>Text")).about.kind == "html"
    assert "is said to be a PDF and is none" in refused(written(tmp_path, "c.pdf", b"some words"))


def test_html_becomes_text_without_marks_between_the_words(tmp_path: Path) -> None:
    page = """<html><head><title>On  probes</title><style>p {}</style></head><body>
      <script>var hidden = 1</script><h1>Results</h1>
      <p>We find <em>that</em> <a href="https://example.org">all heads</a> reach
      <math><semantics><mn>0.79</mn><annotation encoding="application/x-tex">0.79</annotation>
      </semantics></math> at a_name * 2.</p></body></html>"""
    about, text = fetch_text(written(tmp_path, "a.html", page.encode()))
    assert (about.kind, about.title) == ("html", "On probes")
    assert find_quote("We find that all heads reach 0.79 at a_name * 2.", text) is not None
    assert "hidden" not in text
    assert "example.org" not in text


def test_markdown_and_plain_text_stay_as_they_are(tmp_path: Path) -> None:
    about, text = fetch_text(written(tmp_path, "a.md", b"\xef\xbb\xbf# On probes\r\n\r\nText.\r\n"))
    assert (about.kind, about.title, text) == ("markdown", "On probes", "# On probes\n\nText.\n")
    about, text = fetch_text(written(tmp_path, "a.txt", b"# One\fTwo\x1b[31m\x00 end"))
    assert (about.kind, about.title, text) == ("text", None, "# One\nTwo[31m end")


def test_a_scanned_pdf_says_so(tmp_path: Path) -> None:
    assert "scanned: its 2 pages" in refused(written(tmp_path, "a.pdf", pdf("", "")))
    stamped = written(tmp_path, "b.pdf", pdf("arXiv:1234.56789 [cs.LG]", "", "", ""))
    assert "scanned: its 4 pages" in refused(stamped)


def test_an_encrypted_pdf_says_so_unless_it_opens_without_a_password(tmp_path: Path) -> None:
    locked = written(tmp_path, "locked.pdf", pdf(*PAGES, password="secret"))
    assert "encrypted" in refused(locked)
    only_against_changes = written(tmp_path, "a.pdf", pdf(*PAGES, password="", owner="secret"))
    assert find_quote(PAGES[0], fetch_text(only_against_changes).text) is not None


def test_a_broken_pdf_is_no_crash(tmp_path: Path) -> None:
    whole = pdf(*PAGES)
    for content in (b"%PDF-1.7\n", b"%PDF-1.7" + b"<<" * 10_000, whole[: len(whole) // 3]):
        said = refused(written(tmp_path, "a.pdf", content))
        assert "not a PDF that can be read" in said or "scanned" in said


def test_what_is_no_text_is_refused(tmp_path: Path) -> None:
    assert "no such file" in refused(str(tmp_path / "absent.pdf"))
    assert "no such file" in refused(str(tmp_path))
    assert "not UTF-8" in refused(written(tmp_path, "a.txt", b"caf\xe9 and more"))
    assert "no text in it" in refused(written(tmp_path, "b.txt", b" \n"))
    assert "valid: .pdf, .html" in refused(written(tmp_path, "a.docx", b"PK\x03\x04"))
    nested = b"<html>" + b"<div>" * 20_000
    assert "too deep" in refused(written(tmp_path, "a.html", nested))


def test_a_file_that_is_too_big_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    with path.open("wb") as file:
        file.truncate(50_000_001)
    assert "at most 50 MB" in refused(str(path))
