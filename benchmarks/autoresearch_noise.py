"""Noise of a task: paired differences between its starting recipe and the same with other draws.

    .venv/bin/python -m benchmarks.autoresearch_noise [TASK] [--pairs 12] [--output runs/noise.json]

The second recipe adds 1 to the seed that it is handed, so that it starts from other weights and is
no other recipe: every difference is noise. `benchmarks.autoresearch_aa` simulates campaigns of it.
"""

import argparse
import json
from pathlib import Path
from statistics import fmean, stdev
from tempfile import TemporaryDirectory

from harness.autoresearch.campaign import Campaign, Setup
from harness.autoresearch.candidate import Candidate
from harness.autoresearch.machine.desk import untold
from harness.autoresearch.machine.pairs import Pairs
from harness.autoresearch.machine.run import at_desk
from harness.autoresearch.task import load_task
from harness.cli.show import bars
from harness.isolation import choose
from harness.record import write_text

HANDED, OTHER = (
    "begin(stream.d_in, contract, knobs, seed)",
    "begin(stream.d_in, contract, knobs, seed + 1)",
)


def main() -> None:
    """One JSON document, printed and written."""
    parser = argparse.ArgumentParser(prog="benchmarks.autoresearch_noise")
    parser.add_argument("task", nargs="?", default="synthsae-1k-f1")
    parser.add_argument("--pairs", type=int, default=12)
    parser.add_argument("--output", type=Path, default=Path("runs/noise.json"))
    wanted = parser.parse_args()
    with TemporaryDirectory(prefix="noise-", dir=Path.cwd() / "runs") as scratch:
        found = measured(Path(scratch) / "campaign", wanted.task, wanted.pairs)
    write_text(wanted.output, json.dumps(found, indent=2) + "\n")
    print(json.dumps(found))


def measured(folder: Path, name: str, pairs: int) -> dict[str, object]:
    """Scores and differences, a seed each."""
    task = load_task(name)
    campaign = Campaign.begin(folder, Setup(task=task, secret_seed=0, rung=choose("best")))
    baseline = campaign.candidate(campaign.begun.baseline)
    assert baseline.code.count(HANDED) == 1, "the recipe hands its seed on elsewhere"
    other = Candidate(code=baseline.code.replace(HANDED, OTHER), knobs=baseline.knobs)
    digest = campaign.store.put_candidate(other)
    with bars(quiet=False) as progress, at_desk(campaign, untold, progress) as desk:
        seen = Pairs(desk, 0, digest, campaign.begun.baseline, "dev", 0)
        for count in range(1, pairs + 1):
            seen.extend(count)
    return {
        "task": name,
        "metric": task.metric,
        "scores": seen.scores(seen.theirs),
        "differences": seen.differences,
        "mean": fmean(seen.differences),
        "sd": stdev(seen.differences),
    }


if __name__ == "__main__":
    main()
