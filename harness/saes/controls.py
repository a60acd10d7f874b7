"""SAEs that were not trained: what a metric gives for nothing, and at the truth."""

import torch
from sae_lens.synthetic.initialization import init_sae_to_match_feature_dict

from harness.saes.architectures import AnySAE, Scale, make_sae
from harness.specs.sae_bench import Architecture
from harness.worlds.world import SyntheticWorld


def random_init(
    architecture: Architecture, scale: Scale, world: SyntheticWorld, *, seed: int
) -> AnySAE:
    """The SAE before its first step."""
    return make_sae(architecture, scale, seed=seed).to(world.device).requires_grad_(False)


def true_dictionary(architecture: Architecture, scale: Scale, world: SyntheticWorld) -> AnySAE:
    """Decoder rows, and encoder columns, are the most frequent true features; MCC is 1.

    What the architecture selects of their projections is its own affair: F1 shows how well a
    linear encoder at the truth would do.
    """
    sae = random_init(architecture, scale, world, seed=0)
    init_sae_to_match_feature_dict(sae, world.built.model.feature_dict.to(world.device))
    with torch.no_grad():
        sae.b_dec.copy_(world.bias)
    return sae
