"""How often a campaign keeps what is no gain, and what it finds, by simulation of its decisions.

    .venv/bin/python -m benchmarks.autoresearch_aa [NOISE.json] [--campaigns N] [--trials N]

Proposals that change nothing go through look and gate as in a campaign. Noise is a smoothed
bootstrap of NOISE.json, {"differences": [paired differences of changes that change nothing]}.
Without it noise has a shape chosen to be hostile: a normal with a tail of losses, both scaled by a
log-normal that differs by seed. Gains and margins are in standard deviations of a difference.

- fresh: every trial has noise of its own, as the levels presume.
- shared: all challengers of an incumbent meet the same runs of it.
- climbing: shared, and each proposal is a child of the best so far by dev mean, whose luck on the
  same seeds it inherits (correlation 0.9).
- simpler: fresh, all claim to be simpler and truly lose the margin of one standard deviation.

The control keeps what scores higher on the first pair of the same draws.
"""

import argparse
import json
from collections.abc import Iterator, Sequence
from math import sqrt
from pathlib import Path
from statistics import fmean
from typing import Literal, NamedTuple, get_args

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from harness.autoresearch.keep.alpha import gate_level, next_level
from harness.autoresearch.keep.gate import confirmed
from harness.autoresearch.keep.look import look
from harness.autoresearch.task import KeepRule
from harness.estimate import wilson

Proposer = Literal["fresh", "shared", "climbing", "simpler"]
RULE = KeepRule(margin=1.0)
INHERITED = 0.9
GAINS = (0.5, 1.0, 2.0, 4.0)
LUCK = 4.0
POWER_RUNS = 1000


class Noise(NamedTuple):
    """Differences of changes that change nothing; `None`: the stand-in."""

    measured: tuple[float, ...] | None = None

    def draw(self, rng: np.random.Generator, *shape: int) -> NDArray[np.float64]:
        """Mean 0, standard deviation 1."""
        if self.measured is None:
            scale = rng.lognormal(0, 0.4, shape)
            raw = scale * (rng.standard_normal(shape) - (rng.exponential(size=shape) - 1))
            return raw / sqrt(2 * np.exp(2 * 0.4**2))
        sample = np.asarray(self.measured)
        scaled = (sample - sample.mean()) / sample.std()
        width = 0.9 * len(sample) ** -0.2
        drawn = rng.choice(scaled, shape) + width * rng.standard_normal(shape)
        return drawn / sqrt(1 + width**2)


class Levels(NamedTuple):
    """Of one trial: on dev, and at the gate should it come there."""

    dev: float
    gate: float


class Trial(NamedTuple):
    """What became of one proposal."""

    promoted: bool
    kept: bool
    pairs: int


class Campaign(NamedTuple):
    """Counts of one campaign in which every keep is false."""

    promoted: int
    kept: int
    naive: int
    """Kept by the control."""
    pairs: int


class Challengers:
    """Differences of null proposals on the dev seeds of one incumbent after another."""

    def __init__(self, proposer: Proposer, noise: Noise, rng: np.random.Generator) -> None:
        self.proposer: Proposer = proposer
        self.noise, self.rng = noise, rng
        self.crown()

    def crown(self) -> None:
        """Begin the reign of a new incumbent, on seeds of its own."""
        self.incumbent = self.noise.draw(self.rng, RULE.looks[-1])
        self.best = self.incumbent

    def next(self) -> list[float]:
        """The next proposal's."""
        mine = self.noise.draw(self.rng, RULE.looks[-1])
        match self.proposer:
            case "fresh":
                return mine.tolist()
            case "simpler":
                return (mine - RULE.margin).tolist()
            case "shared":
                return ((mine - self.incumbent) / sqrt(2)).tolist()
            case "climbing":
                mine = INHERITED * self.best + sqrt(1 - INHERITED**2) * mine
                self.best = max(self.best, mine, key=lambda scores: float(scores.mean()))
                return ((mine - self.incumbent) / sqrt(2)).tolist()


def decide(
    dev: Sequence[float], gate: Sequence[float], levels: Levels, *, simpler: bool = False
) -> Trial:
    """One proposal through look after look and the gate, in the machine's order."""
    pairs = 1
    while True:
        stands = look(RULE, range(pairs), dev[:pairs], level=levels.dev, simpler=simpler)
        if stands.verdict != "more":
            break
        pairs = stands.pairs
    if stands.verdict == "give_up":
        return Trial(promoted=False, kept=False, pairs=pairs)
    by_way_of = stands.verdict == "simpler"
    kept, _ = confirmed(RULE, range(len(gate)), gate, level=levels.gate, simpler=by_way_of)
    return Trial(promoted=True, kept=kept, pairs=pairs)


def null_campaign(
    proposer: Proposer, noise: Noise, rng: np.random.Generator, *, trials: int
) -> Campaign:
    """A campaign without a single gain."""
    challengers, naive, done = Challengers(proposer, noise, rng), 0, list[Trial]()
    for _ in range(trials):
        dev = challengers.next()
        loss = RULE.margin if proposer == "simpler" else 0.0
        gate = (noise.draw(rng, RULE.gate_seeds) - loss).tolist()
        levels = Levels(
            next_level(RULE, trials, [trial.kept for trial in done]),
            gate_level(RULE, [trial.kept for trial in done if trial.promoted]),
        )
        done.append(decide(dev, gate, levels, simpler=proposer == "simpler"))
        naive += dev[0] > 0
        if done[-1].kept:
            challengers.crown()
    promoted = sum(trial.promoted for trial in done)
    kept, pairs = sum(trial.kept for trial in done), sum(trial.pairs for trial in done)
    return Campaign(promoted, kept, naive, pairs)


class Errors(NamedTuple):
    """Of many null campaigns of one kind of proposer."""

    proposer: Proposer
    campaigns: int
    with_false_keep: int
    low: float
    high: float
    """95 % interval (Wilson) of the share with a false keep."""
    with_false_promotion: int
    """Campaigns in which dev alone let something pass."""
    promotions: int
    pairs_a_trial: float
    naive_keeps_a_campaign: float


def errors(proposer: Proposer, noise: Noise, *, campaigns: int, trials: int, seed: int) -> Errors:
    """Simulate null campaigns."""
    rng = np.random.default_rng([seed, *proposer.encode()])
    run = [null_campaign(proposer, noise, rng, trials=trials) for _ in range(campaigns)]
    wrong = sum(each.kept > 0 for each in run)
    share = wrong / campaigns
    low, high = wilson(share, share * (1 - share) / campaigns, campaigns, 1.96)
    return Errors(
        proposer,
        campaigns,
        wrong,
        low,
        high,
        sum(each.promoted > 0 for each in run),
        sum(each.promoted for each in run),
        fmean(each.pairs for each in run) / trials,
        fmean(each.naive for each in run),
    )


class Found(NamedTuple):
    """Shares of one kind of planted proposal, each the first trial of a campaign."""

    what: str
    promoted: float
    kept: float
    pairs: float


def planted(noise: Noise, *, trials: int, seed: int) -> Iterator[Found]:
    """True gains, and luck: a gain of 0 whose first or all dev seeds fell out high."""
    first, last = RULE.looks[0], RULE.looks[-1]
    for gain in GAINS:
        yield _plant(f"gain of {gain:g} sd", noise, [gain] * last, gain, trials=trials, seed=seed)
    for lucky in (first, last):
        luck = [LUCK] * lucky + [0.0] * (last - lucky)
        what = f"no gain, {LUCK:g} sd of luck on {lucky} of {last} dev seeds"
        yield _plant(what, noise, luck, 0.0, trials=trials, seed=seed)


def _plant(
    what: str, noise: Noise, on_dev: Sequence[float], gain: float, *, trials: int, seed: int
) -> Found:
    rng = np.random.default_rng([seed, *what.encode()])
    dev = noise.draw(rng, POWER_RUNS, RULE.looks[-1]) + np.asarray(on_dev)
    gate = noise.draw(rng, POWER_RUNS, RULE.gate_seeds) + gain
    levels = Levels(next_level(RULE, trials, []), gate_level(RULE, []))
    pairs = zip(dev.tolist(), gate.tolist(), strict=True)
    run = [decide(on, fresh, levels) for on, fresh in pairs]
    return Found(
        what,
        fmean(each.promoted for each in run),
        fmean(each.kept for each in run),
        fmean(each.pairs for each in run),
    )


def _show_errors(found: Sequence[Errors], console: Console, trials: int) -> None:
    table = Table(title=f"Campaigns of {trials} proposals without a gain")
    for column in (
        *("proposals", "campaigns", "a false keep", "95 %, %", "a false promotion"),
        *("promotions", "pairs a trial", "false keeps a campaign, one seed"),
    ):
        table.add_column(column, justify="left" if column == "proposals" else "right")
    for each in found:
        table.add_row(
            each.proposer,
            str(each.campaigns),
            str(each.with_false_keep),
            f"{100 * each.low:.1f} to {100 * each.high:.1f}",
            str(each.with_false_promotion),
            str(each.promotions),
            f"{each.pairs_a_trial:.2f}",
            f"{each.naive_keeps_a_campaign:.1f}",
        )
    console.print(table)


def _show_planted(found: Sequence[Found], console: Console) -> None:
    table = Table(title=f"Planted proposals, {POWER_RUNS:,} each")
    for column in ("truth", "promoted, %", "kept, %", "pairs"):
        table.add_column(column, justify="left" if column == "truth" else "right")
    for each in found:
        shares = (f"{100 * each.promoted:.1f}", f"{100 * each.kept:.1f}")
        table.add_row(each.what, *shares, f"{each.pairs:.1f}")
    console.print(table)


def read_noise(path: Path | None) -> Noise:
    """Measured differences, ten or more that vary, or the stand-in."""
    if path is None:
        return Noise()
    differences = tuple(map(float, json.loads(path.read_text())["differences"]))
    if len(differences) < 10 or np.ptp(differences) == 0:
        raise SystemExit(f"{path}: differences: ten or more that vary, not {len(differences)}")
    return Noise(differences)


def main() -> None:
    """Simulate and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("noise", type=Path, nargs="?", help="JSON with measured differences")
    parser.add_argument("--campaigns", type=int, default=200)
    parser.add_argument("--trials", type=int, default=120)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    noise, sizes = read_noise(asked.noise), {"trials": asked.trials, "seed": asked.seed}
    wrong = [
        errors(proposer, noise, campaigns=asked.campaigns, **sizes)
        for proposer in get_args(Proposer)
    ]
    found = list(planted(noise, **sizes))
    if asked.json:
        tables = {"errors": wrong, "planted": found}
        plain = {name: [row._asdict() for row in rows] for name, rows in tables.items()}
        print(json.dumps({"noise": str(asked.noise or "stand-in"), **sizes, **plain}, indent=1))
        return
    console = Console(width=140)
    _show_errors(wrong, console, asked.trials)
    _show_planted(found, console)


if __name__ == "__main__":
    main()
