from collections.abc import Iterator
from pathlib import Path

import pytest
import torch

from harness.models.language_model import LanguageModel, load_model
from tests.planted import planted_induction


@pytest.fixture(autouse=True, scope="module")
def one_thread() -> Iterator[None]:
    """Tiny products gain nothing from more, and wait for each other on a busy machine."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="module")
def tiny(tiny_model: Path) -> LanguageModel:
    """Three random blocks over single bytes."""
    return load_model(f"path:{tiny_model}", device="cpu")


@pytest.fixture(scope="module")
def planted() -> LanguageModel:
    """Says what followed a word before, by one head of each of its two layers."""
    return planted_induction()


@pytest.fixture(scope="module")
def unplanted() -> LanguageModel:
    """The same model without those heads: the control."""
    return planted_induction(planted=False)
