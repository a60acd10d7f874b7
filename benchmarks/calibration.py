"""How often `judge` is wrong, and how often its 95 % intervals hold the truth, by simulation.

    python benchmarks/calibration.py [--quick] [--json FILE]

At least 2,000 claims of each kind of expectation are judged, most of them where the truth lies on
the limit or just beyond. The model is in simulated.py.
"""

import argparse
import json
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import product
from pathlib import Path
from typing import NamedTuple, get_args

import numpy as np
from rich.console import Console
from rich.table import Table
from simulated import EXPECTED, SEEDS, TRUTHS, UNITS, Design, World, draw, paper, rows, worlds

from harness.estimate import Term, contrast, wilson
from harness.examine import Outcome
from harness.verdict import judge

OUTCOMES = get_args(Outcome)[:4]
FALSE = (
    ("false replicated", ("replicated",), False),
    ("false refutation", ("not_replicated", "partial"), True),
)
CHUNK = 100


class Judged(NamedTuple):
    """How many claims of one kind, truth and world got one outcome."""

    kind: str
    truth: str
    holds: bool
    world: World
    outcome: str
    count: int


def verdicts(kind: str, *, clear: int, edge: int, seed: int) -> Iterator[Judged]:
    """Outcomes for every world: `edge` claims for truths at the limit, `clear` for the others."""
    rng, spec = np.random.default_rng([seed, *kind.encode()]), paper()
    claim = next(claim for claim in spec.claims if claim.id == kind)
    for world, truth in product(worlds(kind), TRUTHS[kind]):
        count = edge if truth.name in ("limit", "beyond") else clear
        outcomes = Counter[str]()
        for scores in draw(truth.means, world, count, rng):
            measured = [row for of_quantity in rows(scores, world) for row in of_quantity]
            outcomes[judge(spec, claim, measured, exact_set_up=False).outcome] += 1
        for outcome, found in outcomes.items():
            yield Judged(kind, truth.name, truth.holds, world, outcome, found)


class Coverage(NamedTuple):
    """How many of `count` intervals hold the truth."""

    quantity: str
    world: World
    held: int
    count: int


PROPORTIONS = ((0.55,), (0.75,), (0.95,))
DIFFERENCES = ((0.8, 0.7), (0.95, 0.88), (0.75, 0.75))
COVERED: dict[str, tuple[tuple[Design, ...], tuple[tuple[float, ...], ...]]] = {
    "proportion": (("paired", "stderr_only", "seeds_only"), PROPORTIONS),
    "difference": (("paired", "unpaired"), DIFFERENCES),
}


def coverage(*, count: int, seed: int) -> Iterator[Coverage]:
    """Intervals for one proportion and for a difference of two, `count` a world."""
    rng = np.random.default_rng(seed)
    for quantity, (designs, truths) in COVERED.items():
        for world in map(World._make, product(designs, UNITS, SEEDS)):
            if world.design == "seeds_only" and world.seeds == 1:
                continue
            each = -(-count // len(truths))
            held = sum(_held(means, world, each, rng) for means in truths)
            yield Coverage(quantity, world, held, each * len(truths))


def _held(means: tuple[float, ...], world: World, count: int, rng: np.random.Generator) -> int:
    weights = (1.0, -1.0)[: len(means)]
    truth = sum(weight * mean for weight, mean in zip(weights, means, strict=True))
    held = 0
    for done in range(0, count, CHUNK):
        for scores in draw(means, world, min(CHUNK, count - done), rng):
            terms = [Term(*pair) for pair in zip(weights, rows(scores, world), strict=True)]
            got = contrast(terms)
            assert got is not None and got.low is not None and got.high is not None
            held += got.low <= truth <= got.high
    return held


def _percent(share: float) -> str:
    return f"{100 * share:.1f}"


def _show_outcomes(judged: Sequence[Judged], console: Console) -> None:
    table = Table(title="Outcomes, % of claims, all sizes and designs together")
    for column in ("kind", "truth", "holds", "claims", *OUTCOMES):
        table.add_column(column, justify="left" if column in ("kind", "truth") else "right")
    for kind, truths in TRUTHS.items():
        for truth in truths:
            mine = [each for each in judged if (each.kind, each.truth) == (kind, truth.name)]
            total = sum(each.count for each in mine)
            shares = [sum(e.count for e in mine if e.outcome == name) / total for name in OUTCOMES]
            holds = "yes" if truth.holds else "no"
            table.add_row(kind, truth.name, holds, str(total), *map(_percent, shares))
        table.add_section()
    console.print(table)


class Errors(NamedTuple):
    """False outcomes of one kind in one direction: overall, and in the worst world at the limit."""

    kind: str
    error: str
    wrong: int
    claims: int
    worst_world: World
    worst_wrong: int
    worst_claims: int

    @property
    def within_target(self) -> bool:
        """At most 5 % overall, and no world whose rate is surely (95 %) above."""
        share = self.worst_wrong / self.worst_claims
        low, _ = wilson(share, share * (1 - share) / self.worst_claims, self.worst_claims, 1.96)
        return self.wrong <= 0.05 * self.claims and low <= 0.05


def errors(judged: Sequence[Judged]) -> Iterator[Errors]:
    """For each kind: "replicated" where the claim does not hold, and refuted where it does."""
    for kind, (error, wrong, holds) in product(EXPECTED, FALSE):
        mine = [each for each in judged if each.kind == kind and each.holds == holds]
        total, false = Counter[World](), Counter[World]()
        for each in mine:
            if each.truth in ("limit", "beyond"):
                total[each.world] += each.count
                false[each.world] += each.count * (each.outcome in wrong)
        worst = max(total, key=lambda world: false[world] / total[world])
        yield Errors(
            kind,
            error,
            sum(each.count for each in mine if each.outcome in wrong),
            sum(each.count for each in mine),
            worst,
            false[worst],
            total[worst],
        )


def _show_errors(found: Sequence[Errors], console: Console) -> None:
    table = Table(
        title="False outcomes, target at most 5 %; MISSED where a world is surely above it"
    )
    for column in ("kind", "error", "%", "worst world at the limit", "% there", "claims there", ""):
        table.add_column(column)
    for each in found:
        table.add_row(
            each.kind,
            each.error,
            _percent(each.wrong / each.claims),
            _name(each.worst_world),
            _percent(each.worst_wrong / each.worst_claims),
            str(each.worst_claims),
            "ok" if each.within_target else "MISSED",
        )
    console.print(table)


def _name(world: World) -> str:
    return f"{world.design}, n={world.units}, seeds={world.seeds}"


def _show_coverage(found: Sequence[Coverage], console: Console) -> None:
    table = Table(title="Coverage of 95 % intervals, %, target 93 to 97; * marks what is outside")
    table.add_column("quantity")
    for units, seeds in product(UNITS, SEEDS):
        table.add_column(f"n={units}\nS={seeds}", justify="right")
    for quantity, (designs, _) in COVERED.items():
        for design in designs:
            at = {
                (each.world.units, each.world.seeds): each.held / each.count
                for each in found
                if (each.quantity, each.world.design) == (quantity, design)
            }
            shares = [at.get(size) for size in product(UNITS, SEEDS)]
            table.add_row(f"{quantity}, {design}", *map(_covered, shares))
    console.print(table)


def _covered(share: float | None) -> str:
    if share is None:
        return "-"
    return _percent(share) + ("" if 0.93 <= share <= 0.97 else "*")


def _show_power(judged: Sequence[Judged], console: Console) -> None:
    table = Table(
        title='Power: % "replicated" where the claim holds clearly, paired, by n and seeds'
    )
    table.add_column("kind")
    table.add_column("true means")
    for units, seeds in product(UNITS, SEEDS):
        table.add_column(f"n={units}\nS={seeds}", justify="right")
    shown = [(kind, truth) for kind, truths in TRUTHS.items() for truth in truths[:2]]
    for kind, truth in shown:
        cells: list[str] = []
        for units, seeds in product(UNITS, SEEDS):
            at = (kind, truth.name, World("paired", units, seeds))
            mine = [each for each in judged if (each.kind, each.truth, each.world) == at]
            hits = sum(each.count for each in mine if each.outcome == "replicated")
            cells.append(_percent(hits / sum(each.count for each in mine)))
        table.add_row(kind, ", ".join(f"{mean:.2f}" for mean in truth.means), *cells)
    console.print(table)


def main() -> None:
    """Simulate, print the tables, and write the counts if asked."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--quick", action="store_true", help="a few hundred claims a kind")
    parser.add_argument("--json", type=Path, help="write all counts to this file")
    asked = parser.parse_args()
    clear, edge, intervals = (4, 8, 200) if asked.quick else (30, 150, 2400)
    judged = [each for kind in EXPECTED for each in verdicts(kind, clear=clear, edge=edge, seed=0)]
    covered = list(coverage(count=intervals, seed=1))
    wrong, console = list(errors(judged)), Console(width=140)
    _show_outcomes(judged, console)
    _show_errors(wrong, console)
    _show_coverage(covered, console)
    _show_power(judged, console)
    if asked.json:
        asked.json.write_text(json.dumps(_plain(judged, wrong, covered), indent=1) + "\n")


def _plain(*tables: Sequence[Judged] | Sequence[Errors] | Sequence[Coverage]) -> dict[str, object]:
    return {
        name: [{**row._asdict(), **_flat(row)} for row in table]
        for name, table in zip(("outcomes", "errors", "coverage"), tables, strict=True)
    }


def _flat(row: Judged | Errors | Coverage) -> dict[str, object]:
    return {key: value._asdict() for key, value in row._asdict().items() if type(value) is World}


if __name__ == "__main__":
    main()
