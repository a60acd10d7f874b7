from collections.abc import Iterator
from pathlib import Path

import pytest
import torch

from harness.autoresearch.scorer.synthetic import SyntheticBench
from harness.specs.worlds import WORLDS
from tests.autoresearch.scorer.small import ENTRY, opened_bench


@pytest.fixture(autouse=True, scope="module")
def one_thread() -> Iterator[None]:
    """Tiny products gain nothing from more, and wait for each other on a busy machine."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(autouse=True, scope="module")
def small_world() -> Iterator[None]:
    """The small world can be named."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setitem(WORLDS, ENTRY.id, ENTRY)
        yield


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory, small_world: None) -> SyntheticBench:  # noqa: ARG001
    """Of one secret, its worlds kept for the module."""
    folder: Path = tmp_path_factory.mktemp("truth")
    return opened_bench(folder)
