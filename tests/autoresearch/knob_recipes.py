"""Small recipes, a task and briefs, for tests of whatever edits or draws knobs."""

from collections.abc import Sequence

from harness.autoresearch.candidate import Candidate
from harness.autoresearch.proposers.proposer import Brief, Remembered
from harness.autoresearch.task import Task

CODE = """import torch


def train(stream, contract, knobs, seed):
    # Adam would do better.
    weight = torch.zeros(contract.width, stream.d_in)
    return {"W_dec": weight}


def encode(x, weights, knobs):
    return torch.relu(x @ weights["W_dec"].T)
"""
KNOBS = """# Of the toy recipe.
learning_rate: {value: 0.001, low: 0.0001, high: 0.1, log: true}  # of Adam
refine_steps: {value: 0, low: 0, high: 3, about: "0: no refinement"}
refine_size:
  value: 0.5
  low: 0.0
  high: 1.0
  when: refine_steps
shape: {value: none, choices: [none, linear, cosine]}
shape_from: {value: 2.0, low: 1.0, high: 4.0, when: shape}
"""
TOY = Candidate(code=CODE, knobs=KNOBS)
TASK = Task.model_validate(
    {
        "id": "toy",
        "title": "Toy",
        "about": "Nothing is trained.",
        "start": "batchtopk",
        "source": {"kind": "synthetic", "world": "synthsae-1k"},
        "metric": "latent_f1",
        "contract": {
            "width": 8,
            "samples": 1000,
            "l0": {"low": 1, "high": 3},
            "target_l0": 2,
            "learning_rate": {"low": 0.0001, "high": 0.01},
            "parameters": 10_000,
            "code_lines": 12,
            "seconds": 60,
            "encode_seconds": 60,
            "memory_gib": 2,
        },
        "eval_samples": 1000,
        "budget": {"trials": 60, "hours": 1, "plateau": 4},
    }
)


def toy(knobs: str = KNOBS, code: str = CODE) -> Candidate:
    """The toy recipe with another file."""
    return Candidate(code=code, knobs=knobs)


def brief(
    trial: int = 1,
    *,
    parent: Candidate = TOY,
    score: float | None = 0.5,
    memory: Sequence[Remembered] = (),
    wide: bool = False,
) -> Brief:
    """What a proposer is told where the parent is the incumbent."""
    return Brief(
        task=TASK,
        trial=trial,
        how="improve",
        parent=parent,
        incumbent=parent,
        incumbent_score=score,
        memory=tuple(memory),
        ideas=(),
        idea=None,
        seed=1000 * trial,
        wide=wide,
    )


def remembered(
    trial: int, values: dict[str, bool | int | float | str], score: float | None
) -> Remembered:
    """A trial that was not kept; invalid without a score."""
    return Remembered(
        trial=trial,
        title=f"trial {trial}",
        reason="planted",
        outcome="rejected" if score is not None else "invalid",
        why="planted",
        diff="",
        values=values,
        score=score,
        gain=None,
    )
