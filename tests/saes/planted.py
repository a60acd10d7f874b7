"""SAEs made by hand in a world without superposition, whose faults are known."""

from dataclasses import replace

import torch
from sae_lens import StandardTrainingSAE, StandardTrainingSAEConfig
from torch import Tensor

from harness.saes.diagnosis import Pairs, family_pairs
from harness.worlds.build import configuration, make_model
from harness.worlds.world import SyntheticWorld
from tests.worlds.small import entry, opened

WIDTH = 96
"""Latents: 4 roots, 16 children, 64 grandchildren and 12 of theirs."""


def trees() -> SyntheticWorld:
    """128 orthonormal features in four trees; children fire often and not always."""
    world = entry(features=128, hidden_dim=128, roots=4, most_probable=0.9)
    whole = configuration(world)
    assert whole.hierarchy is not None
    seldom = replace(whole.hierarchy, compensate_probabilities=False)
    model = make_model(replace(whole, hierarchy=seldom, orthogonalization=None))
    return opened(world, model, vectors=torch.eye(128))


def detector(world: SyntheticWorld, encoder: Tensor, decoder: Tensor) -> StandardTrainingSAE:
    """Latents [latents, d] that fire where their encoder row's product is above a trifle."""
    cfg = StandardTrainingSAEConfig(d_in=world.entry.hidden_dim, d_sae=len(encoder))
    sae = StandardTrainingSAE(cfg)
    with torch.no_grad():
        sae.W_enc.copy_(encoder.T)
        sae.W_dec.copy_(decoder)
        sae.b_dec.copy_(world.bias)
        sae.b_enc.fill_(-1e-3)
    return sae.requires_grad_(requires_grad=False)


def perfect(world: SyntheticWorld) -> StandardTrainingSAE:
    """Each latent is a true feature."""
    true = world.vectors[:WIDTH]
    return detector(world, true, true)


def absorbing(world: SyntheticWorld) -> StandardTrainingSAE:
    """Parents' latents are silent with a child, whose latent holds the parent's direction too."""
    encoder, decoder = (world.vectors[:WIDTH].clone() for _ in range(2))
    pairs = _pairs(world)
    for parent, child in zip(pairs.parents, pairs.children, strict=True):
        encoder[parent] -= 1000 * world.vectors[child]
        decoder[child] += 0.9 * world.vectors[parent]
    return detector(world, encoder, decoder)


def hedging(world: SyntheticWorld) -> StandardTrainingSAE:
    """Parents' latents hold a part of each child's direction."""
    decoder = world.vectors[:WIDTH].clone()
    pairs = _pairs(world)
    for parent, child in zip(pairs.parents, pairs.children, strict=True):
        decoder[parent] += 0.4 * world.vectors[child]
    return detector(world, world.vectors[:WIDTH], decoder)


def _pairs(world: SyntheticWorld) -> Pairs:
    return family_pairs(world, WIDTH)
