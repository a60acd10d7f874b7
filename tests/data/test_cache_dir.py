from pathlib import Path

import pytest

from harness.cache_dir import cache_dir


def test_named_folder_is_the_cache(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HARNESS_CACHE", str(tmp_path / "here"))
    assert cache_dir() == tmp_path / "here"


def test_tilde_is_the_home_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("HARNESS_CACHE", "~/cache")
    assert cache_dir() == tmp_path / "cache"


@pytest.mark.parametrize("unset", [True, False])
def test_without_a_name_it_is_the_users_cache_folder(
    monkeypatch: pytest.MonkeyPatch, unset: bool
) -> None:
    if unset:
        monkeypatch.delenv("HARNESS_CACHE")
    else:
        monkeypatch.setenv("HARNESS_CACHE", "")
    assert cache_dir().name == "interp-replication-harness"
    assert cache_dir().is_absolute()
