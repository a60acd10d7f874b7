"""The tiny random Llama with random transcoders, and one prompt of it traced."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from torch import Tensor

from harness.circuits.attributing import Pruning, Traced, trace
from harness.circuits.replacement import Replacement, open_replacement
from harness.models.language_model import LanguageModel, load_model
from harness.models.tokenization import tokenize
from harness.transcoders.sets import TranscoderSet
from tests.circuits.random_transcoders import random_transcoders

TEXT = "hello wo"


@pytest.fixture(autouse=True, scope="package")
def one_thread() -> Iterator[None]:
    """Tiny products gain nothing from more, and wait for each other on a busy machine."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="package")
def lm(tiny_model: Path) -> LanguageModel:
    return load_model(f"path:{tiny_model}", device="cpu")


@pytest.fixture(scope="package")
def transcoders(lm: LanguageModel) -> TranscoderSet:
    return random_transcoders(lm)


@pytest.fixture(scope="package")
def replacement(lm: LanguageModel, transcoders: TranscoderSet) -> Replacement:
    return open_replacement(lm, transcoders)


@pytest.fixture(scope="package")
def tokens(lm: LanguageModel) -> Tensor:
    return torch.tensor(tokenize(lm, [TEXT])[0])


@pytest.fixture(scope="package")
def traced(replacement: Replacement, tokens: Tensor) -> Traced:
    """The whole graph: every active feature is a node."""
    return trace(replacement, tokens, Pruning(max_features=500))
