import errno
import os
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

import pytest
import torch

from harness.record import HarnessError
from harness.saes.autotune import Autotuner
from harness.saes.checkpoint import Checkpoint
from harness.saes.training import train
from harness.worlds.world import SyntheticWorld
from tests.saes.made import recipe
from tests.worlds.small import opened

TUNER = Autotuner(3.0, 5, 0.01, multiplier=1.5, smoothed=2.25, rate=-0.125)


class Stopped(Exception):
    pass


@pytest.fixture(scope="module")
def world() -> SyntheticWorld:
    return opened()


def checkpoint(tuner: Autotuner | None = TUNER) -> Checkpoint:
    tensors = {"a": torch.arange(6.0).view(2, 3).T, "b": torch.tensor([1, 2], dtype=torch.uint8)}
    return Checkpoint("this run", 7, 0.25, tuner, tensors)


@pytest.mark.parametrize("tuner", [TUNER, None])
def test_what_was_written_is_read(tmp_path: Path, tuner: Autotuner | None) -> None:
    path = tmp_path / "x.safetensors"
    checkpoint(tuner).write(path)
    found = Checkpoint.read(path, "this run")
    assert (found.done, found.threshold, found.tuner) == (7, 0.25, tuner)
    for name, tensor in checkpoint().tensors.items():
        assert torch.equal(found.tensors[name], tensor)


def test_another_runs_checkpoint_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.safetensors"
    checkpoint().write(path)
    with pytest.raises(HarnessError, match=r"x\.safetensors: of another run; delete it"):
        Checkpoint.read(path, "that run")


def cut_short(content: bytes) -> bytes:
    return content[: len(content) // 2]


def without_numbers(content: bytes) -> bytes:
    return content.replace(b"numbers", b"strings")


def emptied(_content: bytes) -> bytes:
    return b""


def overwritten(_content: bytes) -> bytes:
    return b"x" * 99


def without_a_key(content: bytes) -> bytes:
    return content.replace(b"threshold", b"thresholt")


@pytest.mark.parametrize(
    "damage", [cut_short, without_numbers, without_a_key, emptied, overwritten]
)
def test_a_damaged_checkpoint_is_named(tmp_path: Path, damage: Callable[[bytes], bytes]) -> None:
    path = tmp_path / "x.safetensors"
    checkpoint().write(path)
    path.write_bytes(damage(path.read_bytes()))
    with pytest.raises(HarnessError, match=r"x\.safetensors: damaged; delete it to begin again"):
        Checkpoint.read(path, "this run")


def test_a_full_disk_is_told_and_leaves_the_checkpoint_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "x.safetensors"
    checkpoint().write(path)
    before = path.read_bytes()

    def full(_descriptor: int) -> NoReturn:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(HarnessError, match=r"x\.safetensors: cannot be written: No space left"):
        checkpoint(None).write(path)
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


def test_a_full_disk_ends_training_and_does_not_go_unseen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, world: SyntheticWorld
) -> None:
    def full(_descriptor: int) -> NoReturn:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(HarnessError, match="No space left"):
        train(world, recipe("topk"), checkpoint=tmp_path / "x.safetensors", checkpoint_seconds=0.0)
    assert not list(tmp_path.iterdir())


def stopped_at(world: SyntheticWorld, name: str, path: Path, step: int) -> None:
    def told(done: int, _total: int) -> None:
        if done == step:
            raise Stopped

    with pytest.raises(Stopped):
        train(world, recipe(name), checkpoint=path, checkpoint_seconds=0.0, told=told)


@pytest.mark.parametrize(
    "name", ["standard", "topk", "batchtopk", "jumprelu", "gated", "matching_pursuit"]
)
def test_a_stopped_run_goes_on_to_the_very_same_sae(
    name: str, world: SyntheticWorld, tmp_path: Path
) -> None:
    path = tmp_path / "x.safetensors"
    for step in (29, 45):
        stopped_at(world, name, path, step)
    first: list[int] = []
    resumed = train(
        world, recipe(name), checkpoint=path, told=lambda done, _total: first.append(done)
    )
    assert first[0] == 41, "the control: it went on behind the last checkpoint"
    undisturbed = train(world, recipe(name)).state_dict()
    for key, tensor in resumed.state_dict().items():
        assert torch.equal(tensor, undisturbed[key]), key


@pytest.mark.parametrize("changed", [{"seed": 1}, {"learning_rate": 2e-3}, {"l0": 5.0}])
def test_a_checkpoint_of_other_settings_is_refused(
    changed: dict[str, float], world: SyntheticWorld, tmp_path: Path
) -> None:
    path = tmp_path / "x.safetensors"
    stopped_at(world, "batchtopk", path, 20)
    with pytest.raises(HarnessError, match="of another run"):
        train(world, recipe("batchtopk", **changed), checkpoint=path)


def test_a_checkpoint_that_is_not_yet_due_is_not_written(
    world: SyntheticWorld, tmp_path: Path
) -> None:
    path = tmp_path / "x.safetensors"
    train(world, recipe("topk", samples=640), checkpoint=path, checkpoint_seconds=600)
    assert not path.exists()
    train(world, recipe("topk", samples=640), checkpoint=path, checkpoint_seconds=0.0)
    assert path.exists()
