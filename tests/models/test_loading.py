import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from harness.models.device import describe_device, peak_memory_mib, pick_device
from harness.models.language_model import LanguageModel, load_model
from harness.models.weights_hash import known_sha256, sha256_of_file
from harness.record import HarnessError

MakeTiny = Callable[..., LanguageModel]


@pytest.fixture
def folder(tiny: LanguageModel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HARNESS_CACHE", str(tmp_path / "cache"))
    tiny.hf.save_pretrained(tmp_path / "model")
    tiny.tokenizer.save_pretrained(tmp_path / "model")
    return tmp_path / "model"


@torch.inference_mode()
def test_folder_gives_the_very_model_that_was_saved(tiny: LanguageModel, folder: Path) -> None:
    lm = load_model(f"path:{folder}", device="cpu")
    tokens = torch.tensor([[1, 5, 9]])
    assert torch.equal(lm.hf(tokens).logits, tiny.hf(tokens).logits)
    assert lm.sha256 == sha256_of_file(folder / "model.safetensors")
    assert (lm.n_layers, lm.d_model, lm.n_heads) == (3, 32, 4)
    assert (lm.dtype, lm.revision) == (torch.float32, None)


def test_bfloat16_is_an_option(llama_folder: Path) -> None:
    lm = load_model(f"path:{llama_folder}", device="cpu", dtype="bfloat16")
    assert lm.dtype == torch.bfloat16


@pytest.fixture
def llama_folder(make_tiny: MakeTiny, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A llama in several weight files."""
    monkeypatch.setenv("HARNESS_CACHE", str(tmp_path / "cache"))
    lm = make_tiny("llama")
    lm.hf.save_pretrained(tmp_path / "model", max_shard_size="1MB")
    lm.tokenizer.save_pretrained(tmp_path / "model")
    return tmp_path / "model"


def test_hash_covers_every_weight_file(llama_folder: Path) -> None:
    parts = sorted(llama_folder.glob("model-*.safetensors"))
    assert len(parts) > 1
    before = load_model(f"path:{llama_folder}", device="cpu").sha256
    content = bytearray(parts[-1].read_bytes())
    content[-1] ^= 1
    parts[-1].write_bytes(content)
    assert load_model(f"path:{llama_folder}", device="cpu").sha256 != before


def test_missing_weight_file_is_named(llama_folder: Path) -> None:
    missing = max(llama_folder.glob("model-*.safetensors"))
    missing.unlink()
    with pytest.raises(HarnessError, match=missing.name):
        load_model(f"path:{llama_folder}", device="cpu")


def test_pickled_weights_are_never_loaded(llama_folder: Path) -> None:
    for path in llama_folder.glob("model*"):
        path.unlink()
    torch.save({}, llama_folder / "pytorch_model.bin")
    with pytest.raises(HarnessError, match="never loaded"):
        load_model(f"path:{llama_folder}", device="cpu")


def test_architecture_without_hookpoints_is_refused(llama_folder: Path) -> None:
    config = json.loads((llama_folder / "config.json").read_text())
    (llama_folder / "config.json").write_text(json.dumps({**config, "model_type": "opt"}))
    with pytest.raises(HarnessError, match=r"'opt' has no table.*valid"):
        load_model(f"path:{llama_folder}", device="cpu")


def test_model_that_cannot_be_had_is_refused_with_what_to_do(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    with pytest.raises(HarnessError, match="HF_HUB_OFFLINE"):
        load_model("hf:no-such-org/no-such-model")


FROM_HUB_CACHE = """
import sys
from harness.models.language_model import load_model
from harness.models.registry import availability
assert availability("hf:org/tiny") is None
lm = load_model("hf:org/tiny", device="cpu")
print(lm.ref, lm.revision, lm.n_layers)
"""


def test_downloaded_hub_model_is_loaded_without_a_network(
    llama_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    repo = tmp_path / "hub" / "models--org--tiny"
    commit = "c0ffee" * 6 + "beef"
    (repo / "refs").mkdir(parents=True)
    (repo / "refs" / "main").write_text(commit)
    (repo / "snapshots").mkdir()
    llama_folder.rename(repo / "snapshots" / commit)
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "hub"))
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    said = subprocess.run(
        [sys.executable, "-c", FROM_HUB_CACHE],
        check=True,
        capture_output=True,
        text=True,
        timeout=200,
    )
    assert said.stdout.split() == ["hf:org/tiny", commit, "3"]


def test_remembered_hash_is_of_the_file_as_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HARNESS_CACHE", str(tmp_path / "cache"))
    path = tmp_path / "weights"
    for content in (b"one", b"another"):
        path.write_bytes(content)
        assert known_sha256(path) == known_sha256(path) == sha256_of_file(path)
    notes = [note for note in (tmp_path / "cache").rglob("*") if note.is_file()]
    assert not any(str(tmp_path) in note.read_text() for note in notes)


def test_device_that_is_not_there_is_refused_with_those_that_are() -> None:
    with pytest.raises(HarnessError, match=r"'tpu'.*valid: auto.*cpu"):
        pick_device("tpu")
    assert str(pick_device("cpu")) == "cpu"
    assert describe_device("cpu").driver is None
    assert peak_memory_mib() > 10
