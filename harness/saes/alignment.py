"""Which latent stands for which true feature: cosines of decoder rows and features."""

from typing import NamedTuple

from jaxtyping import Float, Int
from torch import Tensor
from torch.nn.functional import adaptive_max_pool2d, normalize

from harness.saes.architectures import AnySAE
from harness.worlds.world import SyntheticWorld

MAP_CELLS = 48
"""Along each side of the map of cosines."""


class Alignment(NamedTuple):
    """An SAE's latents against the most frequent true features, as many as it has latents."""

    cosines: Float[Tensor, "latents features"]
    latent_of: Int[Tensor, " features"]
    """The latent most aligned with each feature."""

    def map(self) -> Float[Tensor, "cells cells"]:
        """Largest |cosine| of each block of latents and features.

        Features are in order of their frequency, latents in that of the feature that each is most
        aligned with.
        """
        size = self.cosines.abs()
        ordered = size[size.argmax(dim=1).argsort(stable=True)]
        return adaptive_max_pool2d(ordered[None], (MAP_CELLS, MAP_CELLS))[0]


def align(sae: AnySAE, world: SyntheticWorld) -> Alignment:
    """Match latents and features by the size of their cosine."""
    features = world.vectors[: sae.cfg.d_sae]
    cosines = normalize(sae.W_dec.detach().float(), dim=1) @ features.T
    return Alignment(cosines, cosines.abs().argmax(dim=0))
