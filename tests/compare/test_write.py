"""The files of a comparison."""

import csv
import io
import re
from pathlib import Path

import numpy as np
import pytest

from harness.compare.comparing import compare
from harness.compare.side_by_side import SideBySide
from harness.compare.write import comparison_files, write_comparison
from harness.paper import PaperSpec
from harness.record import HarnessError
from tests.compare.planted import PAPER, accuracies, angles, drawn, planted

HOSTILE = "<script>alert(1)</script> | [x](http://evil.example) /home/somebody/secret.txt"


@pytest.fixture
def found(tmp_path: Path) -> tuple[SideBySide, PaperSpec]:
    rng = np.random.default_rng(0)
    paper = PAPER.replace("Accuracy on a is high.", f"'{HOSTILE}'")
    sets = {"a": 0.9, "b": 0.7, "c": 0.5, "d": 0.7, "e": 0.6}
    rows = accuracies({test: drawn(rng, p, 200) for test, p in sets.items()}, units="u")
    other = accuracies({test: drawn(rng, p / 2, 200) for test, p in sets.items()}, units="v")
    first = planted(tmp_path, "one", [*rows, *angles(2)], paper=paper)
    second = planted(tmp_path, "two", other, model="capitals-4l", paper=paper)
    return compare(first, second), first.paper


def test_the_same_comparison_gives_the_same_bytes(found: tuple[SideBySide, PaperSpec]):
    files = comparison_files(*found)
    again = comparison_files(SideBySide.model_validate(found[0].model_dump()), found[1])
    assert files == again
    assert set(files) == {
        *("compare.md", "compare.html", "compare.csv"),
        *("figures/differences.png", "figures/differences.svg"),
    }


def test_text_of_a_spec_is_escaped_and_shows_no_machine_path(found: tuple[SideBySide, PaperSpec]):
    files = comparison_files(*found)
    for name in ("compare.md", "compare.html"):
        text = files[name].decode()
        assert "alert(1)" in text
        assert "<script" not in text
        assert "/home/somebody" not in text
    assert r"\[x\](http://evil.example)" in files["compare.md"].decode()
    assert 'href="http://evil' not in files["compare.html"].decode()


def test_the_page_shows_every_claim_once_with_its_reason(found: tuple[SideBySide, PaperSpec]):
    text = comparison_files(*found)["compare.md"].decode()
    for claim in ("high", "ordered", "seven", "tabled", "rising"):
        assert len(re.findall(rf"<sub>{claim}</sub>", text)) == 1
    assert "B: slope of direction\\_angle\\[\\] along layer was not measured" in text
    assert "5 of 5 numbers differ significantly" in text
    assert "5 numbers measured in both" in text
    assert "4 claims measured in both: " in text
    assert "capitals-4l" in text


def test_the_page_shows_the_number_of_paper_a_and_b(found: tuple[SideBySide, PaperSpec]):
    text = comparison_files(*found)["compare.md"].decode()
    row = next(line for line in text.splitlines() if "<sub>seven</sub>" in line)
    (number,) = next(each for each in found[0].claims if each.claim == "seven").quantities
    assert number.first and number.second and number.difference
    for value in (0.7, number.first.mean, number.second.mean, number.difference.mean):
        assert f"{value:.3f}" in row


def test_csv_has_a_row_a_number_and_empty_fields_for_what_was_not_measured(
    found: tuple[SideBySide, PaperSpec],
):
    rows = list(csv.DictReader(io.StringIO(comparison_files(*found)["compare.csv"].decode())))
    counts = {name: sum(row["claim"] == name for row in rows) for name in ("ordered", "tabled")}
    assert counts == {"ordered": 2, "tabled": 5}
    rising = next(row for row in rows if row["claim"] == "rising")
    assert (rising["b_mean"], rising["difference"], rising["numbers"]) == ("", "", "")
    assert float(rising["a_mean"]) == pytest.approx(2)
    assert rising["measured"] == "first"
    high = next(row for row in rows if row["claim"] == "high")
    gap = float(high["b_mean"]) - float(high["a_mean"])
    assert float(high["difference"]) == pytest.approx(gap)


def test_where_nothing_was_measured_in_both_there_is_no_figure(tmp_path: Path):
    first = planted(tmp_path, "one", angles(2))
    second = planted(tmp_path, "two", accuracies({"a": [[1.0, 0.0]]}, units="u"))
    files = comparison_files(compare(first, second), first.paper)
    assert set(files) == {"compare.md", "compare.html", "compare.csv"}
    assert "0 claims measured in both" in files["compare.md"].decode()


def test_files_are_written_where_asked(found: tuple[SideBySide, PaperSpec], tmp_path: Path):
    page = write_comparison(*found, tmp_path / "out")
    assert page.read_text().startswith("<!doctype html>")
    assert not list((tmp_path / "out").rglob("*.partial"))
    (tmp_path / "file").write_text("x")
    with pytest.raises(HarnessError, match="cannot be written"):
        write_comparison(*found, tmp_path / "file")
