import json
from pathlib import Path

import pytest

from harness.paper_text import fetch_text, keep, kept_text
from harness.record import HarnessError


def test_a_text_is_kept_beside_the_spec_with_where_it_is_from(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("Some words, é.\n")
    fetched = fetch_text(str(tmp_path / "a.txt"))
    keep(tmp_path, "new-paper", fetched, licence="CC-BY-4.0")
    told = json.loads((tmp_path / "papers/new-paper/paper_text.json").read_text())
    assert told["about"]["source"] == "a.txt"
    assert told["about"]["sha256"] == fetched.about.sha256
    assert told["licence"] == "CC-BY-4.0"
    assert told["fetched_utc"].endswith("Z")
    assert str(tmp_path) not in json.dumps(told)
    assert kept_text(tmp_path, "new-paper") == "Some words, é.\n"
    assert kept_text(tmp_path, "another") is None


def test_names_that_leave_the_folder_and_links_are_refused(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("Some words")
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "papers").mkdir()
    (tmp_path / "papers/linked").symlink_to(tmp_path / "elsewhere")
    fetched = fetch_text(str(tmp_path / "a.txt"))
    for name in ("../x", "A", "", "a/b", ".hidden"):
        with pytest.raises(HarnessError, match="no plain name"):
            keep(tmp_path, name, fetched, licence=None)
    with pytest.raises(HarnessError, match="symbolic link"):
        keep(tmp_path, "linked", fetched, licence=None)
    assert not list((tmp_path / "elsewhere").iterdir())
    with pytest.raises(HarnessError, match="SPDX"):
        keep(tmp_path, "new", fetched, licence="all mine; do not copy")


def test_a_text_that_is_a_link_is_not_read(tmp_path: Path) -> None:
    (tmp_path / "papers/p").mkdir(parents=True)
    (tmp_path / "papers/p/paper.md").symlink_to("/etc/hostname")
    with pytest.raises(HarnessError, match="symbolic link"):
        kept_text(tmp_path, "p")
