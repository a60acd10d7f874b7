"""Activations of a language model as a bench: documents of its own for each tier, no truth.

Each tier is read once and kept: activations to train on, and of other documents to measure on.
"""

from math import ceil, sqrt
from typing import NamedTuple

import torch
from jaxtyping import Float
from sae_lens.evals import ExplainedVarianceCalculator
from sae_lens.synthetic.evals import DeadLatentsCalculator, L0Calculator
from safetensors import SafetensorError
from safetensors.torch import load_file, save
from torch import Tensor

from harness.autoresearch.scorer.bench import Draw, Encode, Means
from harness.autoresearch.scorer.documents import documents
from harness.autoresearch.scorer.epochs import Epochs
from harness.autoresearch.scorer.required import require_score
from harness.autoresearch.scorer.residual import residual
from harness.autoresearch.scorer.sent_sae import SentSae
from harness.autoresearch.scorer.steadiness import Watched
from harness.autoresearch.task import ActivationSource, Tier
from harness.models.hookpoints import Hookpoint, site_of
from harness.models.language_model import LanguageModel, load_model
from harness.record import HarnessError, write_bytes

_BATCH = 4096


class Cached(NamedTuple):
    """A tier's activations, float16, scaled so that those to train on have mean norm sqrt(d)."""

    train: Float[Tensor, "tokens d"]
    held: Float[Tensor, "eval d"]


class ActivationBench:
    """Fills `Bench`."""

    def __init__(self, means: Means, source: ActivationSource) -> None:
        self._means, self._source = means, source
        self._tiers: dict[Tier, Cached] = {}
        self._width: int | None = None

    @property
    def d_in(self) -> int:
        """Width of the activations. The model is asked where no tier has been read yet."""
        if self._width is None:
            self._width = self._model().d_model
        return self._width

    def cached(self, tier: Tier) -> Cached:
        """A tier's activations; read where they are asked for first, which takes minutes."""
        if tier not in self._tiers:
            path = self._means.folder / f"{tier}.safetensors"
            if not path.exists():
                write_bytes(path, save(self._read(tier)._asdict()))
            try:
                self._tiers[tier] = Cached(**load_file(path))
            except (SafetensorError, TypeError) as error:
                raise HarnessError(f"{path}: cannot be read: {error}; delete it") from error
            self._width = self._tiers[tier].train.shape[1]
        return self._tiers[tier]

    def _read(self, tier: Tier) -> Cached:
        """Documents to measure on come first; what is left of the last one is in neither part."""
        lm, source, told = self._model(), self._source, self._means.progress
        texts = documents(self._means.secret, tier)
        held, used = residual(lm, texts, source.layer, self._means.task.eval_samples, told)
        train, _ = residual(lm, texts[used:], source.layer, source.tokens, told)
        factor = sqrt(lm.d_model) / float(train.norm(dim=1).mean())
        found = Cached(*((part * factor).half() for part in (train, held)))
        if not all(bool(part.isfinite().all()) for part in found):
            raise HarnessError(f"{source.model}: activations do not fit into float16")
        return found

    def _model(self) -> LanguageModel:
        lm = load_model(self._source.model, device=self._means.device.type)
        site_of(lm.family, Hookpoint("resid_pre", self._source.layer), lm.n_layers)
        return lm

    def drawing(self, tier: Tier, seed: int) -> Draw:
        """Training activations: all of the tier's in one order, then in another."""
        drawn = self._means.secret.run_seed(tier, seed, "training")
        return Epochs(self.cached(tier).train, torch.Generator().manual_seed(drawn))

    def candidate_seed(self, tier: Tier, seed: int) -> int:
        """Independent of the order of the activations."""
        return self._means.secret.candidate_seed(tier, seed)

    def measure(
        self,
        tier: Tier,
        seed: int,
        weights: bytes,
        encode: Encode,
        again: Encode | None = None,
    ) -> dict[str, float]:
        """Variance explained, L0 and dead latents, as SAELens computes them, over all that is held.

        The seed changes nothing but which rows are asked about again.
        """
        held, drawn = self.cached(tier).held, self._means.secret.run_seed(tier, seed, "again")
        calls = ceil(len(held) / _BATCH)
        watched = Watched(encode, calls, torch.Generator().manual_seed(drawn))
        metrics = _metrics(SentSae(weights, watched.encode, self._means.device), held)
        require_score(metrics, self._means.task.contract)
        watched.require_steady(again)
        return metrics


@torch.no_grad()
def _metrics(sae: SentSae, held: Float[Tensor, "eval d"]) -> dict[str, float]:
    explained, l0 = ExplainedVarianceCalculator(), L0Calculator()
    dead = DeadLatentsCalculator(sae.cfg.d_sae)
    for part in held.split(_BATCH):
        x = part.float().to(sae.W_dec.device)
        latents = sae.encode(x)
        explained.add_batch(sae.decode(latents), x)
        l0.add_batch(latents)
        dead.add_batch(latents)
    return {
        "sae_variance_explained": explained.compute(),
        "sae_l0": l0.compute(),
        "dead_latent_fraction": dead.compute() / sae.cfg.d_sae,
    }
