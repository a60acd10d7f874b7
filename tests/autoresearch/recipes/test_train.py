"""Whole trainings in small worlds."""

from itertools import islice
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load
from torch import Tensor

from harness.autoresearch.knob import Scalar
from harness.autoresearch.recipes.recipe import encode, train
from harness.autoresearch.recipes.start import starting
from harness.autoresearch.sandbox.encoding import encoder_in_cell
from harness.autoresearch.sandbox.inside import Contract
from harness.autoresearch.sandbox.place import Place
from harness.autoresearch.sandbox.training import train_in_cell
from harness.autoresearch.task import load_task
from harness.isolation import available
from harness.saes.training import train as train_as_saelens
from harness.worlds.stream import batches
from harness.worlds.world import SyntheticWorld
from tests.autoresearch.recipes.given import knobs, stream
from tests.saes.made import recipe
from tests.worlds.small import opened

BATCH, WIDTH, L0 = 256, 64, 4.0
EVERYTHING: dict[str, Scalar] = {
    "batch": BATCH,
    "learning_rate": 0.003,
    "lr_decay": 0.3,
    "k_anneal": 0.5,
    "lista_steps": 1,
    "nested_levels": 2,
    "detach_levels": True,
    "sorted": True,
    "tilt": 0.005,
    "mean_bias": True,
    "scaled_inputs": True,
    "refine": True,
}


@pytest.fixture(scope="module")
def world() -> SyntheticWorld:
    return opened()


def drawn(world: SyntheticWorld, seed: int, samples: int) -> Tensor:
    with batches(world, BATCH, world.generator(seed, 0)) as each:
        return torch.cat([b.hidden for b in islice(each, samples // BATCH)])


def trained(x: Tensor, seed: int = 3, start: str = "batchtopk", **changes: Scalar) -> Any:
    contract = Contract(WIDTH, len(x), L0, 60.0, "cpu")
    return train(stream(x), contract, knobs(start, **{"batch": BATCH, **changes}), seed)


@pytest.mark.parametrize(
    ("start", "architecture"),
    [("batchtopk", "batchtopk"), ("matryoshka", "matryoshka_batchtopk")],
)
def test_a_start_trains_the_sae_that_saelens_trains(
    world: SyntheticWorld, start: str, architecture: str
) -> None:
    samples = 40 * BATCH
    same = recipe(architecture, width=WIDTH, l0=L0, samples=samples, batch=BATCH, seed=3)
    sae = train_as_saelens(world, same)
    sae.fold_W_dec_norm()
    found = trained(drawn(world, 3, samples), start=start)
    pairs = (("W_enc", sae.W_enc.T), ("b_enc", sae.b_enc), ("W_dec", sae.W_dec))
    for name, expected in (*pairs, ("b_dec", sae.b_dec)):
        assert isinstance(expected, Tensor)
        torch.testing.assert_close(found[name], expected, atol=1e-5, rtol=1e-5)
    other = trained(drawn(world, 3, samples), seed=4, start=start)
    assert float((found["W_dec"] - other["W_dec"]).abs().max()) > 0.1, "the control"


def test_one_seed_gives_one_state(world: SyntheticWorld) -> None:
    x = drawn(world, 0, 20 * BATCH)
    one, again = (trained(x, **EVERYTHING) for _ in range(2))
    assert all(torch.equal(one[name], again[name]) for name in one)


@pytest.mark.parametrize(
    "change", [{}, *({name: EVERYTHING[name]} for name in EVERYTHING), EVERYTHING], ids=str
)
def test_every_option_meets_the_l0_on_fresh_samples(
    world: SyntheticWorld, change: dict[str, Scalar]
) -> None:
    chosen = {"learning_rate": 0.003, "nested_levels": 1, **change}
    weights = trained(drawn(world, 0, 80 * BATCH), **chosen)
    fresh = world.draw(8000, world.generator(9))
    latents = encode(fresh, weights, knobs(**{"batch": BATCH, **chosen}))
    assert float((latents > 0).sum()) / len(fresh) == pytest.approx(L0, rel=0.1)


def axes(rows: int, seed: int = 0) -> Tensor:
    """Each of 24 axes is active in one row of eight, by itself, with 1 to 2."""
    generator = torch.Generator().manual_seed(seed)
    active = torch.rand(rows, 24, generator=generator) < 1 / 8
    return active * (1 + torch.rand(rows, 24, generator=generator))


@pytest.mark.parametrize("change", [{}, EVERYTHING], ids=["plain", "everything"])
def test_it_finds_features_that_are_there(change: dict[str, Scalar]) -> None:
    chosen = {"batch": BATCH, **change, "learning_rate": 0.01}
    cosines: list[float] = []
    for batches_taken in (1, 250):
        x = axes(batches_taken * BATCH)
        contract = Contract(24, len(x), 3.0, 60.0, "cpu")
        weights = train(stream(x), contract, knobs(**chosen), 3)
        cosines.append(float(weights["W_dec"].max(dim=0).values.median()))
    assert cosines[1] > 0.8
    assert cosines[0] < 0.5, "the control: after one batch they are not found"


def test_scaled_inputs_make_the_unit_of_activations_immaterial() -> None:
    x, found = axes(40 * BATCH), list[float]()
    for scaled in (True, False):
        chosen = knobs(batch=BATCH, scaled_inputs=scaled, mean_bias=True)
        contract = Contract(24, len(x), 3.0, 60.0, "cpu")
        small, large = (train(stream(x * unit), contract, chosen, 3) for unit in (1.0, 1024.0))
        latents = encode(x[:100], small, chosen), encode(x[:100] * 1024, large, chosen)
        found.append(float((latents[0] - latents[1] / 1024).abs().max()))
    assert found[0] < 1e-4
    assert found[1] > 0.01, "the control: without it they differ"


def test_it_runs_in_a_cell_as_it_does_here(world: SyntheticWorld, tmp_path: Path) -> None:
    x, start = drawn(world, 0, 10 * BATCH), starting("matryoshka")
    changed = {"width": WIDTH, "samples": len(x), "target_l0": L0, "l0": {"low": 3, "high": 5}}
    shipped = load_task("synthsae-1k-f1").contract
    contract = type(shipped).model_validate({**shipped.model_dump(), **changed})
    place, rows, device = Place(available()[0], tmp_path / "run", ()), stream(x), "cpu"
    found = train_in_cell(
        *(place, start, contract), seed=3, device=device, d_in=x.shape[1], draw=rows.take
    )
    here = trained(x, start="matryoshka", batch=1024)
    there = load(found.weights)
    assert there.keys() == here.keys()
    for name, tensor in here.items():
        torch.testing.assert_close(there[name], tensor)
    with encoder_in_cell(place, start, contract, weights=found.weights, device=device) as latents:
        torch.testing.assert_close(latents(x[:100]), encode(x[:100], here, knobs("matryoshka")))
