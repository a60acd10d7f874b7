"""Whatever a program left, the next finds an empty folder."""

import os
from pathlib import Path

from harness.autoresearch.sandbox.fresh import make_fresh, remove


def test_what_is_deep_closed_or_a_link_goes_and_nothing_outside(tmp_path: Path) -> None:
    folder, outside = tmp_path / "run", tmp_path / "outside"
    outside.mkdir()
    (outside / "kept").write_text("kept")
    (folder / "closed" / "within").mkdir(parents=True)
    (folder / "link").symlink_to(outside)
    (folder / "closed" / "link").symlink_to(outside)
    os.mkfifo(folder / "pipe")
    (folder / "closed").chmod(0)
    make_fresh(folder)
    assert list(folder.iterdir()) == []
    assert (outside / "kept").read_text() == "kept"
    assert outside.stat().st_mode & 0o777 == 0o755


def test_no_depth_is_too_deep(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    folder.mkdir()
    here = os.open(folder, os.O_RDONLY)
    for _ in range(1_500):
        os.mkdir("a" * 200, dir_fd=here)
        below = os.open("a" * 200, os.O_RDONLY, dir_fd=here)
        os.close(here)
        here = below
    os.close(here)
    remove(folder)
    assert not folder.exists()


def test_a_link_or_file_in_its_place_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "target").mkdir()
    (tmp_path / "target" / "kept").touch()
    (tmp_path / "run").symlink_to(tmp_path / "target")
    make_fresh(tmp_path / "run")
    assert not (tmp_path / "run").is_symlink()
    assert (tmp_path / "target" / "kept").exists()
    remove(tmp_path / "not there")
