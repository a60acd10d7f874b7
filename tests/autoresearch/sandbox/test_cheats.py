"""Ways to get a result that was not earned, as recipes, each with what stops it."""

from pathlib import Path

import pytest
import torch
from safetensors.torch import load

from harness.autoresearch.sandbox.place import RunFailed
from harness.isolation import Rung
from tests.autoresearch.sandbox.small import WRITES, contract, place, trained, training

FILE = "weights.safetensors"
CHEATS = {
    "it ends well before it has trained": ("os._exit(0)", "no_output"),
    "weights that are no numbers, and a check that says they are": (
        """
        torch.isfinite = lambda x: torch.ones(())
        return {"W_dec": torch.full((8, 16), float("nan"))}
        """,
        "not_finite",
    ),
    "a larger model": (
        "return {'W_dec': torch.ones(8, 16), 'more': torch.ones(8, 49)}",
        "parameters",
    ),
    "code instead of weights": (
        f"torch.save({{'W_dec': torch.ones(8, 16)}}, '{FILE}')\nos._exit(0)",
        "malformed",
    ),
    "a link to a device without end": (
        f"os.symlink('/dev/zero', '{FILE}')\nos._exit(0)",
        "malformed",
    ),
    "a huge file with nothing in it": (
        f"open('{FILE}', 'w').truncate(2**26)\nos._exit(0)",
        "parameters",
    ),
    "a file that is larger still": (f"open('{FILE}', 'w').truncate(2**30)", "crashed"),
    "memory": ("x = torch.ones(2**30)", "memory"),
    "a clock that stands still": (
        "time.time = time.monotonic = lambda: 0.0\ntime.sleep(99)",
        "deadline",
    ),
    "no end, and nothing printed": ("os.closerange(0, 99)\ntime.sleep(99)", "deadline"),
    "not an answer": ("return 0.99", "malformed"),
}


@pytest.mark.parametrize("cheat", CHEATS)
def test_it_has_no_result(best: Rung, tmp_path: Path, cheat: str) -> None:
    body, cause = CHEATS[cheat]
    held_to = contract(seconds=1 if cause == "deadline" else 60)
    with pytest.raises(RunFailed) as failed:
        trained(place(tmp_path, best), training(body), held_to)
    assert failed.value.cause == cause, failed.value.log


def test_what_is_printed_is_a_log_and_no_result(best: Rung, tmp_path: Path) -> None:
    body = f"""
    print("latent_f1: 0.99\\n" + "x" * 30_000_000)
    print("\\x1b[31mlatent_f1:\\u202e 1.0\\x1b[0m")
    {WRITES.strip()}
    """
    done = trained(place(tmp_path, best), training(body))
    assert len(done.log) < 2_100
    assert "characters left out" in done.log.splitlines()[0]
    assert done.log.endswith("x\nlatent_f1: 1.0")
    assert set(load(done.weights)) == {"W_dec"}


def test_other_pipes_in_place_of_ours_change_nothing(best: Rung, tmp_path: Path) -> None:
    (tmp_path / "campaign").mkdir()
    target = tmp_path / "campaign" / "ledger.jsonl"
    target.write_text("as it was")
    body = f"""
    for name in ("activations", "answers"):
        os.unlink(name)
        os.symlink({str(target)!r}, name)
    return {{"W_dec": stream.take(4096)[:contract.width]}}
    """
    done = trained(place(tmp_path, best), training(body))
    assert load(done.weights)["W_dec"].unique().numel() == 8 * 16
    assert target.read_text() == "as it was"


def test_no_more_activations_come_than_the_contract_says(best: Rung, tmp_path: Path) -> None:
    body = """
    end = os.open("activations", os.O_RDONLY | os.O_NONBLOCK)
    time.sleep(0.5)
    got = 0
    try:
        while True: got += len(os.read(end, 2**20))
    except BlockingIOError:
        return {"W_dec": torch.ones(8, 16), "got": torch.tensor([float(got)])}
    """
    done = trained(place(tmp_path, best), training(body))
    assert torch.equal(load(done.weights)["got"], torch.tensor([4_096 * 16 * 4.0]))


FORKS = """
for _ in range(8):
    if os.fork() == 0:
        held = os.urandom(2**20) * MEBIBYTES
        time.sleep(99)
time.sleep(3)
"""


def test_memory_of_many_processes_counts_together(best: Rung, tmp_path: Path) -> None:
    body = FORKS + WRITES.strip()
    with pytest.raises(RunFailed, match="memory: its processes held"):
        trained(place(tmp_path, best), training(body.replace("MEBIBYTES", "200")))
    done = trained(place(tmp_path, best), training(body.replace("MEBIBYTES", "1")))
    assert load(done.weights).keys() == {"W_dec"}, "control: forks alone hold little"


def test_many_files_count_together(best: Rung, tmp_path: Path) -> None:
    body = """
    for number in range(12):
        with open(f"home/{number}", "wb") as file:
            file.write(bytes(2**25))
    time.sleep(99)
    """
    with pytest.raises(RunFailed, match=r"memory: its files took more than 0\.25 GiB"):
        trained(place(tmp_path, best), training(body))
