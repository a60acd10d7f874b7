"""A set of the tiny random Llama, trained once for all tests that only read it."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch

from harness.specs.transcoders import TranscoderRecipe
from harness.transcoders.build import build_set
from tests.transcoders.planted import tiny_recipe


@pytest.fixture(scope="package", autouse=True)
def one_thread() -> Iterator[None]:
    """Sums depend on how many threads share them, and sets of other processes are compared."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="package")
def recipe(tiny_model: Path) -> TranscoderRecipe:
    return tiny_recipe(tiny_model)


@pytest.fixture(scope="package")
def crossing(tiny_model: Path) -> TranscoderRecipe:
    return tiny_recipe(tiny_model, id="tiny-clt", kind="cross_layer")


@pytest.fixture(scope="package")
def _built(
    recipe: TranscoderRecipe,
    crossing: TranscoderRecipe,
    tmp_path_factory: pytest.TempPathFactory,
) -> Path:
    cache = tmp_path_factory.mktemp("cache")
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("HARNESS_CACHE", str(cache))
        for each in (recipe, crossing):
            build_set(each, device="cpu")
    return cache


@pytest.fixture
def built(_built: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache of the test's own that holds the trained sets."""
    shutil.copytree(_built, tmp_path / "cache")
    monkeypatch.setenv("HARNESS_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"
