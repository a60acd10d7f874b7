"""Transcoders with random weights, in memory, for a language model of any size."""

import torch

from harness.models.language_model import LanguageModel
from harness.transcoders.files import Config
from harness.transcoders.sets import TranscoderSet
from harness.transcoders.transcoder import JumpReLU, TopK, Transcoder

LATENTS, K = 64, 6


def random_layers(
    lm: LanguageModel, *, seed: int = 0, skip: bool = False
) -> tuple[Transcoder, ...]:
    """TopK transcoders that write about as much as the tiny model's MLPs do."""
    source = torch.Generator().manual_seed(seed)

    def normal(*shape: int, std: float) -> torch.Tensor:
        return torch.randn(*shape, generator=source) * std

    d = lm.d_model
    return tuple(
        Transcoder(
            W_enc=normal(LATENTS, d, std=0.3),
            b_enc=normal(LATENTS, std=0.1),
            W_dec=normal(LATENTS, d, std=0.02),
            b_dec=normal(d, std=0.01),
            activation=TopK(K),
            W_skip=normal(d, d, std=0.02) if skip else None,
        )
        for _ in range(lm.n_layers)
    )


def random_transcoders(lm: LanguageModel, *, seed: int = 0, skip: bool = False) -> TranscoderSet:
    return as_set(random_layers(lm, seed=seed, skip=skip))


def jumping(transcoders: TranscoderSet, threshold: float) -> TranscoderSet:
    """The same weights, active above a threshold instead."""
    return as_set(
        tuple(
            each._replace(activation=JumpReLU(torch.full((LATENTS,), threshold)))
            for each in transcoders.layers
        )
    )


def as_set(layers: tuple[Transcoder, ...]) -> TranscoderSet:
    config = Config(model_name="tiny", scan="tiny")
    return TranscoderSet("random", config, layers, sha256="0" * 64, manifest=None)
