"""An SAE's metrics on its world, as SAELens computes them.

`eval_sae_on_synthetic_data` is SAELens' own; it is handed samples of the quick sampler.
"""

from typing import cast

import torch
from jaxtyping import Float
from sae_lens.synthetic import ActivationGenerator, FeatureDictionary
from sae_lens.synthetic.evals import SyntheticDataEvalResult, eval_sae_on_synthetic_data
from torch import Tensor

from harness.saes.architectures import AnySAE
from harness.worlds.features import SparseFeatures
from harness.worlds.world import SyntheticWorld


class _Samples:
    """Stands where SAELens samples features and then turns them into activations."""

    def __init__(self, world: SyntheticWorld, generator: torch.Generator) -> None:
        self.feature_vectors = world.vectors
        self._world = world
        self._generator = generator
        self._last: SparseFeatures | None = None

    def sample(self, rows: int) -> Float[Tensor, "rows n"]:
        """Dense features, which SAELens counts."""
        self._last = self._world.sampler.sample(rows, self._generator)
        return self._last.dense(self._world.entry.features)

    def __call__(self, _features: Float[Tensor, "rows n"]) -> Float[Tensor, "rows d"]:
        """Activations of the features that were sampled last."""
        assert self._last is not None, "features are sampled before they are turned"
        return self._world.hidden(self._last)


def evaluate(
    sae: AnySAE, world: SyntheticWorld, *, samples: int, batch: int, generator: torch.Generator
) -> dict[str, float]:
    """Every metric of `SAE_METRICS` by name, over fresh samples."""
    source = _Samples(world, generator)
    result = eval_sae_on_synthetic_data(
        sae=sae,
        feature_dict=cast(FeatureDictionary, source),
        activations_generator=cast(ActivationGenerator, source),
        num_samples=samples,
        batch_size=batch,
    )
    return _by_name(result, sae.cfg.d_sae)


def _by_name(result: SyntheticDataEvalResult, latents: int) -> dict[str, float]:
    return {
        "mcc": result.mcc,
        "latent_f1": result.classification.f1_score,
        "latent_precision": result.classification.precision,
        "latent_recall": result.classification.recall,
        "feature_uniqueness": result.uniqueness,
        "sae_variance_explained": result.explained_variance,
        "sae_l0": result.sae_l0,
        "dead_latent_fraction": result.dead_latents / latents,
        "shrinkage": result.shrinkage,
    }
