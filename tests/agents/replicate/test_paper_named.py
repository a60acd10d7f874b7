from pathlib import Path

import pytest

from agents.replicate.paper_named import Named, paper_named
from harness.record import HarnessError

CHECKOUT = Path(__file__).parents[3]


def test_a_paper_that_is_here_is_named_by_its_id() -> None:
    assert paper_named(CHECKOUT, "ioi", None) == Named("ioi", None)


@pytest.mark.parametrize(
    ("address", "name"),
    [
        ("https://arxiv.org/abs/2310.06824", "2310.06824"),
        ("https://example.org/papers/Heads%20that.pdf", "heads-20that"),
        ("https://example.org/x/Some_Paper.PDF", "some-paper"),
    ],
)
def test_an_address_gives_an_id(address: str, name: str) -> None:
    assert paper_named(CHECKOUT, address, None) == Named(name, address)


def test_a_file_is_named_whole_and_its_id_may_be_chosen(tmp_path: Path) -> None:
    file = tmp_path / "A Note.md"
    file.write_text("text")
    assert paper_named(CHECKOUT, str(file), None) == Named("a-note", str(file))
    assert paper_named(CHECKOUT, str(file), "heads") == Named("heads", str(file))


def test_a_text_of_a_paper_that_has_a_spec_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "ioi.pdf"
    file.write_text("text")
    with pytest.raises(HarnessError, match=r"papers/ioi/paper\.yaml: is here already"):
        paper_named(CHECKOUT, str(file), None)


def test_what_is_neither_is_told_with_what_was_probably_meant() -> None:
    with pytest.raises(HarnessError, match="did you mean 'geometry-of-truth'"):
        paper_named(CHECKOUT, "geometry-of-trut", None)
