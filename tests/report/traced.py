"""Made-up rows of the family `circuit_tracing`: the bridge matters, the hop does not."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from harness.measurement import Items, Measurement, Quantity
from harness.paper import PaperSpec
from harness.report.material import Material
from harness.specs import CircuitTracingSpec, ReplicationSpec
from tests.report.conftest import paper
from tests.specs.test_circuit_tracing import FACTS, NAMED

LOST = {"relation": 2.0, "hop": 0.1, "subject": 1.0, "bridge": 4.0, "output": 3.0, "answer": 2.5,
        "swap": 6.0}  # fmt: skip
"""Nats that the answer loses with attention frozen; a quarter less in the original model."""
LEFT = {("bridge", "answer"): 0.28, ("relation", "output"): 0.23, ("output", "answer"): 0.0,
        ("swap", "answer"): -0.3, ("relation", "answer"): 0.57}  # fmt: skip
"""Share of its activation that a change leaves to a supernode; all of it elsewhere."""
SCORES = {"replacement_score": 0.6, "completeness_score": 0.8, "ffl_percentile": 0.95}
PROMPTS, GRAPHS = 24, 6


def spec(task: dict[str, Any] = FACTS) -> CircuitTracingSpec:
    return CircuitTracingSpec.model_validate(
        {
            "family": "circuit_tracing",
            "id": "traced",
            "model": "capitals-4l",
            "transcoders": "capitals-topk16",
            "seeds": [0, 1],
            "task": task,
        }
    )


def rows(task: dict[str, Any] = FACTS) -> Iterator[Measurement]:
    made = spec(task)
    for seed in made.seeds:
        for quantity in made.produces():
            if quantity.metric == "answer_log_probability_lost":
                yield _scored(quantity, seed, _lost(quantity, seed), f"prompts {seed}")
            elif quantity.metric in ("supernode_activation", "mean_latent_activation"):
                yield _row(quantity, seed, _left(quantity))
            elif quantity.metric in SCORES and "prompt" in quantity.where:
                yield _row(quantity, seed, SCORES[quantity.metric])
            elif quantity.metric in SCORES:
                yield _scored(quantity, seed, _score(quantity, seed), f"graphs {seed}")
            elif quantity.metric == "effect_agreement":
                yield _row(quantity, seed, 0.93)


def _left(quantity: Quantity) -> float:
    if quantity.control is not None:
        return 0.97
    return LEFT.get((str(quantity.where["intervention"]), str(quantity.where["supernode"])), 1.0)


def _lost(quantity: Quantity, seed: int) -> np.ndarray:
    """Prompts differ by a factor that both runs share, and random latents cost next to nothing."""
    change = str(quantity.where["intervention"])
    mean = 0.0 if change == "none" else 0.15 if quantity.control else LOST[change]
    prompts = np.random.default_rng([seed, len(change)]).uniform(0.3, 1.7, PROMPTS)
    own = np.random.default_rng([seed, quantity.where["run"] == "original"]).normal(size=PROMPTS)
    run = 0.75 if quantity.where["run"] == "original" else 1.0
    return run * mean * prompts + 0.1 * own


def _score(quantity: Quantity, seed: int) -> np.ndarray:
    centre = 0.3 if quantity.control else SCORES[quantity.metric]
    return centre + np.random.default_rng(seed).uniform(-0.04, 0.04, GRAPHS)


def _scored(quantity: Quantity, seed: int, scores: np.ndarray, units: str) -> Measurement:
    packed = Items.pack(units, [float(each) for each in scores])
    row = _row(quantity, seed, float(np.mean(packed.unpack())))
    stderr = float(scores.std(ddof=1) / len(scores) ** 0.5)
    return row.model_copy(update={"items": packed, "n": len(scores), "stderr": stderr})


def _row(quantity: Quantity, seed: int, value: float) -> Measurement:
    return Measurement(
        experiment="traced",
        metric=quantity.metric,
        value=value,
        stderr=0.02,
        n=PROMPTS,
        seed=seed,
        conditions=quantity.where,
        control=quantity.control,
    )


def material(measured: list[Measurement] | None = None, task: dict[str, Any] = FACTS) -> Material:
    given: PaperSpec = paper()
    replication = ReplicationSpec(id="made", paper=given.id, experiments=(spec(task),))
    shown = list(rows(task)) if measured is None else measured
    return Material(paper=given, spec=replication, measurements=shown, verdicts=[])


def named() -> Material:
    return material(task=NAMED)
