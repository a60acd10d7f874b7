"""A training in a cell is the same as one anywhere else."""

from pathlib import Path

import pytest
import torch
from safetensors.torch import load, save

from harness.autoresearch.candidate import Candidate
from harness.autoresearch.sandbox.inside import Contract as Seen
from harness.autoresearch.sandbox.place import RunFailed
from harness.autoresearch.sandbox.training import train_in_cell
from harness.isolation import Rung
from harness.record import HarnessError
from tests.autoresearch.sandbox.small import (
    D_IN,
    ENCODE,
    KNOBS,
    SAMPLES,
    TRAIN,
    WIDTH,
    Activations,
    contract,
    place,
    trained,
    training,
)

GOOD = Candidate(code=TRAIN + ENCODE, knobs=KNOBS)


class Stream:
    """In this process."""

    d_in = D_IN

    def __init__(self) -> None:
        self.left = SAMPLES
        self._all = Activations()

    def take(self, rows: int) -> torch.Tensor:
        rows = min(rows, self.left)
        self.left -= rows
        return self._all(rows)


def test_it_equals_training_in_this_process_bit_for_bit(rung: Rung, tmp_path: Path) -> None:
    recipe: dict[str, object] = {}
    exec(TRAIN, recipe)
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    seen = Seen(width=WIDTH, samples=SAMPLES, target_l0=3, seconds=30, device="cpu")
    own = recipe["train"](Stream(), seen, {"learning_rate": 1e-3}, 7)  # type: ignore[operator]
    torch.set_num_threads(threads)
    done = trained(place(tmp_path, rung), GOOD)
    assert done.weights == save(dict(sorted(own.items())))
    assert done.taken == SAMPLES
    assert done.log == ""
    untrained = torch.randn(WIDTH, D_IN, generator=torch.Generator().manual_seed(7))
    assert not torch.equal(load(done.weights)["W_dec"], untrained)


def test_a_recipe_sees_contract_knobs_and_seed_and_may_stop_early(
    best: Rung, tmp_path: Path
) -> None:
    candidate = training(
        """
        x = stream.take(10_000_000) if stream.left < 100 else stream.take(100)
        print(stream.d_in, stream.left, x.shape, contract, knobs, seed, torch.get_num_threads())
        print("an error", file=sys.stderr)
        print(sorted(os.listdir()), sorted(os.environ))
        return {"W_dec": torch.zeros(contract.width, 16)}
        """
    )
    told: list[tuple[int, int]] = []
    activations = Activations()
    done = train_in_cell(
        place(tmp_path, best),
        candidate,
        contract(),
        seed=11,
        device="cpu",
        d_in=D_IN,
        draw=activations,
        told=lambda given, of: told.append((given, of)),
    )
    assert done.log.splitlines()[:2] == [
        f"16 {SAMPLES - 100} torch.Size([100, 16]) Contract(width=8, samples={SAMPLES}, "
        "target_l0=3.0, seconds=30.0, device='cpu') {'learning_rate': 0.001, 'mode': 'a'} 11 1",
        "an error",
    ]
    files = ["activations", "answers", "contract.json", "home", "knobs.yaml", "recipe.py"]
    assert done.log.splitlines()[2].startswith(str(files))
    assert "PYTHONPATH" not in done.log
    assert done.taken == 100
    assert told == [(SAMPLES, SAMPLES)]
    assert activations.drawn == SAMPLES


def test_what_an_earlier_run_left_is_not_there(best: Rung, tmp_path: Path) -> None:
    left = tmp_path / "run" / "deep" / "deeper"
    left.mkdir(parents=True)
    (left.parents[1] / "weights.safetensors").write_bytes(b"old")
    with pytest.raises(RunFailed, match="no_output"):
        trained(place(tmp_path, best), training("os._exit(0)"))


def test_a_failure_of_the_source_comes_out(best: Rung, tmp_path: Path) -> None:
    def broken(_rows: int) -> torch.Tensor:
        raise HarnessError("the world is gone")

    with pytest.raises(HarnessError, match="the world is gone"):
        train_in_cell(
            place(tmp_path, best),
            GOOD,
            contract(),
            seed=7,
            device="cpu",
            d_in=D_IN,
            draw=broken,
        )


def test_an_error_of_the_recipe_is_told_with_its_log(best: Rung, tmp_path: Path) -> None:
    with pytest.raises(RunFailed) as failed:
        trained(place(tmp_path, best), training("print('so far')\nraise KeyError('x')"))
    assert (failed.value.cause, failed.value.message) == ("crashed", "exit code 1")
    assert failed.value.log.startswith("so far\nTraceback")
    assert failed.value.log.endswith("KeyError: 'x'")


def test_a_cell_without_libraries_is_not_the_recipes_fault(
    best: Rung, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "inside.py"
    program.write_text("raise ImportError('no torch')")
    monkeypatch.setattr("harness.autoresearch.sandbox.starting._PROGRAM", program)
    where = place(tmp_path, best)._replace(readable=(program,))
    with pytest.raises(RunFailed, match=r"infrastructure: .*exit code 1") as failed:
        trained(where, GOOD)
    assert "no torch" in failed.value.log
