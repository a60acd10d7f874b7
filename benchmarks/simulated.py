"""Measurements with a known truth, and claims that hold or do not: what calibration.py counts on.

Scores come from a probit model whose means are known exactly. A statement is classified correctly
where  z + sqrt(a) unit + sqrt(b) statement + sqrt(c) seed + sqrt(d) noise > 0,  all standard normal
and a + b + c + d = 1, so that the share of correct ones over all units and seeds is Phi(z). A unit
has two statements; its score is 0, 1/2 or 1. Quantities share part of every effect but the noise.
With one seed there is no seed effect: the truth is then that of this seed, which is all that one
seed can tell; its interval does not speak of other seeds.
"""

from collections.abc import Iterator, Sequence
from itertools import product
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from harness.expectations import Bound, Equivalence, Expectation, Ordering, TableMatch, Trend, Value
from harness.measurement import Items, Measurement, Quantity
from harness.paper import Claim, ClaimedTable, PaperSpec, Source

Design = Literal["paired", "unpaired", "stderr_only", "seeds_only"]
"""Items on the same units; on other units; standard errors without items; values alone."""

UNITS, SEEDS = (50, 200, 700), (1, 3, 5)
UNIT, STATEMENT, SEED = 0.3, 0.3, 0.01
"""Shares of the latent variance; the rest is noise. A seed moves an accuracy of .75 by ±.03."""
SHARED = 0.7
"""Correlation of the unit, statement and seed effects of two quantities on the same units."""
TARGET, TOLERANCE, LIMIT = 0.75, 0.08, 0.7
CELLS = 6


class World(NamedTuple):
    """Size and design of the experiments behind one claim."""

    design: Design
    units: int
    seeds: int


class Truth(NamedTuple):
    """True means of a claim's quantities, whether the claim then holds, and how clearly."""

    name: Literal["inside", "near", "limit", "beyond", "outside"]
    holds: bool
    means: tuple[float, ...]


def draw(
    means: Sequence[float], world: World, claims: int, rng: np.random.Generator
) -> NDArray[np.float32]:
    """Unit scores [claims, quantities, seeds, units]."""
    quantities, (_, units, seeds) = len(means), world
    own = seeds if world.design == "seeds_only" else 1
    seed_share = SEED if seeds > 1 else 0.0

    def effect(*shape: int) -> NDArray[np.float32]:
        apart = rng.standard_normal((claims, quantities, *shape), dtype=np.float32)
        if world.design == "unpaired":
            return apart
        common = rng.standard_normal((claims, 1, *shape), dtype=np.float32)
        return np.float32(SHARED**0.5) * common + np.float32((1 - SHARED) ** 0.5) * apart

    latent = ndtri(np.array(means, dtype=np.float32))[:, None, None, None] + sum(
        np.float32(share**0.5) * value
        for share, value in (
            (UNIT, effect(own, units, 1)),
            (STATEMENT, effect(own, units, 2)),
            (seed_share, effect(seeds, 1, 1)),
        )
    )
    noise = rng.standard_normal((claims, quantities, seeds, units, 2), dtype=np.float32)
    latent = latent + np.float32((1 - UNIT - STATEMENT - seed_share) ** 0.5) * noise
    return (latent > 0).mean(-1, dtype=np.float32)


def rows(scores: NDArray[np.float32], world: World) -> list[list[Measurement]]:
    """Rows of each quantity from its scores [quantities, seeds, units]."""
    return [
        [_row(world, quantity, seed, own) for seed, own in enumerate(of_quantity)]
        for quantity, of_quantity in enumerate(scores)
    ]


def _row(world: World, quantity: int, seed: int, scores: NDArray[np.float32]) -> Measurement:
    items, stderr = None, None
    if world.design in ("paired", "unpaired"):
        units = "units" if world.design == "paired" else f"units of {quantity}"
        items = Items.pack(units, scores.tolist())
    if world.design != "seeds_only":
        stderr = float(scores.std(ddof=1) / len(scores) ** 0.5)
    return Measurement(
        experiment="simulated",
        metric="accuracy_binary",
        value=float(scores.mean(dtype=np.float64)),
        stderr=stderr,
        n=len(scores),
        seed=seed,
        conditions={"q": quantity},
        items=items,
    )


def _quantity(place: int) -> Quantity:
    return Quantity(metric="accuracy_binary", where={"q": place})


def _steps(first: float, step: float, count: int) -> tuple[float, ...]:
    return tuple(first + step * i for i in range(count))


def _cells(agree: int, offset: float, other: float) -> tuple[float, ...]:
    return (TARGET + offset,) * agree + (TARGET + other,) * (CELLS - agree)


EXPECTED: dict[str, Expectation] = {
    "value": Value(
        kind="value",
        quantity=_quantity(0),
        target=TARGET,
        tolerance=TOLERANCE,
        tolerance_from="stated",
    ),
    "bound": Bound(kind="bound", quantity=_quantity(0), side="at_least", limit=LIMIT),
    "ordering": Ordering(kind="ordering", descending=tuple(map(_quantity, range(3)))),
    "trend": Trend(
        kind="trend",
        quantity=Quantity(metric="accuracy_binary"),
        along="q",
        at=(0, 1, 2, 3),
        direction="increasing",
    ),
    "table": TableMatch(
        kind="table", table="t", tolerance=TOLERANCE, tolerance_from="stated", cells=0.8
    ),
    "equivalence": Equivalence(
        kind="equivalence",
        quantity=_quantity(0),
        to=_quantity(1),
        margin=TOLERANCE,
        margin_from="stated",
    ),
}

TRUTHS: dict[str, tuple[Truth, ...]] = {
    "value": (
        Truth("inside", True, (TARGET,)),
        Truth("near", True, (TARGET + 0.05,)),
        Truth("limit", True, (TARGET + TOLERANCE,)),
        Truth("beyond", False, (TARGET + TOLERANCE + 0.001,)),
        Truth("outside", False, (0.95,)),
    ),
    "bound": (
        Truth("inside", True, (LIMIT + 0.15,)),
        Truth("near", True, (LIMIT + 0.04,)),
        Truth("limit", True, (LIMIT,)),
        Truth("beyond", False, (LIMIT - 0.001,)),
        Truth("outside", False, (LIMIT - 0.15,)),
    ),
    "ordering": (
        Truth("inside", True, (0.85, 0.75, 0.65)),
        Truth("near", True, (0.79, 0.75, 0.71)),
        Truth("limit", True, (0.751, 0.75, 0.749)),
        Truth("beyond", False, (0.85, 0.75, 0.75)),
        Truth("outside", False, (0.65, 0.75, 0.85)),
    ),
    "trend": (
        Truth("inside", True, _steps(0.6, 0.08, 4)),
        Truth("near", True, _steps(0.7, 0.03, 4)),
        Truth("limit", True, _steps(0.75, 0.001, 4)),
        Truth("beyond", False, _steps(0.75, 0, 4)),
        Truth("outside", False, _steps(0.84, -0.08, 4)),
    ),
    "table": (
        Truth("inside", True, _cells(6, 0, 0)),
        Truth("near", True, _cells(6, 0.04, 0)),
        Truth("limit", True, _cells(5, TOLERANCE, 0.2)),
        Truth("beyond", False, _cells(4, 0, TOLERANCE + 0.001)),
        Truth("outside", False, _cells(2, 0, 0.2)),
    ),
    "equivalence": (
        Truth("inside", True, (0.75, 0.75)),
        Truth("near", True, (0.79, 0.75)),
        Truth("limit", True, (0.829, 0.75)),
        Truth("beyond", False, (0.831, 0.75)),
        Truth("outside", False, (0.91, 0.75)),
    ),
}

PAPER_SOURCE = Source(section="simulated", quote="-", status="read")


def paper() -> PaperSpec:
    """One claim a kind of expectation, none with a control."""
    claims = [
        Claim(id=kind, statement=kind, source=PAPER_SOURCE, scope="general", expects=expects)
        for kind, expects in EXPECTED.items()
    ]
    table = ClaimedTable(
        id="t",
        title="-",
        source=PAPER_SOURCE,
        metric="accuracy_binary",
        rows={"only": {}},
        columns={str(place): {"q": place} for place in range(CELLS)},
        values={"only": (TARGET,) * CELLS},
    )
    return PaperSpec.model_validate(
        {
            "id": "simulated",
            "title": "-",
            "authors": ("-",),
            "year": 2025,
            "url": "https://example.org",
            "setup": {"models": ("-",), "data": "-"},
            "claims": claims,
            "tables": (table,),
        }
    )


def worlds(kind: str) -> Iterator[World]:
    """Every size and design, but unpaired for a lone quantity and one value without a spread."""
    for design, units, seeds in product(("paired", "unpaired", "seeds_only"), UNITS, SEEDS):
        alone = kind in ("value", "bound") and design == "unpaired"
        if not alone and (design != "seeds_only" or seeds > 1):
            yield World(design, units, seeds)
