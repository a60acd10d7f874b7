"""Training that is killed, at a step, in the middle of a write or from outside, loses nothing."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
import torch

from harness.saes.checkpoint import Checkpoint
from harness.saes.evaluation import evaluate
from harness.saes.training import train
from harness.worlds.world import SyntheticWorld
from tests.saes.made import recipe
from tests.worlds.small import opened

CHECKOUT = Path(__file__).parents[2]
NAMES = ("batchtopk", "jumprelu")
WAYS = ("at a step", "while writing", "from outside")
SIGKILL = int(signal.SIGKILL)

VICTIMS = """
import json, os, signal, sys, time
from pathlib import Path

import torch

from harness.saes.training import train
from tests.saes.made import recipe
from tests.worlds.small import opened

torch.set_num_threads(1)
WORLD, FOLDER = opened(), Path(sys.argv[1])


def kill_oneself(*_):
    os.kill(os.getpid(), signal.SIGKILL)


def victim(name, way, path):
    flush, flushes = os.fsync, []

    def fsync(descriptor):
        flushes.append(descriptor)
        return kill_oneself() if way == "while writing" and len(flushes) == 3 else flush(descriptor)

    def told(done, _total):
        if way == "at a step" and done == 45:
            kill_oneself()
        if way == "from outside":
            time.sleep(0.01)

    os.fsync = fsync
    train(WORLD, recipe(name), checkpoint=path, checkpoint_seconds=0.0, told=told)


def killed(name, way):
    path = FOLDER / f"{name}, {way}" / "x.safetensors"
    path.parent.mkdir()
    child = os.fork()
    if not child:
        victim(name, way, path)
        os._exit(0)
    while way == "from outside" and not path.exists():
        time.sleep(0.001)
    if way == "from outside":
        os.kill(child, signal.SIGKILL)
    return os.WTERMSIG(os.waitpid(child, 0)[1])


print(json.dumps({f"{n}, {w}": killed(n, w) for n in sys.argv[2].split(",")
                  for w in sys.argv[3].split(",")}))
"""


class Killed(NamedTuple):
    folder: Path
    signals: dict[str, int]

    def checkpoint(self, name: str, way: str) -> Path:
        return self.folder / f"{name}, {way}" / "x.safetensors"


@pytest.fixture(scope="module", autouse=True)
def one_thread() -> Iterator[None]:
    """As in the processes that are killed: sums depend on how many threads share them."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="module")
def world() -> SyntheticWorld:
    return opened()


@pytest.fixture(scope="module")
def killed(tmp_path_factory: pytest.TempPathFactory) -> Killed:
    folder = tmp_path_factory.mktemp("killed")
    done = subprocess.run(
        [sys.executable, "-c", VICTIMS, str(folder), ",".join(NAMES), ",".join(WAYS)],
        cwd=CHECKOUT,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return Killed(folder, json.loads(done.stdout.splitlines()[-1]))


def test_every_victim_was_killed_and_left_a_whole_checkpoint_on_the_way(killed: Killed) -> None:
    assert killed.signals == {f"{n}, {w}": SIGKILL for n in NAMES for w in WAYS}
    for name in NAMES:
        written = Checkpoint.read(killed.checkpoint(name, "while writing"), _run_of(killed, name))
        assert written.done == 16
        partial = list(killed.checkpoint(name, "while writing").parent.glob(".*.partial"))
        assert len(partial) == 1, "the control: the kill came in the middle of a write"
        at_step = Checkpoint.read(killed.checkpoint(name, "at a step"), _run_of(killed, name))
        assert at_step.done == 40
        assert (at_step.tuner is not None) == (name == "jumprelu")


def _run_of(killed: Killed, name: str) -> str:
    """The run's name as its checkpoint gives it; whether it is the right one, resuming shows."""
    from safetensors import safe_open

    with safe_open(killed.checkpoint(name, "at a step"), framework="pt") as file:
        return json.loads(file.metadata()["numbers"])["run"]


@pytest.mark.parametrize("name", NAMES)
def test_going_on_gives_the_very_same_sae_and_metrics(
    name: str, killed: Killed, world: SyntheticWorld
) -> None:
    undisturbed = train(world, recipe(name))
    expected = evaluate(undisturbed, world, samples=2000, batch=500, generator=world.generator(0))
    for way in WAYS:
        steps: list[int] = []
        resumed = train(
            world,
            recipe(name),
            checkpoint=killed.checkpoint(name, way),
            told=lambda done, _total, steps=steps: steps.append(done),
        )
        assert 1 < steps[0] <= steps[-1] == 63, "the control: it went on and did not begin anew"
        for key, tensor in resumed.state_dict().items():
            assert torch.equal(tensor, undisturbed.state_dict()[key]), (way, key)
        found = evaluate(resumed, world, samples=2000, batch=500, generator=world.generator(0))
        assert found == expected
