"""The sparse layers against dense ones and autograd, in double precision."""

import subprocess
import sys
from pathlib import Path

import pytest
import torch
from torch import Tensor

from harness.autoresearch.recipes import sparse_layers
from harness.autoresearch.recipes.sparse_layers import Layers
from harness.saes.selection import BatchTopK
from tests.autoresearch.recipes.given import L0, WIDTH, assert_equal, drawn, gradients, layers

ROWS = 50
WIDTHS = {"one level": (WIDTH,), "three levels": (5, 20, WIDTH)}
every_width = pytest.mark.parametrize("widths", WIDTHS.values(), ids=WIDTHS)


def dense_latents(x: Tensor, of: Layers) -> Tensor:
    """The L0 times rows largest products of value and decoder norm."""
    pre = (x - of.decoder_bias) @ of.encoder.T + of.encoder_bias
    added = (pre * of.decoder.norm(dim=1)).detach()
    least = added.flatten().topk(int(L0 * len(x))).values.min()
    return pre * (added >= least)


def dense_levels(
    latents: Tensor, of: Layers, widths: tuple[int, ...], *, detached: bool = False
) -> Tensor:
    total, first, found = of.decoder_bias, 0, list[Tensor]()
    for end in widths:
        before = total.detach() if detached and first else total
        total = before + latents[:, first:end] @ of.decoder[first:end]
        found.append(total.expand(len(latents), -1))
        first = end
    return torch.stack(found, dim=1)


@every_width
@pytest.mark.parametrize("detached", [False, True])
def test_values_and_gradients_equal_dense_autograd(widths: tuple[int, ...], detached: bool) -> None:
    of, x, weights = layers(), drawn(ROWS, 12, scale=3), drawn(ROWS, len(widths), 12, seed=9)
    latents = sparse_layers.encode(x, of, BatchTopK(L0), widths)
    found = sparse_layers.decode(latents, of, detached=detached)
    expected = dense_levels(dense_latents(x, of), of, widths, detached=detached)
    torch.testing.assert_close(found, expected)
    losses = [(each.sin() * weights).sum() for each in (found, expected)]
    assert_equal(*(gradients(loss, of) for loss in losses))


def test_detaching_changes_what_inner_latents_learn() -> None:
    of, x, found = layers(), drawn(ROWS, 12, scale=3), list[dict[str, Tensor]]()
    for detached in (False, True):
        latents = sparse_layers.encode(x, of, BatchTopK(L0), (5, 20, WIDTH))
        decoded = sparse_layers.decode(latents, of, detached=detached)
        found.append(gradients((decoded - x[:, None]).square().sum(), of))
    joint, own = found
    apart = (joint["decoder"] - own["decoder"]).abs().amax(dim=1)
    assert float(apart[:20].max()) > 1e-3
    assert float(apart[20:].max()) == 0.0, "the last level has no level around it"


def test_activations_get_their_gradient_too() -> None:
    of, x = layers(), drawn(ROWS, 12, scale=3).requires_grad_()
    found = sparse_layers.decode(sparse_layers.encode(x, of, BatchTopK(L0), (WIDTH,)), of)[:, 0]
    expected = dense_latents(x, of) @ of.decoder + of.decoder_bias
    mine, theirs = (torch.autograd.grad(each.sin().sum(), x)[0] for each in (found, expected))
    torch.testing.assert_close(mine, theirs)
    assert float(theirs.abs().max()) > 1e-3


def test_a_search_in_bfloat16_finds_what_float32_finds(monkeypatch: pytest.MonkeyPatch) -> None:
    of = Layers(*(each.detach().float() for each in layers()))
    x = drawn(2000, 12, scale=3).float()
    found: list[Tensor] = []
    for coarse in (False, True):
        monkeypatch.setattr(sparse_layers, "_multiplies_bfloat16", lambda _, coarse=coarse: coarse)
        pick = BatchTopK(L0)
        for _batch in range(2):
            latents = sparse_layers.encode(x, of, pick, (WIDTH,))
        found.append(latents.active.code.rows * WIDTH + latents.active.code.latents)
    assert torch.equal(found[0], found[1])
    assert len(found[0]) == int(L0 * len(x))


FORGETTING = """
import gc, weakref
from harness.autoresearch.recipes import sparse_layers
from harness.saes.selection import BatchTopK
from tests.autoresearch.recipes.given import L0, WIDTH, drawn, layers

of, x = layers(), drawn(50, 12, scale=3)
gc.collect()
gc.disable()
latents = sparse_layers.encode(x, of, BatchTopK(L0), (WIDTH,))
sparse_layers.decode(latents, of).sum().backward()
alive = weakref.ref(latents.active)
assert alive() is not None
del latents
assert alive() is None, "a circle of references keeps it"
"""


def test_a_batch_is_forgotten_with_its_loss() -> None:
    """In a process of its own: the checks of shapes that tests run under keep arguments alive."""
    checkout = Path(__file__).parents[3]
    subprocess.run([sys.executable, "-c", FORGETTING], cwd=checkout, check=True)
