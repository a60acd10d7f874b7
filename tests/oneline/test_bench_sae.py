from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import torch

from harness.experiments.context import Context, no_progress
from harness.experiments.sae_bench import run
from harness.oneline import bench_sae as module
from harness.oneline.bench_request import Request, spec_of
from harness.oneline.bench_sae import Found, bench_sae
from harness.oneline.board import read_board
from harness.oneline.training_clock import TrainingClock
from harness.saes.training import train
from harness.specs.worlds import WORLDS
from harness.worlds.world import SyntheticWorld, open_world
from tests.oneline.benched import TINY

ASKED = Request("tiny", ["batchtopk"], seeds=2, batch=256, eval_samples=2_000)


@pytest.fixture(scope="module")
def surroundings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The tiny world among those that can be named, and a cache of the module's own."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("HARNESS_CACHE", str(tmp_path_factory.mktemp("cache")))
        patched.setitem(WORLDS, "tiny", TINY)
        yield tmp_path_factory.mktemp("boards")


@pytest.fixture(scope="module")
def world(surroundings: Path) -> SyntheticWorld:  # noqa: ARG001
    return open_world(TINY, torch.device("cpu"))


@pytest.fixture(scope="module")
def first(world: SyntheticWorld, surroundings: Path) -> Found:
    return bench_sae(spec_of(ASKED), world, surroundings / "first.jsonl")


def scores(found: Found) -> list[dict[str, float]]:
    return [{name: got.mean for name, got in e.scores.items()} for e in found.benched.saes]


def test_trained_saes_stand_on_the_board_with_how_they_were_had(
    first: Found, world: SyntheticWorld, surroundings: Path
) -> None:
    assert (first.benched.trained, first.benched.from_board) == (2, 0)
    one, other = read_board(surroundings / "first.jsonl").saes
    assert (one.seed, other.seed) == (0, 1)
    assert one.world_sha256 == world.built.sha256
    assert one.seconds and one.samples_per_second
    assert one.samples_per_second == pytest.approx(30_208 / one.seconds, rel=0.01)
    assert one.packages["torch"] == torch.__version__
    assert first.benched.saes[0].scores["latent_f1"].mean > 0.1
    untrained = bench_sae(
        spec_of(ASKED._replace(samples=256, seeds=1)), world, surroundings / "untrained.jsonl"
    )
    assert scores(untrained)[0]["mcc"] < scores(first)[0]["mcc"] - 0.1


def test_the_numbers_are_those_of_the_experiment(
    first: Found,  # noqa: ARG001
    surroundings: Path,
) -> None:
    rows = run(spec_of(ASKED._replace(seeds=1)), Context(surroundings / "experiment", device="cpu"))
    wanted = {row.metric: row.value for row in rows if row.control is None}
    one = read_board(surroundings / "first.jsonl").saes[0]
    assert one.metrics == pytest.approx(wanted, abs=1e-6)


def test_what_stands_on_the_board_is_not_trained_again_unless_asked(
    first: Found, world: SyntheticWorld, surroundings: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = surroundings / "first.jsonl"
    before = path.read_bytes()
    with monkeypatch.context() as patched:
        patched.setattr(module, "train", None)
        found = bench_sae(spec_of(ASKED), world, path)
    assert (found.benched.trained, found.benched.from_board) == (0, 2)
    assert found.benched.saes == first.benched.saes
    assert path.read_bytes() == before
    anew = bench_sae(spec_of(ASKED._replace(seeds=1)), world, path, again=True)
    assert (anew.benched.trained, anew.benched.from_board) == (1, 0)
    assert scores(anew)[0] == pytest.approx(read_board(path).saes[-1].metrics)
    assert len(path.read_text().splitlines()) == 3
    assert [each.seeds for each in anew.board] == [(0, 1)]


def test_training_that_was_stopped_goes_on_to_the_same_numbers(
    first: Found, world: SyntheticWorld, surroundings: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "train", partial(train, checkpoint_seconds=0.0))
    path = surroundings / "stopped.jsonl"

    def stop(_step: str, done: int, total: int) -> None:
        if total > 100 and done == 70:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        bench_sae(spec_of(ASKED), world, path, progress=stop)
    assert not path.exists()
    seen: list[int] = []
    found = bench_sae(
        spec_of(ASKED), world, path, progress=lambda _step, done, _total: seen.append(done)
    )
    assert seen[1] > 1, "it began anew"
    assert scores(found) == scores(first)
    stopped, whole = read_board(path).saes
    assert stopped.seconds is None and stopped.samples_per_second
    assert whole.seconds
    kept = module.cache_dir() / "bench"
    assert list(kept.glob("*.safetensors")) == []


def test_training_that_diverges_is_a_failure_and_no_line(
    world: SyntheticWorld, surroundings: Path
) -> None:
    path = surroundings / "diverged.jsonl"
    asked = ASKED._replace(architectures=["standard"], learning_rate=1e30, samples=2_560, seeds=1)
    found = bench_sae(spec_of(asked), world, path)
    assert found.benched.failures == (
        "standard, L0 3, seed 0: training diverged: weights are not finite",
    )
    assert (found.benched.trained, found.benched.saes, found.board) == (0, (), ())
    assert not path.exists()


def test_a_clock_tells_a_run_that_goes_on_from_one_that_begins() -> None:
    def clock(*steps: int) -> Any:
        made = TrainingClock(lambda done, total: no_progress("", done, total))
        for done in steps:
            made.told(done, 9)
        return made

    assert clock(1, 2, 3).seconds > 0
    assert clock(7, 8).seconds is None and clock(7, 8).steps_per_second > 0
    assert clock().seconds is None and clock().steps_per_second is None
