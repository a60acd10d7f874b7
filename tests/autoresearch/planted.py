"""Campaigns whose truth is planted: what a knob does to the score is written here, not trained."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import NormalDist

from harness.autoresearch.campaign import Campaign, Setup
from harness.autoresearch.knobs import values
from harness.autoresearch.ledger.event import Invalid, Ran, Run, Scored
from harness.autoresearch.machine.desk import Desk
from harness.autoresearch.proposers.scripted import scripted
from harness.autoresearch.task import Task

NOISE = 0.002
"""Standard deviation of one score around its expectation, whatever the seeds have in common."""
CODE = """
def train(stream, contract, knobs, seed):
    return {}


def encode(x, weights, knobs):
    return x
"""
KNOBS = """
good: {value: 0, low: 0, high: 5}
idle: {value: 0, low: 0, high: 5}
lucky: {value: 0, low: 0, high: 5}
worldly: {value: 0, low: 0, high: 5}
costly: {value: 0, low: 0, high: 5}
creeping: {value: 0, low: 0, high: 5}
broken: {value: 0, low: 0, high: 5}
learning_rate: {value: 0.001, low: 0.0001, high: 1.0, log: true}
"""


def expected(knobs: Mapping[str, object], run: Run) -> float:
    """`good` is a gain everywhere; `lucky` on the first dev seed of a reign; `worldly` on dev."""
    paid = float(str(knobs["costly"])) + float(str(knobs["creeping"]))
    gain = 0.02 * float(str(knobs["good"])) + 0.03 * paid
    if run.tier == "dev":
        gain += 0.02 * float(str(knobs["worldly"]))
        gain += 0.02 * float(str(knobs["lucky"])) * (run.seed % 1000 == 0)
    return 0.5 + gain


def noise(*of: object) -> float:
    """Standard normal, the same for the same arguments."""
    digest = hashlib.sha256(repr(of).encode()).digest()
    return NormalDist().inv_cdf((int.from_bytes(digest[:6], "big") + 1) / (2**48 + 2))


class PlantedWork:
    """What a run gives without training."""

    def __init__(self, desk: Desk, run: Run, trial: int, _task: Task) -> None:
        self._desk, self._run, self._trial = desk, run, trial
        self.name = f"{run.tier} seed {run.seed}"

    def trained(self) -> Ran | Invalid:
        if self._knobs["broken"]:
            return Invalid(
                trial=self._trial, run=self._run, cause="crashed", message="planted", log=""
            )
        sha256 = self._desk.campaign.store.put(self._run.model_dump_json().encode())
        return Ran(trial=self._trial, run=self._run, weights=sha256, log="planted")

    def scored(self) -> Scored:
        shared = 0.01 * noise(self._run.tier, self._run.seed)
        own = NOISE * noise(self._run.candidate, self._run.tier, self._run.seed)
        score = expected(self._knobs, self._run) + shared + own
        costly, creeping = (float(str(self._knobs[name])) for name in ("costly", "creeping"))
        metrics = {"latent_f1": score, "mcc": 0.6 - 0.05 * costly - 0.006 * creeping}
        return Scored(trial=self._trial, run=self._run, metrics=metrics)

    @property
    def _knobs(self) -> dict[str, bool | int | float | str]:
        return values(self._desk.campaign.candidate(self._run.candidate).knobs)


def planted_task(folder: Path, **budget: float) -> Task:
    """A task on the planted recipe, written below a folder."""
    start = folder / "start"
    start.mkdir(parents=True, exist_ok=True)
    (start / "recipe.py").write_text(CODE)
    (start / "knobs.yaml").write_text(KNOBS)
    return Task.model_validate(
        {
            "id": "planted",
            "title": "Planted",
            "about": "What the knobs do is planted.",
            "start": str(start),
            "source": {"kind": "synthetic", "world": "synthsae-1k"},
            "metric": "latent_f1",
            "guardrails": [{"metric": "mcc", "tolerance": 0.01}],
            "contract": {
                "width": 8,
                "samples": 1000,
                "l0": {"low": 1, "high": 3},
                "target_l0": 2,
                "learning_rate": {"low": 1e-4, "high": 1e-2},
                "parameters": 10_000,
                "code_lines": 50,
                "seconds": 60,
                "encode_seconds": 60,
                "memory_gib": 2,
            },
            "eval_samples": 1000,
            "budget": {"trials": 20, "hours": 10, "plateau": 6, **budget},
        }
    )


def planted_campaign(folder: Path, **budget: float) -> Campaign:
    """A campaign begun on it, whose secret is known."""
    setup = Setup(
        task=planted_task(folder, **budget),
        policy="greedy",
        proposer="scripted",
        secret_seed=1,
        rung="process",
    )
    return Campaign.begin(folder / "campaign", setup)


def script(folder: Path, steps: Sequence[Mapping[str, object]]) -> Path:
    """A file that the scripted proposer follows."""
    path = folder / "script.json"
    titled = [{"title": f"step {n}", "reason": "planted", **step} for n, step in enumerate(steps)]
    path.write_text(json.dumps({"proposals": titled}))
    return path


__all__ = ["scripted"]
