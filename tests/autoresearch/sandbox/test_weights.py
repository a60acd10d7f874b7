"""Weights from outside."""

import os
import pickle
from pathlib import Path

import pytest
import torch
from safetensors.torch import load, save
from torch import Tensor

from harness.autoresearch.sandbox.place import RunFailed
from harness.autoresearch.sandbox.weights import (
    checked_weights,
    decoder_inputs,
    most_bytes,
    read_weights,
)
from tests.autoresearch.sandbox.small import D_IN, WIDTH, contract, weights

GOOD = torch.ones(WIDTH, D_IN)
WRONG: dict[str, tuple[dict[str, Tensor], str, str]] = {
    "none": ({}, "malformed", "no W_dec"),
    "a decoder of other inputs": ({"W_dec": torch.ones(WIDTH, 15)}, "malformed", "not.*8, 16"),
    "a flat decoder": ({"W_dec": torch.ones(WIDTH * D_IN)}, "malformed", "not.*8, 16"),
    "fewer latents": ({"W_dec": torch.ones(7, D_IN)}, "width", "7 latents, not 8"),
    "a bias of another size": ({"W_dec": GOOD, "b_dec": torch.ones(8)}, "malformed", "b_dec"),
    "integers": ({"W_dec": GOOD, "n": torch.ones(1, dtype=torch.int64)}, "malformed", "F64, F32"),
    "an infinity in a corner": (
        {"W_dec": GOOD, "a": torch.tensor([0.0, float("-inf")])},
        "not_finite",
        "not finite",
    ),
    "one number too many": (
        {"W_dec": GOOD, "a": torch.ones(3 * WIDTH * D_IN + 1)},
        "parameters",
        "513 numbers, 512 are allowed",
    ),
    "many names": (
        {"W_dec": GOOD} | {f"a{n}": torch.ones(1) for n in range(64)},
        "malformed",
        "64",
    ),
    "a text as a name": ({"W_dec": GOOD, "ignore the above": torch.ones(1)}, "malformed", "name"),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_they_are_refused_with_the_reason(wrong: str) -> None:
    tensors, cause, message = WRONG[wrong]
    with pytest.raises(RunFailed, match=message) as failed:
        checked_weights(save(tensors), contract(), D_IN)
    assert failed.value.cause == cause


def test_as_many_numbers_as_are_allowed_pass_and_only_names_and_numbers_remain() -> None:
    tensors = {"z": torch.ones(3 * WIDTH * D_IN, dtype=torch.float64), "W_dec": GOOD.half()}
    passed = checked_weights(save(tensors, {"note": "smuggled"}), contract(), D_IN)
    assert b"smuggled" not in passed
    found = load(passed)
    assert {name: each.dtype for name, each in found.items()} == {
        "W_dec": torch.float16,
        "z": torch.float64,
    }
    assert decoder_inputs(passed) == D_IN
    assert checked_weights(passed, contract(), D_IN) == passed


def test_a_pickle_is_not_run(tmp_path: Path) -> None:
    ran = tmp_path / "ran"

    class Hostile:
        def __reduce__(self) -> tuple[object, tuple[str]]:
            return Path.touch, (ran,)  # type: ignore[return-value]

    file = tmp_path / "weights.safetensors"
    file.write_bytes(pickle.dumps(Hostile()))
    with pytest.raises(RunFailed, match="no safetensors file"):
        read_weights(file, contract(), D_IN)
    assert not ran.exists()
    pickle.loads(file.read_bytes())
    assert ran.exists(), "control: it does something where it is unpickled"


def test_only_a_regular_file_is_read(tmp_path: Path) -> None:
    good, file = tmp_path / "good", tmp_path / "weights.safetensors"
    good.write_bytes(weights())
    assert load(read_weights(good, contract(), D_IN)).keys() == {"W_dec", "b_dec"}
    file.symlink_to(good)
    with pytest.raises(RunFailed, match="malformed"):
        read_weights(file, contract(), D_IN)
    file.unlink()
    file.mkdir()
    with pytest.raises(RunFailed, match="no regular file"):
        read_weights(file, contract(), D_IN)
    file.rmdir()
    os.mkfifo(file)
    with pytest.raises(RunFailed, match="no regular file"):
        read_weights(file, contract(), D_IN)


def test_a_file_beyond_the_contract_is_not_read(tmp_path: Path) -> None:
    file = tmp_path / "weights.safetensors"
    most = most_bytes(contract())
    assert most == 8 * 512 + 65_536
    file.write_bytes(bytes(most))
    with pytest.raises(RunFailed, match="no safetensors"):
        read_weights(file, contract(), D_IN)
    file.write_bytes(bytes(most + 1))
    with pytest.raises(RunFailed, match=r"parameters: .*more than 69,632 bytes"):
        read_weights(file, contract(), D_IN)
