"""What can happen in a campaign. The ledger holds these, one a line, and all else follows."""

from typing import Annotated, Literal

from pydantic import Field

from harness.autoresearch.task import Task, Tier
from harness.isolation import Rung
from harness.record import Record

PolicyName = Literal["optuna", "greedy", "tree", "sprints"]
Kind = Literal["draft", "improve", "debug"]
Cause = Literal[
    "crashed",
    "deadline",
    "memory",
    "no_output",
    "malformed",
    "width",
    "parameters",
    "l0",
    "batch_dependent",
    "not_deterministic",
    "not_finite",
    "canary",
    "ignores_seed",
    "infrastructure",
]
"""Why a run has no score. `canary`: it knows features that never fired; `infrastructure`: not the
candidate's fault."""
RefusedFor = Literal["duplicate", "contract", "unreadable", "trespass", "no_change"]
Outcome = Literal["kept", "rejected", "invalid", "refused", "loophole"]
StopReason = Literal["trials", "hours", "plateau", "proposer", "dollars"]


class Run(Record):
    """One training of one candidate; its name. Equal runs are one."""

    candidate: str
    """Digest."""
    tier: Tier
    seed: int
    on: str | None = None
    """The task that it was measured on where that is not the campaign's own."""


class Begun(Record):
    """The first event: everything that the campaign was set up with."""

    kind: Literal["begun"] = "begun"
    task: Task
    policy: PolicyName
    proposer: str
    seed: int
    """Of the policy and of proposers that draw."""
    secret_sha256: str
    """Of the key that tiers, worlds and seeds follow from."""
    secret_is_known: bool
    """Whether the key follows from a seed that was given, so that anyone can rebuild the worlds."""
    isolation: Rung
    device: str
    """`cpu`, `cuda`, …: where candidates train."""
    baseline: str
    """Digest of the starting recipe."""
    software: str
    """SHA-256 of the harness's code, versions of torch, SAELens and optuna."""


class Proposed(Record):
    """A proposer has spoken; trials are numbered from 1 in the order of these."""

    kind: Literal["proposed"] = "proposed"
    trial: int
    how: Kind
    parent: str
    """Digest of the candidate that it was made from."""
    candidate: str
    by: str
    title: str
    reason: str
    idea: str | None = None
    """Of the sprint."""
    diff: str
    """Unified, against the parent."""
    loophole: str | None = None
    """A way to cheat that the proposer reports instead of using it; such a trial is not run."""
    trespass: str | None = None
    """What the proposer did outside of its folder; such a trial is refused."""
    warning: str | None = None
    """What it is told: near to an earlier trial."""
    usd: float | None = None
    """What it cost; `None` where nothing is paid or no price is known."""
    tokens: int | None = None


class Refused(Record):
    """Not run: the trial's end."""

    kind: Literal["refused"] = "refused"
    trial: int
    why: RefusedFor
    message: str
    like: int | None = None
    """The trial that it duplicates; 0 is the baseline."""


class Materialised(Record):
    """The files lie in the trial's folder."""

    kind: Literal["materialised"] = "materialised"
    trial: int
    candidate: str


class Ran(Record):
    """A training ended with an artefact."""

    kind: Literal["ran"] = "ran"
    trial: int
    run: Run
    weights: str
    """SHA-256 of the safetensors file in the store."""
    log: str
    """The end of what it printed, harmless to read: data, no instruction."""


class Scored(Record):
    """The scorer has measured it."""

    kind: Literal["scored"] = "scored"
    trial: int
    run: Run
    metrics: dict[str, float]


class Invalid(Record):
    """A run without a score; never a score of 0."""

    kind: Literal["invalid"] = "invalid"
    trial: int
    run: Run
    cause: Cause
    message: str
    log: str


class Test(Record):
    """A paired comparison, candidate minus incumbent."""

    seeds: tuple[int, ...]
    differences: tuple[float, ...]
    mean: float
    low: float
    high: float
    """Two-sided 95 % interval of the mean."""
    p: float
    """One-sided, of no gain, or of a loss beyond the margin for a simpler recipe."""
    level: float
    """What p is held against."""


class Ablated(Record):
    """One of several changes was left out."""

    kind: Literal["ablated"] = "ablated"
    trial: int
    change: str
    """`learning_rate`, `recipe.py lines 40-52`."""
    without: str
    """Digest of the candidate without it."""
    loss: float | None
    """How much worse it is without, in the metric's unit; `None` where it does not run."""
    needed: bool


class Reduced(Record):
    """What was not needed is left out; this goes to the gate."""

    kind: Literal["reduced"] = "reduced"
    trial: int
    candidate: str


class Decided(Record):
    """A trial's end."""

    kind: Literal["decided"] = "decided"
    trial: int
    outcome: Literal["kept", "rejected", "invalid"]
    why: Literal["better", "simpler", "not_better", "guardrail", "gate", "invalid", "replay"]
    message: str
    candidate: str
    """That is the new incumbent, where it is kept."""
    level: float
    """Alpha that the trial had."""
    dev: Test | None = None
    gate: Test | None = None
    shrunken: float | None = None
    """Expected gain, given that large ones found among many are partly luck; of the gate's where
    there is one."""


class PlanMade(Record):
    """The planning sprint that comes once, after a plateau."""

    kind: Literal["plan_made"] = "plan_made"
    after_trial: int
    ideas: tuple[str, ...]


class Stopped(Record):
    """The campaign ended of itself."""

    kind: Literal["stopped"] = "stopped"
    why: StopReason
    message: str


class Checked(Record):
    """More fresh pairs, baseline against a candidate: `confirm`, `seal`, or on another task."""

    kind: Literal["checked"] = "checked"
    what: Literal["confirm", "seal", "transfer"]
    task: str
    candidate: str
    baseline: str
    test: Test
    metrics: dict[str, tuple[float, ...]]
    """Of the candidate by metric, a value a seed."""
    baseline_metrics: dict[str, tuple[float, ...]]


Event = Annotated[
    Begun
    | Proposed
    | Refused
    | Materialised
    | Ran
    | Scored
    | Invalid
    | Ablated
    | Reduced
    | Decided
    | PlanMade
    | Stopped
    | Checked,
    Field(discriminator="kind"),
]


class Line(Record):
    """One line of the ledger: an event, when it happened, and the hash of the line before."""

    number: int
    utc: str
    seconds: float
    """Spent on it."""
    event: Event
    previous: str
    """SHA-256 of the line before as it stands in the file; of nothing: 64 zeros."""
