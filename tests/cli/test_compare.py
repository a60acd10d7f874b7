import json
import shutil
import zipfile
from pathlib import Path
from typing import Any

import pytest

from harness.archive.layout import LOCK, SUMS
from tests.archive.planted import rewrite
from tests.compare.planted import PAPER, accuracies, planted

REPLICATION = "replications/tiny-truth/tiny"
ONE, TWO = "replications/planted/one", "replications/planted/two"


@pytest.fixture
def pair(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with two replications of a paper and one of another."""
    low = {test: [[1.0] * 40 + [0.0] * 60] for test in "abde"}
    high = {test: [[1.0] * 90 + [0.0] * 10] for test in "abcde"}
    planted(tmp_path, "one", accuracies(low, units="u"))
    planted(tmp_path, "two", accuracies(high, units="v"))
    planted(tmp_path, "one", accuracies(low, units="u"), paper=PAPER.replace("planted", "other", 1))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_compare_tells_programs_every_number(pair: Path, cli: Any) -> None:
    ended = cli("compare", ONE, TWO, "--json")
    assert ended.code == 0
    told = json.loads(ended.out)
    claims = {claim["claim"]: claim for claim in told["claims"]}
    (number,) = claims["high"]["quantities"]
    assert number["difference"]["mean"] == pytest.approx(0.5)
    assert (claims["high"]["first"], claims["high"]["second"]) == ("not_replicated", "replicated")
    assert number["numbers"] == "differ"
    assert claims["ordered"]["measured"] == "both"
    assert told["page"] is None
    assert not (pair / "runs").exists()


def test_compare_shows_people_a_table_that_fits_and_what_is_left_out(pair: Path, cli: Any) -> None:
    shown = cli("compare", ONE, TWO).out
    assert f"A: {ONE}\nB: {TWO}\n" in shown
    assert "0.500 [0." in shown.replace("\xa0", " ")
    assert "5 of 5 differ" not in shown
    assert "4 of 4 differ" in shown
    drawn = [line for line in shown.splitlines() if line[0] in "┏┃┡│├└"]
    assert len(drawn) > 9
    assert max(map(len, drawn)) <= 80
    assert pair.exists()


def test_compare_writes_pages_where_asked(pair: Path, cli: Any) -> None:
    told = json.loads(cli("compare", ONE, TWO, "--output", "out", "--json").out)
    assert told["page"] == "out/compare.html"
    files = {path.relative_to(pair / "out").as_posix() for path in (pair / "out").rglob("*.*")}
    assert files == {
        *("compare.md", "compare.html", "compare.csv"),
        *("figures/differences.png", "figures/differences.svg"),
    }


@pytest.mark.parametrize(
    ("second", "said"),
    [
        ("replications/other/one", "only replications of one paper can be compared"),
        ("replications/planted/too", "no replication.yaml here"),
        ("gone.zip", "gone.zip: no such archive"),
    ],
)
def test_what_cannot_be_compared_ends_with_two_and_writes_nothing(
    pair: Path, cli: Any, second: str, said: str
) -> None:
    ended = cli("compare", ONE, second, "--output", "out", "--json")
    assert ended.code == 2
    assert said in json.loads(ended.out)["error"][0]
    assert not (pair / "out").exists()


@pytest.fixture
def reported(finished: Any) -> Any:
    """A replication that has run, with the files of a report that export asks for."""
    (finished.folder / "report.md").write_text("# Report\n")
    (finished.folder / "reproduce.sh").write_text("#!/usr/bin/env bash\n")
    return finished


def test_an_archive_is_rerun_on_a_machine_that_has_nothing_but_it(
    reported: Any, cli: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = json.loads(cli("export", REPLICATION, "--json").out)
    assert told["archive"] == "runs/tiny-truth-tiny.zip"
    archive = tmp_path / "elsewhere" / "got.zip"
    archive.parent.mkdir()
    shutil.move(reported.root / told["archive"], archive)
    rows = len(reported.open().measurements())
    shutil.rmtree(reported.root)
    monkeypatch.chdir(archive.parent)
    ended = cli("rerun", "got.zip", "--device", "cpu", "--json")
    assert ended.code == 0
    again = json.loads(ended.out)
    assert again["replication"] == REPLICATION
    assert again["identical"] == rows > 50
    assert again["versions"] == []
    assert [path.name for path in archive.parent.iterdir()] == ["got.zip"]


def test_rerun_of_an_archive_names_versions_that_are_not_those_it_locks(
    reported: Any, cli: Any
) -> None:
    cli("export", REPLICATION, "--output", "one.zip")

    def older(members: dict[str, bytes]) -> dict[str, bytes]:
        lock = json.loads(members[LOCK])
        lock["packages"] |= {"numpy": "1.0", "no-such-package": "3"}
        return {**members, LOCK: json.dumps(lock).encode()}

    rewrite(reported.root / "one.zip", older)
    ended = cli("rerun", "one.zip", "--device", "cpu")
    assert ended.code == 0
    assert "numpy: archive 1.0, here 2" in ended.err
    assert "no-such-package: archive 3, here not installed" in ended.err
    assert "scipy" not in ended.err


def test_a_replication_and_its_archive_do_not_differ(reported: Any, cli: Any) -> None:
    cli("export", REPLICATION, "--output", "one.zip")
    told = json.loads(cli("compare", REPLICATION, "one.zip", "--json").out)
    leads = [q["difference"] for claim in told["claims"] for q in claim["quantities"]]
    assert {lead["mean"] for lead in leads if lead} == {0.0}
    assert sum(lead is not None for lead in leads) == 4
    assert reported.folder.exists()


def test_a_tampered_archive_ends_with_two_before_anything_runs(
    reported: Any, cli: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def ran(*_: object) -> None:
        raise AssertionError("ran")

    cli("export", REPLICATION, "--output", "one.zip")
    rewrite(
        reported.root / "one.zip",
        lambda members: {**members, f"{REPLICATION}/report.md": b"# All replicated\n"},
        with_sums=False,
    )
    monkeypatch.setattr("harness.rerun.run", ran)
    before = reported.state()
    ended = cli("rerun", "one.zip", "--json")
    assert ended.code == 2
    assert "not the file whose checksum" in json.loads(ended.out)["error"][0]
    assert cli("compare", REPLICATION, "one.zip").code == 2
    assert reported.state() == before


def test_export_tells_people_what_it_packed_and_what_not(reported: Any, cli: Any) -> None:
    (reported.folder / "notes.txt").write_text("mine")
    ended = cli("export", REPLICATION, "--output", "one.zip")
    assert ended.code == 0
    with zipfile.ZipFile(reported.root / "one.zip") as archive:
        members = archive.namelist()
    assert members[0] == SUMS
    assert ended.out.startswith(f"archive: one.zip ({len(members)} files, ")
    assert "left out: notes.txt" in ended.out


def test_export_of_edited_verdicts_ends_with_two_and_writes_nothing(
    reported: Any, cli: Any
) -> None:
    file = reported.folder / "verdicts.json"
    text = file.read_text()
    assert '"outcome": "not_tested"' in text
    file.write_text(text.replace('"outcome": "not_tested"', '"outcome": "replicated"'))
    ended = cli("export", REPLICATION)
    assert ended.code == 2
    assert "not what the measurements give for nobody-measures" in ended.err
    assert not (reported.root / "runs").exists()
