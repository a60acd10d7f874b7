from dataclasses import replace

import torch
from torch.testing import assert_close

from harness.circuits.random_set import random_set
from harness.models.language_model import LanguageModel
from harness.transcoders.sets import TranscoderSet
from tests.circuits.random_transcoders import K

SEED = 5
"""Not that of the transcoders themselves, whose directions it would draw again."""


def test_random_rows_have_the_norms_that_they_had_and_other_directions(
    transcoders: TranscoderSet,
) -> None:
    for own, random in zip(transcoders.layers, random_set(transcoders, SEED).layers, strict=True):
        for name in ("W_enc", "W_dec"):
            before, after = getattr(own, name), getattr(random, name)
            assert_close(after.norm(dim=1), before.norm(dim=1))
            cosines = torch.cosine_similarity(before, after)
            assert float(cosines.abs().mean()) < 0.3
        assert torch.equal(own.b_enc, random.b_enc) and torch.equal(own.b_dec, random.b_dec)
        assert own.activation == random.activation


def test_random_transcoders_are_active_as_often(
    lm: LanguageModel, transcoders: TranscoderSet
) -> None:
    x = torch.randn(200, lm.d_model, generator=torch.Generator().manual_seed(1)) * 3
    for own, random in zip(transcoders.layers, random_set(transcoders, SEED).layers, strict=True):
        assert own.l0(x) == random.l0(x) == K
        shared = ((own.encode(x) != 0) & (random.encode(x) != 0)).sum(-1).double().mean()
        assert float(shared) < 2, "the control: they are active on other tokens"


def test_the_seed_draws_the_directions(transcoders: TranscoderSet) -> None:
    one, again, other = (random_set(transcoders, seed) for seed in (SEED, SEED, SEED + 1))
    for a, b, c in zip(one.layers, again.layers, other.layers, strict=True):
        assert torch.equal(a.W_enc, b.W_enc) and torch.equal(a.W_dec, b.W_dec)
        assert not torch.equal(a.W_enc, c.W_enc)
    assert not torch.equal(one.layers[0].W_enc, one.layers[1].W_enc)


def test_a_random_set_says_that_it_is_one(transcoders: TranscoderSet) -> None:
    found = random_set(transcoders, SEED)
    assert found.ref == "random, random"
    assert found.manifest is None, "its quality was never measured"


def test_random_directions_are_not_those_that_training_begins_with(
    transcoders: TranscoderSet,
) -> None:
    begun = torch.Generator().manual_seed(0)
    own = transcoders.layers[0]
    first = own._replace(W_enc=torch.randn(own.W_enc.shape, generator=begun))
    turned = random_set(replace(transcoders, layers=(first,)), seed=0).layers[0]
    again = torch.randn(own.W_enc.shape, generator=torch.Generator().manual_seed(0))
    assert abs(float(torch.cosine_similarity(turned.W_enc, first.W_enc).mean())) < 0.1
    assert float(torch.cosine_similarity(again, first.W_enc).mean()) > 0.99, "the control"
