"""The whole family on a world of milliseconds: what the spec promises, once; resumed, identical."""

from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from harness.experiments import run_experiment, sae_bench
from harness.experiments.context import Context
from harness.experiments.sae_bench import unit
from harness.measurement import Measurement, Quantity
from harness.metrics import get_metric
from harness.record import HarnessError
from harness.specs import SaeBenchSpec
from harness.specs.worlds import WORLDS
from harness.worlds.world import SyntheticWorld
from tests.worlds.small import entry, opened

TINY = entry(id="tiny", features=160, hidden_dim=64, roots=4, width=96, l0=4)
"""Wide enough for parents at every depth to have latents."""


class Stopped(Exception):
    pass


@pytest.fixture(autouse=True)
def _tiny(monkeypatch: pytest.MonkeyPatch, world: SyntheticWorld) -> None:
    monkeypatch.setitem(WORLDS, "tiny", TINY)
    monkeypatch.setattr(sae_bench, "open_world", lambda *_, **__: world)


@pytest.fixture(scope="module")
def world() -> SyntheticWorld:
    return opened(TINY)


def spec(**changes: Any) -> SaeBenchSpec:
    given: dict[str, Any] = {
        "family": "sae_bench",
        "id": "bench",
        "model": "tiny",
        "seeds": [0, 1],
        "architectures": [
            "batchtopk",
            {"name": "standard", "label": "standard-weak", "config": {"l1_coefficient": 0.5}},
        ],
        "relative_l0": [0.75, 1.0],
        "width": 96,
        "samples": 4_096,
        "batch": 128,
        "learning_rate": 3e-3,
        "eval_samples": 6_000,
        "probe_samples": 100_000,
    }
    return SaeBenchSpec.model_validate({**given, **changes})


def run(folder: Path, **changes: Any) -> list[Measurement]:
    context = Context(folder / "bench.0123abcd", device="cpu")
    return list(run_experiment(spec(**changes), context))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("bench")


@pytest.fixture(scope="module")
def rows(folder: Path, world: SyntheticWorld) -> Iterator[list[Measurement]]:
    with pytest.MonkeyPatch.context() as patched:
        patched.setitem(WORLDS, "tiny", TINY)
        patched.setattr(sae_bench, "open_world", lambda *_, **__: world)
        yield run(folder)


def produced(row: Measurement) -> Quantity:
    return Quantity(metric=row.metric, where=row.conditions, control=row.control)


def values(
    rows: list[Measurement], metric: str, control: str | None = None, **where: Any
) -> list[float]:
    quantity = Quantity(metric=metric, where=where, control=control)
    found = [row.value for row in rows if row.matches(quantity)]
    assert found, quantity
    return found


def test_rows_are_what_the_spec_promises_each_once_a_seed(rows: list[Measurement]) -> None:
    # Facts of the world bear its name by their experiment's conditions, as elsewhere.
    found = Counter(str(produced(row)) for row in rows)
    promised = Counter(str(quantity) for quantity in spec().produces())
    assert {each: count for each, count in found.items() if promised[each] != 1} == {}
    assert {each: count for each, count in promised.items() if found[each] != 2} == {}
    assert Counter(row.seed for row in rows) == dict.fromkeys((0, 1), len(rows) // 2)


def test_every_value_lies_within_its_metrics_range(rows: list[Measurement]) -> None:
    for row in rows:
        metric = get_metric(row.metric)
        assert metric.low is None or row.value >= metric.low - 1e-6, row
        assert metric.high is None or row.value <= metric.high + 1e-6, row


def test_the_truth_scores_one_and_the_untrained_sae_does_not(rows: list[Measurement]) -> None:
    assert values(rows, "mcc", "true_dictionary") == pytest.approx([1.0] * 8, abs=1e-5)
    assert max(values(rows, "mcc", "random_init")) < 0.5
    assert min(values(rows, "mcc", architecture="batchtopk")) > max(
        values(rows, "mcc", "random_init")
    )


def test_the_wanted_l0_is_had(rows: list[Measurement]) -> None:
    for relative, l0 in ((0.75, 3.0), (1.0, 4.0)):
        found = values(rows, "sae_l0", architecture="batchtopk", relative_l0=relative)
        assert found == pytest.approx([l0, l0], rel=0.05)


def test_facts_of_the_world_are_measured_with_their_spread(
    rows: list[Measurement], world: SyntheticWorld
) -> None:
    dense = world.sampler.sample(20_000, world.generator(77)).dense(160)
    assert values(rows, "world_l0") == pytest.approx(
        [float((dense > 0).sum(1).float().mean())] * 2, rel=0.05
    )
    assert len(set(values(rows, "mean_max_cosine"))) == 1
    assert min(values(rows, "probe_f1")) > 0


def test_the_maps_are_of_the_first_seeds_saes(folder: Path, rows: list[Measurement]) -> None:
    assert rows
    with np.load(folder / "bench.0123abcd.cosines.npz", allow_pickle=False) as maps:
        assert set(maps) == {
            f"{name}.{l0}.map" for name in ("batchtopk", "standard-weak") for l0 in (3, 4)
        }
        for each in maps.values():
            assert (each.shape, each.dtype) == ((48, 48), np.dtype(np.float32))
            assert 0 <= each.min() <= each.max() <= 1 + 1e-6
    assert [path.name for path in folder.iterdir()] == ["bench.0123abcd.cosines.npz"]


def test_nothing_is_measured_that_is_not_asked_for(tmp_path: Path) -> None:
    asked = {
        "diagnostics": False,
        "world_facts": False,
        "seeds": [0],
        "architectures": ["topk"],
        "relative_l0": [1.0],
        "samples": 640,
    }
    found = Counter(str(produced(row)) for row in run(tmp_path, **asked))
    assert found == Counter(str(each) for each in spec(**asked).produces())


def counted(monkeypatch: pytest.MonkeyPatch, stop_at: int | None = None) -> list[str]:
    """Names of the SAEs that are trained from now on; the one at `stop_at` is not finished."""
    names: list[str] = []
    train: Callable[..., Any] = unit.train

    def noted(world: SyntheticWorld, recipe: Any, **kwargs: Any) -> Any:
        if len(names) == stop_at:
            raise Stopped
        names.append(f"{recipe.architecture.title}-{recipe.l0:g}-{recipe.seed}")
        return train(world, recipe, **kwargs)

    monkeypatch.setattr(unit, "train", noted)
    return names


@pytest.mark.parametrize("stop_at", [1, 5])
def test_an_interrupted_experiment_goes_on_and_gives_identical_rows(
    stop_at: int, rows: list[Measurement], folder: Path, tmp_path: Path
) -> None:
    with pytest.MonkeyPatch.context() as patched:
        before = counted(patched, stop_at)
        with pytest.raises(Stopped):
            run(tmp_path)
    journals = [path for path in tmp_path.iterdir() if path.is_dir()]
    assert len(journals) == 1, "the control: what is finished is kept"
    with pytest.MonkeyPatch.context() as patched:
        after = counted(patched)
        assert run(tmp_path) == rows
    assert len(before) == stop_at
    assert len(set(before + after)) == len(before) + len(after) == 8, "none is trained twice"
    name = "bench.0123abcd.cosines.npz"
    assert [path.name for path in tmp_path.iterdir()] == [name]
    with np.load(tmp_path / name) as found, np.load(folder / name) as expected:
        for key in expected:
            assert np.array_equal(found[key], expected[key])


def test_the_sae_in_hand_goes_on_from_its_checkpoint(
    rows: list[Measurement], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    train: Callable[..., Any] = unit.train

    def hasty(world: SyntheticWorld, recipe: Any, **kwargs: Any) -> Any:
        return train(world, recipe, **kwargs, checkpoint_seconds=0.0)

    monkeypatch.setattr(unit, "train", hasty)

    def stop(what: str, done: int, _total: int) -> None:
        if what.startswith("batchtopk") and done == 21:
            raise Stopped

    context = Context(tmp_path / "bench.0123abcd", device="cpu", progress=stop)
    with pytest.raises(Stopped):
        list(run_experiment(spec(), context))
    steps: list[int] = []

    def note(what: str, done: int, _total: int) -> None:
        if what == "batchtopk, L0 3, seed 0":
            steps.append(done)

    context = Context(tmp_path / "bench.0123abcd", device="cpu", progress=note)
    assert list(run_experiment(spec(), context)) == rows
    assert steps[0] == 17, "the control: it did not begin anew"


def test_what_the_world_was_is_noted(tmp_path: Path, world: SyntheticWorld) -> None:
    context = Context(tmp_path / "bench.0123abcd", device="cpu")
    next(iter(run_experiment(spec(), context)))
    used = context.models["tiny"]
    assert (used.sha256, used.origin) == (world.built.sha256, "test")


def test_a_damaged_journal_is_named(tmp_path: Path) -> None:
    with pytest.MonkeyPatch.context() as patched:
        counted(patched, 1)
        with pytest.raises(Stopped):
            run(tmp_path)
    (finished,) = tmp_path.rglob("batchtopk-*.jsonl")
    finished.write_text(finished.read_text()[:-20])
    with pytest.raises(HarnessError, match=finished.name):
        run(tmp_path)
