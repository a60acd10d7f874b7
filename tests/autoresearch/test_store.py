import errno
import hashlib
import os
from pathlib import Path
from typing import NoReturn

import pytest

from harness.autoresearch.candidate import Candidate
from harness.autoresearch.store import Store
from harness.record import HarnessError

CONTENT = b"\x00weights\xff"
RECIPE = Candidate(code="def train(): ...\n", knobs="α: {value: 1, low: 0, high: 2}\n")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "store"


def test_content_is_had_by_its_hash(folder: Path) -> None:
    store = Store(folder)
    name = hashlib.sha256(CONTENT).hexdigest()
    assert not store.has(name)
    assert store.put(CONTENT) == name
    assert store.has(name) and store.get(name) == CONTENT
    assert Store(folder).get(name) == CONTENT


def test_files_are_read_only_and_are_not_written_twice(folder: Path) -> None:
    store = Store(folder)
    path = folder / store.put(CONTENT)
    before = path.stat()
    store.put(CONTENT)
    assert (path.stat().st_ino, path.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)
    assert path.stat().st_mode & 0o777 == 0o444
    assert [each.name for each in folder.iterdir()] == [path.name]


def test_an_altered_file_is_refused_until_it_is_put_again(folder: Path) -> None:
    store = Store(folder)
    name = store.put(CONTENT)
    (folder / name).chmod(0o644)
    (folder / name).write_bytes(CONTENT + b"!")
    with pytest.raises(HarnessError, match=f"{name}: altered"):
        store.get(name)
    store.put(CONTENT)
    assert store.get(name) == CONTENT
    assert (folder / name).stat().st_mode & 0o777 == 0o444


def test_what_is_missing_is_said_to_be(folder: Path) -> None:
    with pytest.raises(HarnessError, match="this artefact is missing"):
        Store(folder).get("0" * 64)


@pytest.mark.parametrize("name", ["", "../ledger.jsonl", "0" * 63, "0" * 64 + "\n", "F" * 64])
def test_no_other_file_can_be_named(folder: Path, name: str) -> None:
    with pytest.raises(HarnessError, match="is no SHA-256"):
        Store(folder).get(name)


def test_a_folder_in_its_place_cannot_be_read(folder: Path) -> None:
    (folder / ("0" * 64)).mkdir(parents=True)
    assert not Store(folder).has("0" * 64)
    with pytest.raises(HarnessError, match="cannot be read: Is a directory"):
        Store(folder).get("0" * 64)


def test_a_recipe_is_had_by_its_digest(folder: Path) -> None:
    store = Store(folder)
    assert store.put_candidate(RECIPE) == RECIPE.digest
    assert store.candidate(RECIPE.digest) == RECIPE


def test_a_recipes_file_is_named_by_its_own_hash(folder: Path) -> None:
    path = folder / Store(folder).put_candidate(RECIPE)
    assert hashlib.sha256(path.read_bytes()).hexdigest() == RECIPE.digest == path.name


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (CONTENT, "this artefact is no recipe"),
        (b'{"code": "", "knobs": "", "more": ""}', "this artefact is no recipe"),
        (RECIPE.model_dump_json(indent=2).encode(), "a recipe of another digest"),
    ],
)
def test_something_else_is_no_recipe(folder: Path, content: bytes, told: str) -> None:
    store = Store(folder)
    name = store.put(content)
    with pytest.raises(HarnessError, match=told):
        store.candidate(name)


def test_a_full_disk_leaves_no_file(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "fsync", _disk_is_full)
    with pytest.raises(HarnessError, match="cannot be written: No space left"):
        Store(folder).put(CONTENT)
    assert list(folder.iterdir()) == []


def _disk_is_full(*_: object) -> NoReturn:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
