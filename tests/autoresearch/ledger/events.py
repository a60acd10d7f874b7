"""A campaign told by hand, in which each outcome happens once, with scores that are easy to add."""

from harness.autoresearch.candidate import Candidate
from harness.autoresearch.ledger import event as happened
from harness.autoresearch.ledger.event import Event, Run
from harness.autoresearch.store import Store
from harness.autoresearch.task import Task, Tier

GATE = 0.4321
"""In every number and message of the gate's, so that a leak of one is seen."""
SPOKEN = "its own words"
TASK = Task.model_validate(
    {
        "id": "told",
        "title": "Told by hand",
        "about": "",
        "start": "batchtopk",
        "source": {"kind": "synthetic", "world": "synthsae-1k"},
        "metric": "latent_f1",
        "contract": {
            "width": 8,
            "samples": 100,
            "l0": {"low": 1, "high": 4},
            "target_l0": 2,
            "learning_rate": {"low": 1e-4, "high": 1e-2},
            "parameters": 1000,
            "code_lines": 100,
            "seconds": 10,
            "encode_seconds": 10,
            "memory_gib": 1,
        },
        "eval_samples": 100,
        "budget": {"trials": 10, "hours": 1, "plateau": 5},
    }
)


def recipe(rate: float) -> Candidate:
    knobs = f"learning_rate: {{value: {rate}, low: 0.0001, high: 0.01, log: true}}\n"
    return Candidate(code="def train(): ...\n\n\ndef encode(): ...\n", knobs=knobs)


def begun(store: Store) -> happened.Begun:
    return happened.Begun(
        task=TASK,
        policy="greedy",
        proposer="scripted",
        seed=0,
        secret_sha256="5" * 64,
        secret_is_known=False,
        isolation="process",
        device="cpu",
        baseline=store.put_candidate(recipe(0.001)),
        software="5" * 64,
    )


def paired(differences: tuple[float, ...]) -> happened.Test:
    return happened.Test(
        seeds=tuple(range(len(differences))),
        differences=differences,
        mean=sum(differences) / len(differences),
        low=-1.0,
        high=1.0,
        p=0.5,
        level=0.05,
    )


class Telling:
    """Events in their order; each method adds what a campaign writes for it."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.events: list[Event] = [begun(store)]
        self.trial = 0
        self.baseline = store.put_candidate(recipe(0.001))

    def scored(self, candidate: str, seed: int, value: float, tier: Tier = "dev") -> None:
        self.trained(candidate, seed, tier)
        run = Run(candidate=candidate, tier=tier, seed=seed)
        metrics = {"latent_f1": value, "mcc": value / 2}
        self.events.append(happened.Scored(trial=self.trial, run=run, metrics=metrics))

    def trained(self, candidate: str, seed: int, tier: Tier = "dev") -> None:
        run = Run(candidate=candidate, tier=tier, seed=seed)
        weights = self.store.put(repr(run).encode())
        self.events.append(happened.Ran(trial=self.trial, run=run, weights=weights, log=SPOKEN))

    def invalid(self, candidate: str, seed: int, message: str, tier: Tier = "dev") -> None:
        self.trained(candidate, seed, tier)
        run = Run(candidate=candidate, tier=tier, seed=seed)
        told = happened.Invalid(
            trial=self.trial, run=run, cause="l0", message=message, log=f"{SPOKEN} {message}"
        )
        self.events.append(told)

    def proposed(self, title: str, rate: float, loophole: str | None = None) -> str:
        self.trial += 1
        candidate = self.store.put_candidate(recipe(rate))
        told = happened.Proposed(
            trial=self.trial,
            how="improve",
            parent=self.baseline,
            candidate=candidate,
            by="scripted",
            title=title,
            reason=f"because of {title}",
            diff=knobs_diff(learning_rate=rate),
            loophole=loophole,
        )
        self.events.append(told)
        return candidate

    def refused(self, message: str) -> None:
        told = happened.Refused(trial=self.trial, why="duplicate", message=message, like=0)
        self.events.append(told)

    def materialised(self, candidate: str) -> None:
        self.events.append(happened.Materialised(trial=self.trial, candidate=candidate))

    def decided(
        self,
        candidate: str,
        why: str,
        message: str,
        dev: happened.Test | None = None,
        gate: happened.Test | None = None,
    ) -> None:
        outcomes = {"better": "kept", "simpler": "kept", "invalid": "invalid"}
        told = happened.Decided.model_validate(
            {
                "trial": self.trial,
                "outcome": outcomes.get(why, "rejected"),
                "why": why,
                "message": message,
                "candidate": candidate,
                "level": 0.005,
                "dev": dev,
                "gate": gate,
                "shrunken": GATE if gate else None,
            }
        )
        self.events.append(told)

    def sealed(self, candidate: str) -> None:
        told = happened.Checked(
            what="seal",
            task="told",
            candidate=candidate,
            baseline=self.baseline,
            test=paired((0.1, 0.2, 0.3)),
            metrics={"latent_f1": (0.6, 0.7, 0.8)},
            baseline_metrics={"latent_f1": (0.5, 0.5, 0.5)},
        )
        self.events.append(told)


def knobs_diff(**values: float | str) -> str:
    """As one makes it that sets knobs of a file whose knobs are a line each."""
    lines = [
        line
        for name, value in values.items()
        for line in (f"-{name}: {{value: 0.5, low: 0}}", f"+{name}: {{value: {value}, low: 0}}")
    ]
    return "\n".join(("--- knobs.yaml", "+++ knobs.yaml", "@@ -1,4 +1,4 @@", *lines)) + "\n"


def told_campaign(store: Store) -> Telling:
    """Trial 1 is kept, 2 fails on dev, 3 at the gate, 4 is invalid on dev, 5 at the gate; 6 is
    refused, 7 reports a loophole, 8 is kept in part."""
    told = Telling(store)
    for seed in range(3):
        told.scored(told.baseline, seed, 0.5)
    first = told.proposed("warm up", 0.002)
    told.materialised(first)
    for seed, value in enumerate((0.6, 0.7, 0.8)):
        told.scored(first, seed, value)
    _at_the_gate(told, first, told.baseline)
    told.decided(first, "better", f"up by {GATE}", paired((0.1, 0.2, 0.3)), paired((GATE,) * 3))
    _fail(told, first)
    _leave(told)
    last = told.proposed("two at once", 0.009)
    told.materialised(last)
    for seed in (1000, 1001):
        told.scored(first, seed, 0.7)
        told.scored(last, seed, 0.9)
    reduced = store.put_candidate(recipe(0.0095))
    told.scored(reduced, 1000, 0.9)
    for change, needed in (("learning_rate", True), ("k", False)):
        ablated = happened.Ablated(
            trial=told.trial, change=change, without=reduced, loss=0.0, needed=needed
        )
        told.events.append(ablated)
    told.events.append(happened.Reduced(trial=told.trial, candidate=reduced))
    _at_the_gate(told, reduced, first)
    told.decided(reduced, "better", f"up by {GATE}", paired((0.2, 0.2)), paired((GATE,) * 3))
    return told


def _at_the_gate(told: Telling, candidate: str, incumbent: str) -> None:
    for place in range(3):
        seed = told.trial * 1000 + place
        told.scored(incumbent, seed, 0.5, "gate")
        told.scored(candidate, seed, GATE, "gate")


def _fail(told: Telling, incumbent: str) -> None:
    for seed in (1000, 1001):
        told.scored(incumbent, seed, 0.7)
    worse = told.proposed("cool down", 0.003)
    told.materialised(worse)
    told.scored(worse, 1000, 0.6)
    told.decided(worse, "not_better", "-0.1 on average")
    lucky = told.proposed("lucky on dev", 0.004)
    told.materialised(lucky)
    for seed in (1000, 1001):
        told.scored(lucky, seed, 0.8)
    _at_the_gate(told, lucky, incumbent)
    told.decided(lucky, "gate", f"only {GATE}", paired((0.1, 0.1)), paired((GATE,) * 3))
    dense = told.proposed("dense", 0.005)
    told.materialised(dense)
    told.scored(dense, 1000, 0.99)
    told.invalid(dense, 1001, "9 latents, at most 4")
    told.decided(dense, "invalid", "l0: 9 latents, at most 4")
    late = told.proposed("dense at the gate", 0.006)
    told.materialised(late)
    for seed in (1000, 1001):
        told.scored(late, seed, 0.9)
    told.invalid(late, 5000, f"{GATE} latents", "gate")
    told.decided(late, "invalid", f"l0: {GATE} latents", paired((0.2, 0.2)))


def _leave(told: Telling) -> None:
    told.proposed("again", 0.001)
    told.refused("behaves as the starting recipe")
    told.proposed("a way in", 0.008, loophole="the seed is in the environment")
