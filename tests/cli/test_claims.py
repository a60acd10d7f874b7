import json
from pathlib import Path
from typing import Any

from tests.claims_audit.test_audit import QUOTES, TEXT


def write_text_of(folder: Path, text: str) -> str:
    path = folder / "source.txt"
    path.write_text(text)
    return str(path)


def quoted(project: Any) -> None:
    for old, new in QUOTES.items():
        project.edit(old, new, paper=True)


def test_a_text_is_written_and_quotes_are_found_in_it(
    project: Any, cli: Any, tmp_path: Path
) -> None:
    quoted(project)
    source = write_text_of(tmp_path, TEXT)
    ended = cli("claims", "text", "tiny-truth", source, "--json")
    assert ended.code == 0
    told = json.loads(ended.out)
    assert told["text"] == "papers/tiny-truth/paper.md"
    assert told["about"]["characters"] == len(TEXT)
    assert (project.root / told["text"]).read_text() == TEXT
    ended = cli("claims", "audit", "tiny-truth")
    assert ended.code == 0
    assert "page 2" in ended.out
    assert "claims with no experiment: 1" in ended.out
    assert "nobody-measures: numbers are not part of this replication" in ended.out


def test_a_quote_that_is_not_there_ends_with_exit_code_1(
    project: Any, cli: Any, tmp_path: Path
) -> None:
    quoted(project)
    cli("claims", "text", "tiny-truth", write_text_of(tmp_path, TEXT.replace("cities", "towns")))
    ended = cli("claims", "audit", "tiny-truth", "--json")
    assert ended.code == 1
    told = json.loads(ended.out)
    assert told["holds"] is False
    found = {each["claim"]: each["quote"] for each in told["claims"]}
    assert found["truth-linear"] == "not_found"
    assert found["nobody-measures"] == "found"


def test_without_a_text_the_audit_says_how_to_fetch_one(project: Any, cli: Any) -> None:
    ended = cli("claims", "audit", "tiny-truth")
    assert ended.code == 0
    assert "`harness claims text tiny-truth SOURCE` fetches it" in ended.out
    assert project.paper_file.exists()


def test_the_paper_of_a_text_may_be_new_and_a_licence_lets_it_in(
    project: Any, cli: Any, tmp_path: Path
) -> None:
    source = write_text_of(tmp_path, TEXT)
    ended = cli("claims", "text", "brand-new", source, "--licence", "CC-BY-4.0")
    assert ended.code == 0
    assert "git add -f papers/brand-new/paper.md" in ended.err
    told = json.loads((project.root / "papers/brand-new/paper_text.json").read_text())
    assert told["licence"] == "CC-BY-4.0"


def test_what_cannot_be_read_is_bad_input_and_leaves_nothing(project: Any, cli: Any) -> None:
    before = project.state()
    ended = cli("claims", "text", "tiny-truth", "absent.pdf", "--json")
    assert ended.code == 2
    (problem,) = json.loads(ended.out)["problems"]
    assert (problem["file"], problem["message"]) == ("absent.pdf", "no such file")
    ended = cli("claims", "text", "../x", "absent.pdf")
    assert ended.code == 2
    assert "no plain name" in ended.err
    assert project.state() == before


def test_a_reason_is_shown_with_every_sign_visible(project: Any, cli: Any) -> None:
    project.edit(
        "nobody-measures: numbers are not part of this replication",
        'nobody-measures: "[red]\\x1b]0;gone\\x07 [/]"',
    )
    ended = cli("claims", "audit", "tiny-truth")
    assert "\x1b" not in ended.out
    assert "[red]<U+001B>]0;gone<U+0007> [/]" in ended.out
