import hashlib
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from safetensors.torch import save

from harness.models.hookpoints import Hookpoint
from harness.models.language_model import LanguageModel
from harness.models.vector_file import read_vector
from harness.record import HarnessError

PLACE = Hookpoint("resid_post", 1)
VECTOR = torch.arange(32.0)


@pytest.fixture(scope="module")
def llama(make_tiny: Callable[..., LanguageModel]) -> LanguageModel:
    return make_tiny("llama")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "directions.safetensors"
    path.write_bytes(save({"blocks.1.resid_post": VECTOR, "blocks.2.resid_post": torch.ones(5)}))
    return path


def test_the_vector_of_the_hookpoint_is_read(llama: LanguageModel, file: Path) -> None:
    sha256 = hashlib.sha256(file.read_bytes()).hexdigest()
    assert torch.equal(read_vector(llama, file, PLACE, sha256=sha256), VECTOR)


def test_another_file_than_the_spec_says_is_refused(llama: LanguageModel, file: Path) -> None:
    with pytest.raises(HarnessError, match="the spec says 00"):
        read_vector(llama, file, PLACE, sha256="00")


def test_a_layer_that_is_not_there_is_named_with_those_that_are(
    llama: LanguageModel, file: Path
) -> None:
    with pytest.raises(HarnessError, match=r"no tensor blocks.0.*blocks.1.resid_post"):
        read_vector(llama, file, Hookpoint("resid_post", 0))


def test_a_vector_of_another_width_is_refused(llama: LanguageModel, file: Path) -> None:
    with pytest.raises(HarnessError, match=r"shape \(5,\)"):
        read_vector(llama, file, Hookpoint("resid_post", 2))


def test_missing_and_damaged_files_are_told_apart(llama: LanguageModel, tmp_path: Path) -> None:
    with pytest.raises(HarnessError, match="no such file"):
        read_vector(llama, tmp_path / "no.safetensors", PLACE)
    (tmp_path / "bad.safetensors").write_bytes(b"\x80\x04 pickle")
    with pytest.raises(HarnessError, match="not a safetensors file"):
        read_vector(llama, tmp_path / "bad.safetensors", PLACE)
