"""Kill a replication at random instants, type the same command again, compare every byte.

    .venv/bin/python benchmarks/kill.py [--kills N] [--replication PATH] [--json]

Without PATH two small experiments run on a random model, some seconds a run; with it that
replication runs as it is, on its own model, in a scratch folder. A reference run is left alone.
Then the command is killed (SIGKILL) at instants drawn uniformly from its working time, and started
again until it has finished, as often as it takes for N kills. After each kill what stands must be
byte for byte a part of the reference, and nothing that stood before may be gone; at the end of each
round everything must be there, once. `--warm` forks from a process that has run it once, so that
only the work is interrupted; `--writes` (which needs that) then also kills just before and just
after every flush and every rename, once each.
"""

import argparse
import json
import multiprocessing
import os
import random
import runpy
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any, NoReturn

from harness.cli import main as harness
from harness.manifest import Manifest
from harness.replication import Replication

AS_WRITTEN = argparse.RawDescriptionHelpFormatter
KILLS_A_ROUND = 3
"""Then the command is left to finish, so that the end of its work is struck as often."""
TESTS = Path(__file__).parents[1] / "tests"


@dataclass
class Tally:
    """What happened."""

    seconds_undisturbed: float
    rounds: int = 0
    kills: int = 0
    too_late: int = 0
    """Instants at which the command had already finished."""
    kills_by_finished_experiments: dict[int, int] = field(default_factory=dict)
    half_written_files_seen: int = 0
    files_compared: int = 0
    files_lost: int = 0
    files_different: int = 0
    files_too_many: int = 0
    """Left beside what the reference holds, at the end of a round."""

    @property
    def holds(self) -> bool:
        """Whether every file came out as in the reference."""
        return self.files_lost == self.files_different == self.files_too_many == 0


@dataclass(frozen=True)
class Runner:
    """Starts `harness run` on a fresh copy of the specs."""

    template: Replication
    scratch: Path
    warm: bool

    def fresh(self, name: str) -> Replication:
        """A copy that has not run, with a cache of its own."""
        shutil.rmtree(self.scratch / name, ignore_errors=True)
        return self.template.copy_specs(self.scratch / name)

    def start(self, replication: Replication, cache: Path, die_at: int | None) -> BaseProcess:
        """The command in a process of its own, which may have to kill itself at a write."""
        child = multiprocessing.get_context("fork").Process(
            target=_command, args=(replication, cache, self.warm, die_at)
        )
        child.start()
        return child


def _command(replication: Replication, cache: Path, warm: bool, die_at: int | None) -> NoReturn:
    os.environ["HARNESS_CACHE"] = str(cache)
    os.chdir(replication.project)
    sys.argv = ["harness", "run", replication.name, "--device", "cpu", "--json"]
    silence = os.open(os.devnull, os.O_WRONLY)
    os.dup2(silence, 1)
    if not warm:
        code = "from harness.cli import main; main()"
        os.execv(sys.executable, [sys.executable, "-c", code, *sys.argv[1:]])
    if die_at is not None:
        _die_at_write(die_at)
    harness()
    raise AssertionError("the command line ends by itself")


def _die_at_write(instant: int) -> None:
    """Count the instants before and after each flush and rename; die at the one given."""
    passed = 0

    def tick() -> None:
        nonlocal passed
        passed += 1
        if passed == instant:
            os.kill(os.getpid(), signal.SIGKILL)

    def counted(real: Callable[..., object]) -> Callable[..., object]:
        def call(*arguments: object) -> object:
            tick()
            result = real(*arguments)
            tick()
            return result

        return call

    os.fsync, os.replace = counted(os.fsync), counted(os.replace)  # pyright: ignore


def results(replication: Replication) -> dict[str, bytes]:
    """Name → content of what must come out the same; manifests tell the time."""
    root = replication.root
    files = [path for part in ("measurements", "artifacts") for path in root.glob(f"{part}/*")]
    return {path.name: path.read_bytes() for path in files if not path.name.endswith(".partial")}


def warm_up(runner: Runner) -> None:
    """Import and set up in this process what else each fork would, by running once."""
    import torch

    from harness.run import run

    torch.set_num_threads(1)
    os.environ["HARNESS_CACHE"] = str(runner.scratch / "warm-cache")
    run(runner.fresh("warm"), device="cpu")


def undisturbed(runner: Runner) -> tuple[dict[str, bytes], float]:
    """The reference, and how many seconds it worked."""
    replication = runner.fresh("reference")
    child = runner.start(replication, runner.scratch / "reference-cache", None)
    started = _wait_for_work(replication, child)
    child.join()
    if child.exitcode != 0:
        sys.exit(f"the reference run ended with {child.exitcode}")
    return results(replication), time.monotonic() - started


def _wait_for_work(replication: Replication, child: BaseProcess) -> float:
    """When the command has started, checked the specs and taken the lock."""
    while child.is_alive() and not (replication.root / ".lock").exists():
        time.sleep(0.002)
    return time.monotonic()


def _wait(child: BaseProcess, seconds: float) -> None:
    """As `join`, whose sentinel a process loses when it becomes another program."""
    end = time.monotonic() + seconds
    while child.is_alive() and time.monotonic() < end:
        time.sleep(0.002)


def random_instants(runner: Runner, kills: int, seed: int) -> Tally:
    """Rounds of kills until there were as many as asked for."""
    reference, seconds = undisturbed(runner)
    tally, rng = Tally(round(seconds, 2)), random.Random(seed)
    while tally.kills < kills:
        replication, cache = runner.fresh("killed"), runner.scratch / "killed-cache"
        shutil.rmtree(cache, ignore_errors=True)
        tally.rounds += 1
        left = min(KILLS_A_ROUND, kills - tally.kills)
        for number in range(left + 1):
            before, is_last = results(replication), number == left
            (replication.root / ".lock").unlink(missing_ok=True)
            child = runner.start(replication, cache, None)
            started = _wait_for_work(replication, child)
            _wait(child, float("inf") if is_last else rng.uniform(0, seconds))
            if not child.is_alive():
                tally.too_late += not is_last
                took = time.monotonic() - started
                seconds = min(seconds, took) if number == 0 else seconds
                break
            child.kill()
            child.join()
            _after_kill(tally, replication, reference, before)
        _after_round(tally, replication, reference, child.exitcode)
    return tally


def every_write(runner: Runner) -> Tally:
    """One round for each instant before or after a flush or rename in the folder or the cache."""
    reference, seconds = undisturbed(runner)
    tally, instant = Tally(round(seconds, 2)), 0
    while True:
        instant += 1
        replication, cache = runner.fresh("killed"), runner.scratch / "reference-cache"
        child = runner.start(replication, cache, instant)
        child.join()
        if child.exitcode != -signal.SIGKILL:
            return tally
        tally.rounds += 1
        _after_kill(tally, replication, reference, {})
        child = runner.start(replication, cache, None)
        child.join()
        _after_round(tally, replication, reference, child.exitcode)


def _after_kill(
    tally: Tally, replication: Replication, reference: dict[str, bytes], before: dict[str, bytes]
) -> None:
    tally.kills += 1
    found = results(replication)
    done = sum(name.endswith(".jsonl") for name in found)
    by_done = tally.kills_by_finished_experiments
    by_done[done] = by_done.get(done, 0) + 1
    tally.half_written_files_seen += sum(1 for _ in replication.root.rglob("*.partial"))
    tally.files_lost += len(before.keys() - found.keys())
    tally.files_different += sum(content != reference.get(name) for name, content in found.items())
    if (replication.root / "manifest.json").exists():
        Manifest.load(replication.root / "manifest.json")


def _after_round(
    tally: Tally, replication: Replication, reference: dict[str, bytes], code: int | None
) -> None:
    assert code == 0, f"the command that was not killed ended with {code}"
    found = results(replication)
    left = list(replication.root.rglob("*.partial"))
    tally.files_compared += len(reference)
    tally.files_lost += len(reference.keys() - found.keys())
    tally.files_too_many += len(found.keys() - reference.keys()) + len(left)
    tally.files_different += sum(content != reference.get(name) for name, content in found.items())
    manifest = replication.manifest()
    named = set(manifest.experiments) if manifest else set[str]()
    assert named == {each.id for each in replication.spec.experiments}, named


def small_replication(scratch: Path) -> Replication:
    """The project that the tests use: two experiments on a random model."""
    save: Any = runpy.run_path(str(TESTS / "tiny_model.py"))["save_tiny_model"]
    save(scratch / "tiny-llama")
    write: Any = runpy.run_path(str(TESTS / "conftest.py"))["write_project"]
    return Replication.open(write(scratch / "project", scratch / "tiny-llama").folder)


def table(tally: Tally) -> str:
    """The tally for people."""
    by_done = sorted(tally.kills_by_finished_experiments.items())
    finished = ", ".join(f"{kills} with {done} finished" for done, kills in by_done)
    rows = {
        "undisturbed work": f"{tally.seconds_undisturbed} s",
        "kills": f"{tally.kills} in {tally.rounds} rounds ({tally.too_late} came too late)",
        "experiments when killed": finished,
        "half-written files seen": tally.half_written_files_seen,
        "files compared": tally.files_compared,
        "lost / different / too many": (
            f"{tally.files_lost} / {tally.files_different} / {tally.files_too_many}"
        ),
    }
    return "\n".join(f"{name:<28} {value}" for name, value in rows.items())


def main() -> None:
    """Exit code 1 where anything was lost, doubled or changed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=AS_WRITTEN)
    parser.add_argument("--kills", type=int, default=30)
    parser.add_argument("--replication", type=Path, help="run this one instead of a small one")
    parser.add_argument("--writes", action="store_true", help="also at every write; implies --warm")
    parser.add_argument("--warm", action="store_true", help="fork: only the work is interrupted")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        scratch, chosen = Path(name), asked.replication
        template = Replication.open(chosen) if chosen else small_replication(scratch)
        runner = Runner(template, scratch, asked.warm or asked.writes)
        if runner.warm:
            warm_up(runner)
        tallies = {"random instants": random_instants(runner, asked.kills, asked.seed)}
        if asked.writes:
            tallies["every write"] = every_write(runner)
    holds = all(tally.holds for tally in tallies.values())
    content = {kind: asdict(tally) for kind, tally in tallies.items()}
    if asked.json:
        print(json.dumps({**content, "holds": holds}, indent=2))
    else:
        print("\n\n".join(f"{kind}\n{table(tally)}" for kind, tally in tallies.items()))
    sys.exit(0 if holds else 1)


if __name__ == "__main__":
    main()
