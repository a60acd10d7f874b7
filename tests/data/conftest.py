"""The originals, where they lie beside the checkout; and a cache of its own for every test."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from harness.data.catalogue import load_statements
from harness.data.statements import StatementSet

BESIDE_THE_CHECKOUT = Path(__file__).parents[2] / ".." / "shared" / "data"
SUPPLIED = os.environ.get("HARNESS_DATA")


@pytest.fixture(autouse=True)
def own_cache(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    cache = tmp_path / "cache"
    monkeypatch.setenv("HARNESS_CACHE", str(cache))
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.delenv("HARNESS_DATA", raising=False)
    return cache


@pytest.fixture
def load_original(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], StatementSet]:
    """Load an original set from a local file, or skip: tests download nothing."""
    folder = Path(SUPPLIED) if SUPPLIED else BESIDE_THE_CHECKOUT

    def load(name: str) -> StatementSet:
        if not (folder / f"{name}.csv").exists():
            pytest.skip(f"no original {name}.csv in HARNESS_DATA or beside the checkout")
        monkeypatch.setenv("HARNESS_DATA", str(folder))
        return load_statements(name, "original")

    return load
