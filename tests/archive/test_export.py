"""What an archive holds, and what is never packed."""

import os
import subprocess
import zipfile
from importlib.metadata import version
from pathlib import Path

import pytest

from harness.archive.environment import Environment
from harness.archive.export import archive_bytes, export
from harness.archive.layout import LOCK, MOST_BYTES_EACH, SUMS
from harness.record import HarnessError
from harness.replication import Replication
from tests.archive.planted import FOLDER, exported, finished, members_of


@pytest.fixture
def replication(tmp_path: Path) -> Replication:
    return finished(tmp_path)


def test_an_archive_holds_specs_rows_results_and_the_environment(replication: Replication):
    (replication.project / "constraints.txt").write_text("numpy==2\n")
    path = replication.project / "one.zip"
    made = export(replication, path)
    rows = replication.measurements_file(replication.spec.experiments[0]).name
    names = set(members_of(path))
    assert names == {
        *(SUMS, LOCK, "environment/constraints.txt", "papers/planted/paper.yaml"),
        *(f"{FOLDER}/{name}" for name in ("replication.yaml", "manifest.json", "verdicts.json")),
        *(f"{FOLDER}/{name}" for name in ("report.md", "reproduce.sh", f"measurements/{rows}")),
        *(f"{FOLDER}/{name}" for name in ("tables/estimates.csv", "figures/forest.svg")),
        f"{FOLDER}/artifacts/probe.0.json",
    }
    assert made.members == len(names)
    assert made.bytes == path.stat().st_size
    assert made.measured_otherwise == ()


def test_the_same_inputs_give_the_same_bytes_whenever_and_by_whomever(replication: Replication):
    first, second = (replication.project / name for name in ("1.zip", "2.zip"))
    export(replication, first)
    for path in replication.root.rglob("*"):
        path.chmod(0o700)
        os.utime(path, (10**9, 10**9))
    export(replication, second)
    assert first.read_bytes() == second.read_bytes()
    with zipfile.ZipFile(first) as archive:
        listed = archive.infolist()
    assert {info.date_time for info in listed} == {(1980, 1, 1, 0, 0, 0)}
    assert {info.external_attr >> 16 for info in listed} == {0o100644}
    assert {info.extra for info in listed} == {b""}
    (replication.root / "report.md").write_text("# Another\n")
    export(replication, second)
    assert first.read_bytes() != second.read_bytes()


def test_checksums_are_those_that_sha256sum_checks(tmp_path: Path):
    with zipfile.ZipFile(exported(tmp_path)) as archive:
        archive.extractall(tmp_path / "out")
    command = ["sha256sum", "--check", "--strict", SUMS]
    done = subprocess.run(
        command, cwd=tmp_path / "out", capture_output=True, text=True, check=False
    )
    assert done.returncode == 0
    assert done.stdout.count(": OK") == len(members_of(tmp_path / "one.zip")) - 1


def test_the_lock_names_the_version_of_every_installed_package(tmp_path: Path):
    content = members_of(exported(tmp_path))[LOCK]
    lock = Environment.model_validate_json(content)
    for package in ("numpy", "pydantic", "pytest", "interp-replication-harness"):
        assert lock.packages[package] == version(package)
    assert list(lock.packages) == sorted(lock.packages)
    assert str(tmp_path) not in content.decode()


def test_what_is_not_part_of_a_replication_is_left_out_and_named(replication: Replication):
    for name in ("notes.txt", "figures/raw.npy", ".lock", ".secret/key"):
        file = replication.root / name
        file.parent.mkdir(exist_ok=True)
        file.write_text("mine")
    path = replication.project / "one.zip"
    assert export(replication, path).left_out == ("figures/raw.npy", "notes.txt")
    assert not any("notes" in name or "secret" in name for name in members_of(path))


@pytest.mark.parametrize(
    ("name", "stage"),
    [
        ("verdicts.json", "harness run"),
        ("manifest.json", "harness run"),
        ("report.md", "harness report"),
        ("reproduce.sh", "harness report"),
    ],
)
def test_an_unfinished_replication_is_refused_with_the_stage_that_is_missing(
    replication: Replication, name: str, stage: str
):
    (replication.root / name).unlink()
    with pytest.raises(HarnessError, match=f"no {name}; `{stage}`"):
        export(replication, replication.project / "one.zip")
    assert not (replication.project / "one.zip").exists()


def test_an_edited_verdict_is_refused_by_its_claim(replication: Replication):
    file = replication.root / "verdicts.json"
    text = file.read_text()
    assert text.count('"outcome": "replicated"') == 1
    file.write_text(text.replace('"outcome": "replicated"', '"outcome": "partial"'))
    with pytest.raises(HarnessError, match="not what the measurements give for high;"):
        export(replication, replication.project / "one.zip")
    assert not (replication.project / "one.zip").exists()


def test_verdicts_on_another_paper_spec_are_refused(replication: Replication):
    file = replication.project / "papers/planted/paper.yaml"
    file.write_text(file.read_text().replace("limit: 0.6", "limit: 0.65"))
    with pytest.raises(HarnessError, match="the paper spec changed since"):
        export(Replication.open(replication.root), replication.project / "one.zip")


def test_a_name_or_size_that_could_not_be_read_again_is_refused_at_once():
    paper = "papers/planted/paper.yaml"
    archive_bytes({paper: b"x"})
    for members, said in (
        ({f"{FOLDER}/figures/a b.png": b""}, "has no place in an archive"),
        ({f"{FOLDER}/a.csv": b"", f"{FOLDER}/A.csv": b""}, "stands twice"),
        ({paper: bytes(MOST_BYTES_EACH + 1)}, "larger than 64 MiB"),
        ({f"{FOLDER}/tables/{i}.csv": b"" for i in range(2000)}, "holds 2,000 files"),
    ):
        with pytest.raises(HarnessError, match=said):
            archive_bytes(members)


def test_an_archive_of_another_kind_is_refused(replication: Replication):
    with pytest.raises(HarnessError, match=r"one.tar.gz: an archive is called \*.zip"):
        export(replication, replication.project / "one.tar.gz")


def test_packages_other_than_those_it_was_measured_with_are_told(replication: Replication):
    file = replication.root / "manifest.json"
    was = version("numpy")
    text = file.read_text()
    assert f'"numpy": "{was}"' in text
    file.write_text(text.replace(f'"numpy": "{was}"', '"numpy": "1.0"'))
    (told,) = export(replication, replication.project / "one.zip").measured_otherwise
    assert (told.what, told.archive, told.here) == ("numpy", "1.0", was)
