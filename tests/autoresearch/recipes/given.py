"""What a recipe is given, and trainings to be looked at between two batches."""

from typing import Any

import torch
from torch import Tensor, nn

from harness.autoresearch.knob import Scalar
from harness.autoresearch.knobs import read_knobs, values
from harness.autoresearch.recipes.recipe import Run
from harness.autoresearch.recipes.sparse_layers import Layers
from harness.autoresearch.recipes.start import starting
from harness.autoresearch.sandbox.inside import Contract

D_IN, WIDTH, L0 = 12, 40, 3.0
CONTRACT = Contract(WIDTH, 4_000, L0, 60.0, "cpu")


class Rows:
    """Activations that lie ready, as a stream."""

    def __init__(self, x: Tensor) -> None:
        self._x = x
        self.d_in = x.shape[1]
        self.left = len(x)

    def take(self, rows: int) -> Tensor:
        first = len(self._x) - self.left
        taken = self._x[first : first + rows]
        self.left -= len(taken)
        return taken


def stream(x: Tensor) -> Any:
    return Rows(x)


def knobs(start: str = "batchtopk", **changes: Scalar) -> dict[str, Scalar]:
    """Those of a shipped recipe; of the changes each names a knob."""
    own = values(starting(start).knobs)
    declared = read_knobs(starting(start).knobs)
    return {
        **own,
        **{name: declared[name].set_to(value).setting for name, value in changes.items()},
    }


def drawn(*shape: int, seed: int = 2, scale: float = 1.0) -> Tensor:
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(*shape, generator=generator, dtype=torch.float64) * scale


def layers(seed: int = 0) -> Layers:
    """In double precision, with rows of unequal norms, as after some training."""
    shapes = (WIDTH, D_IN), (WIDTH,), (WIDTH, D_IN), (D_IN,)
    made = (drawn(*shape, seed=seed + i, scale=0.4) for i, shape in enumerate(shapes))
    return Layers(*map(nn.Parameter, made))


def run_of(**changes: Scalar) -> Run:
    return Run(layers(), knobs(**changes), L0)


def gradients(loss: Tensor, of: Layers) -> dict[str, Tensor]:
    """The loss' gradients by name."""
    return dict(zip(of._fields, torch.autograd.grad(loss, list(of)), strict=True))


def assert_equal(found: dict[str, Tensor], expected: dict[str, Tensor]) -> None:
    assert found.keys() == expected.keys()
    for name, gradient in expected.items():
        torch.testing.assert_close(found[name], gradient, rtol=1e-6, atol=1e-9, msg=name)
        assert float(gradient.abs().max()) > 1e-3, f"the control: {name} has a gradient"
