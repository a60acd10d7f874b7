"""A campaign's brief, and proposers whose agents play a script or ask a model on this machine."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from harness.autoresearch.candidate import Candidate
from harness.autoresearch.proposers.fill import Wanted
from harness.autoresearch.proposers.proposer import Brief, Proposal, Remembered
from harness.autoresearch.task import Task
from harness.isolation import choose

CODE = """import torch


def train(stream, contract, knobs, seed):
    return {"W_dec": torch.zeros(contract.width, stream.d_in)}


def encode(x, weights, knobs):
    return torch.zeros(len(x), len(weights["W_dec"]))
"""
KNOBS = "learning_rate: {value: 0.001, low: 0.0001, high: 0.01, log: true}\n"
PARENT = Candidate(code=CODE, knobs=KNOBS)
FASTER = KNOBS.replace("value: 0.001", "value: 0.003")
TASK = Task.model_validate(
    {
        "id": "planted",
        "title": "A planted task",
        "about": "Find the features of a planted world.",
        "start": "batchtopk",
        "source": {"kind": "synthetic", "world": "synthsae-1k"},
        "metric": "latent_f1",
        "guardrails": [{"metric": "mcc", "tolerance": 0.01}],
        "contract": {
            "width": 256,
            "samples": 2_000_000,
            "l0": {"low": 4.5, "high": 5.5},
            "target_l0": 5,
            "learning_rate": {"low": 0.0001, "high": 0.01},
            "parameters": 300_000,
            "code_lines": 300,
            "seconds": 120,
            "encode_seconds": 60,
            "memory_gib": 4,
        },
        "eval_samples": 100_000,
        "budget": {"trials": 20, "hours": 8, "plateau": 5},
    }
)


def brief(**fields: Any) -> Brief:
    """Of the first trial, whose parent is the incumbent."""
    first = Brief(
        task=TASK,
        trial=1,
        how="improve",
        parent=PARENT,
        incumbent=PARENT,
        incumbent_score=0.8123,
        memory=(),
        ideas=(),
        idea=None,
        seed=0,
        wide=False,
    )
    return first._replace(**fields)


def remembered(**fields: Any) -> Remembered:
    """A trial that was rejected."""
    usual = {
        "trial": 1,
        "title": "Twice the rate",
        "reason": "It may learn faster.",
        "outcome": "rejected",
        "why": "not better: -0.0100 on average over 3 seeds",
        "diff": "-learning_rate: 0.001\n+learning_rate: 0.002\n",
        "values": {"learning_rate": 0.002},
        "score": 0.8023,
        "gain": -0.01,
    }
    return Remembered.model_validate({**usual, **fields})


def wanted(root: Path, **fields: Any) -> Wanted:
    """In the best cell of this machine, with a folder that holds a secret."""
    folder = root / "campaign"
    folder.mkdir(exist_ok=True)
    (folder / "secret.key").write_text("the secret of the campaign\n")
    usual = {"folder": folder, "rung": choose("best"), "turn_minutes": 0.5}
    return Wanted.model_validate({**usual, **fields})


def trial_folder(asked: Wanted, trial: int = 1) -> Path:
    return asked.folder / "trials" / f"{trial:04}"


def scripted(root: Path, turns: Sequence[Sequence[dict[str, Any]]], **fields: Any) -> Wanted:
    """With a script of so many turns."""
    script = {"turns": turns, **({"plan": fields.pop("plan")} if "plan" in fields else {})}
    with (root / "script.yaml").open("w") as out:
        YAML().dump(script, out)
    return wanted(root, script=root / "script.yaml", **fields)


def proposal(answer: object) -> Proposal:
    assert isinstance(answer, Proposal), answer
    return answer
