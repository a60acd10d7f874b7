"""Kill a campaign at random instants, type the same command again, compare the ledgers.

    .venv/bin/python -m benchmarks.autoresearch_kill [--kills 30] [--seed 0] [--isolation best]

A scripted campaign on a small world, with real trainings in real cells, runs once undisturbed. Then
`harness autoresearch run` is killed (SIGKILL) at instants drawn uniformly from its working time and
started again until it has ended, as often as it takes for all kills. After each kill no process of
it may be left; at the end of each round the ledger must hold the same events, each run once.
"""

import argparse
import json
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

import psutil

from harness.autoresearch.ledger.comparable import comparable
from harness.autoresearch.ledger.event import Ran
from harness.autoresearch.ledger.ledger import read_ledger
from harness.autoresearch.ledger.verify import verify
from harness.autoresearch.store import Store
from harness.autoresearch.task import load_task

PART = 0.4
"""Of the undisturbed time: the longest between start and kill, of which a start takes seconds."""
GONE_SECONDS = 5.0
KILLS_A_ROUND = 6
SCRIPT = {
    "proposals": [
        {"title": "faster", "reason": "it is short", "values": {"learning_rate": 0.004}},
        {"title": "slower", "reason": "control", "values": {"learning_rate": 0.0005}},
        {"title": "again", "reason": "a duplicate", "values": {"learning_rate": 0.004}},
        {
            "title": "crash",
            "reason": "an invalid run",
            "replace": [["def train(", "raise RuntimeError('planted')\n\n\ndef train("]],
        },
        {"title": "report", "reason": "honesty", "loophole": "a planted one"},
        {"title": "fastest", "reason": "more", "values": {"learning_rate": 0.008}},
    ]
}


@dataclass
class Tally:
    """What happened."""

    seconds_undisturbed: float = 0.0
    events: int = 0
    rounds: int = 0
    kills: int = 0
    kills_by_events_recorded: list[int] = field(default_factory=list[int])
    survivors: int = 0
    ledgers_different: int = 0
    runs_doubled: int = 0
    problems: list[str] = field(default_factory=list[str])

    @property
    def holds(self) -> bool:
        """Whether nothing was lost, doubled, changed, or left running."""
        return not (self.survivors or self.ledgers_different or self.runs_doubled or self.problems)


def main() -> None:
    """Exit code 1 where anything differs."""
    parser = argparse.ArgumentParser(prog="benchmarks.autoresearch_kill")
    parser.add_argument("--kills", type=int, default=30)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--isolation", default="best")
    wanted = parser.parse_args()
    with TemporaryDirectory(prefix="kill-", dir=Path.cwd() / "runs") as scratch:
        tally = strike(Path(scratch), wanted.kills, random.Random(wanted.seed), wanted.isolation)
    print(json.dumps(asdict(tally)))
    print("holds" if tally.holds else "DOES NOT HOLD")
    sys.exit(0 if tally.holds else 1)


def strike(scratch: Path, kills: int, chance: random.Random, isolation: str) -> Tally:
    """Run, kill, compare; the numbers of it."""
    tally = Tally()
    reference = _begun(scratch, "undisturbed", isolation)
    began = time.monotonic()
    assert _finish(scratch, reference) == 0
    tally.seconds_undisturbed = time.monotonic() - began
    expected = comparable(read_ledger(reference / "ledger.jsonl"))
    tally.events = len(expected)
    while tally.kills < kills:
        folder = _begun(scratch, f"round-{tally.rounds}", isolation)
        tally.rounds += 1
        _round(scratch, folder, min(kills - tally.kills, KILLS_A_ROUND), chance, tally)
        tally.ledgers_different += comparable(read_ledger(folder / "ledger.jsonl")) != expected
        tally.runs_doubled += _doubled(folder)
        tally.problems += verify(folder / "ledger.jsonl", Store(folder / "store"))
    return tally


def _round(scratch: Path, folder: Path, kills: int, chance: random.Random, tally: Tally) -> None:
    for _ in range(kills):
        running = _start(scratch, folder)
        try:
            running.wait(chance.uniform(0.0, PART * tally.seconds_undisturbed))
        except subprocess.TimeoutExpired:
            running.send_signal(signal.SIGKILL)
            running.wait()
            tally.kills += 1
            tally.kills_by_events_recorded.append(len(read_ledger(folder / "ledger.jsonl")))
            tally.survivors += _survivors(folder)
        else:
            return
    assert _finish(scratch, folder) == 0, folder


def _begun(scratch: Path, name: str, isolation: str) -> Path:
    """A campaign on a task of seconds, whose worlds follow from a seed."""
    shipped = load_task("synthsae-1k-f1").model_dump(mode="json")
    shipped["contract"]["samples"] = 30_000
    shipped["contract"]["l0"] = {"low": 0.0, "high": 256.0}
    short = {**shipped, "id": "killed", "eval_samples": 4_000}
    short["keep"] = {"looks": [3], "gate_seeds": 3, "ablation_seeds": 2}
    task, script, folder = (scratch / each for each in ("task.json", "script.json", name))
    task.write_text(json.dumps(short))
    script.write_text(json.dumps(SCRIPT))
    _harness(
        scratch,
        *("init", str(task), "--folder", str(folder), "--policy", "greedy"),
        *("--proposer", "scripted", "--secret-seed", "3", "--isolation", isolation),
    ).wait()
    return folder


def _finish(scratch: Path, folder: Path) -> int:
    return _start(scratch, folder).wait()


def _start(scratch: Path, folder: Path) -> subprocess.Popen[bytes]:
    return _harness(scratch, "run", str(folder), "--script", str(scratch / "script.json"))


def _harness(scratch: Path, *arguments: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-c", "from harness.cli import main; main()"]
    log = (scratch / "log").open("ab")
    return subprocess.Popen([*command, "autoresearch", *arguments], stdout=log, stderr=log)


def _survivors(folder: Path) -> int:
    """Processes of the campaign that live on some seconds after their parent's end; ended here."""
    deadline = time.monotonic() + GONE_SECONDS
    while (left := _of(folder)) and time.monotonic() < deadline:
        time.sleep(0.05)
    for process in left:
        process.kill()
    return len(left)


def _of(folder: Path) -> Sequence[psutil.Process]:
    found: list[psutil.Process] = []
    for process in psutil.process_iter():
        if process.pid == os.getpid():
            continue
        try:
            places = [*process.cmdline(), *process.environ().values()]
        except psutil.Error:
            continue
        if any(os.fspath(folder) in each for each in places):
            found.append(process)
    return found


def _doubled(folder: Path) -> int:
    events = [line.event for line in read_ledger(folder / "ledger.jsonl")]
    counts = Counter(event.run for event in events if isinstance(event, Ran))
    return sum(count > 1 for count in counts.values())


if __name__ == "__main__":
    main()
