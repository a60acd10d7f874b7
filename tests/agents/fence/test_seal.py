"""A result that is edited by hand is found."""

import shutil
from pathlib import Path

import pytest

from agents.fence import Change, Seal, seal

COMMITTED = sorted(Path(__file__).parents[3].glob("replications/*/*"))


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return Path(shutil.copytree(COMMITTED[0], tmp_path / "root"))


@pytest.mark.parametrize("folder", COMMITTED, ids=lambda each: f"{each.parent.name}/{each.name}")
def test_all_that_the_harness_writes_is_sealed_and_the_spec_is_not(folder: Path) -> None:
    files = {str(each.relative_to(folder)) for each in folder.rglob("*") if each.is_file()}
    assert set(seal(folder).files) == files - {"replication.yaml", ".lock"}


def test_an_edited_result_breaks_the_seal(root: Path, tmp_path: Path) -> None:
    seal(root).dump(tmp_path / "seal.json")
    kept = Seal.load(tmp_path / "seal.json")
    (root / "replication.yaml").write_text("changed: true\n")
    assert kept.broken(root) == []
    first = sorted((root / "measurements").iterdir())[0]
    first.write_bytes(first.read_bytes().replace(b"0", b"1", 1))
    (root / "verdicts.json").unlink()
    (root / "report.pdf").symlink_to("/etc/passwd")
    assert kept.broken(root) == [
        Change(f"measurements/{first.name}", "modified"),
        Change("report.pdf", "added"),
        Change("verdicts.json", "deleted"),
    ]


def test_a_link_to_the_same_content_breaks_it_too(root: Path, tmp_path: Path) -> None:
    kept = seal(root)
    shutil.move(root / "manifest.json", tmp_path / "manifest.json")
    (root / "manifest.json").symlink_to(tmp_path / "manifest.json")
    assert kept.broken(root) == [Change("manifest.json", "modified")]
