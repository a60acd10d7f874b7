"""A model that answers, one that does not, and transcoders of the first."""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
import torch

from harness.experiments import circuit_tracing
from harness.experiments.context import Context
from harness.measurement import Measurement
from harness.models.language_model import LanguageModel, load_model
from harness.specs import CircuitTracingSpec
from harness.transcoders.build import build_set
from harness.transcoders.sets import TranscoderSet, load_set
from tests.experiments.circuit_tracing.answering import (
    save_answering_model,
    save_knowing_nothing,
    spec,
    transcoder_recipe,
)


class Ran(NamedTuple):
    """An experiment and what came of it."""

    asked: CircuitTracingSpec
    rows: list[Measurement]
    context: Context

    def value(self, metric: str, control: str | None = None, **where: object) -> float:
        """Of the one row under these conditions."""
        (row,) = (
            row
            for row in self.rows
            if row.metric == metric
            and row.control == control
            and all(row.conditions.get(key) == value for key, value in where.items())
        )
        return row.value


@pytest.fixture(autouse=True, scope="module")
def one_thread() -> Iterator[None]:
    """Tiny products gain nothing from more, and wait for each other on a busy machine."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="session")
def answering(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of a model that knows the capital of every country."""
    folder = tmp_path_factory.mktemp("models") / "answering"
    save_answering_model(folder)
    return folder


@pytest.fixture(scope="session")
def knowing_nothing(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("models") / "nothing"
    save_knowing_nothing(folder)
    return folder


@pytest.fixture(scope="session")
def trained_set(answering: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of transcoders of the model that answers."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("HARNESS_CACHE", str(tmp_path_factory.mktemp("cache")))
        return build_set(transcoder_recipe(answering), device="cpu")


@pytest.fixture(scope="session")
def lm(answering: Path) -> LanguageModel:
    return load_model(f"path:{answering}", device="cpu")


@pytest.fixture(scope="session")
def transcoders(trained_set: Path) -> TranscoderSet:
    found = load_set(f"path:{trained_set}")
    assert isinstance(found, TranscoderSet)
    return found


@pytest.fixture(scope="session")
def ran(answering: Path, trained_set: Path, tmp_path_factory: pytest.TempPathFactory) -> Ran:
    """The small experiment on facts of one step."""
    return run(spec(answering, trained_set), tmp_path_factory.mktemp("ran"))


def run(asked: CircuitTracingSpec, folder: Path) -> Ran:
    context = Context(folder / "small", device="cpu")
    return Ran(asked, list(circuit_tracing.run(asked, context)), context)
