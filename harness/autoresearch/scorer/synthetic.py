"""Synthetic worlds as a bench: one a tier, from the campaign's secret, with canaries.

Metrics are SAELens' (`saes/evaluation.py`), on fresh samples of the tier's world.
"""

from math import ceil
from typing import cast

import torch

from harness.autoresearch.scorer import canaries
from harness.autoresearch.scorer.bench import Draw, Encode, Means
from harness.autoresearch.scorer.drawing import Drawing
from harness.autoresearch.scorer.required import require_score
from harness.autoresearch.scorer.sent_sae import SentSae
from harness.autoresearch.scorer.steadiness import Watched
from harness.autoresearch.task import SyntheticSource, Tier
from harness.record import HarnessError
from harness.saes.architectures import AnySAE
from harness.saes.evaluation import evaluate
from harness.specs.worlds import World, resolve_world
from harness.worlds.structure import structure_of
from harness.worlds.world import SyntheticWorld, open_world

_CELLS = 1 << 22
"""Rows times features that are measured together."""


class SyntheticBench:
    """Fills `Bench`."""

    def __init__(self, means: Means, source: SyntheticSource) -> None:
        self._means = means
        self._entry: World = resolve_world(source.world)
        self._worlds: dict[Tier, SyntheticWorld] = {}
        width = means.task.contract.width
        if width > self._entry.features:
            raise HarnessError(
                f"contract.width: {width} is more than {source.world} has features, "
                f"{self._entry.features}"
            )

    @property
    def d_in(self) -> int:
        """Width of the activations."""
        return self._entry.hidden_dim

    def world(self, tier: Tier) -> SyntheticWorld:
        """A tier's world; built where it is asked for first, then kept."""
        if tier not in self._worlds:
            self._worlds[tier] = self._opened(tier)
        return self._worlds[tier]

    def _opened(self, tier: Tier) -> SyntheticWorld:
        """Which features are silent follows from the secret and stands in no file."""
        means = self._means
        entry = self._entry.model_copy(update={"seed": means.secret.world_seed(tier)})
        world = open_world(entry, means.device, folder=means.folder / tier, progress=means.progress)
        structure = structure_of(world.built.model)
        chosen = canaries.choose(
            structure, self._entry.width, self._generator(tier, 0, "canaries", "cpu")
        )
        silent = tuple(int(feature) for feature in chosen)
        return SyntheticWorld(entry, world.built, means.device, silent)

    def drawing(self, tier: Tier, seed: int) -> Draw:
        """Training activations."""
        world = self.world(tier)
        return Drawing(world, self._generator(tier, seed, "training", world.device.type))

    def candidate_seed(self, tier: Tier, seed: int) -> int:
        """Independent of what the activations are drawn from."""
        return self._means.secret.candidate_seed(tier, seed)

    def measure(
        self,
        tier: Tier,
        seed: int,
        weights: bytes,
        encode: Encode,
        again: Encode | None = None,
    ) -> dict[str, float]:
        """Metrics of `SAE_METRICS` by name."""
        world, task = self.world(tier), self._means.task
        batch = max(_CELLS // self._entry.features, 1)
        kept = self._generator(tier, seed, "rows to ask about again", "cpu")
        watched = Watched(encode, ceil(task.eval_samples / batch), kept)
        sae = SentSae(weights, watched.encode, world.device)
        silent = world.vectors[list(world.silent)]
        canaries.require_unknown(sae.tensors, silent, task.contract.width)
        metrics = evaluate(
            cast(AnySAE, sae),
            world,
            samples=task.eval_samples,
            batch=batch,
            generator=self._generator(tier, seed, "evaluation", world.device.type),
        )
        require_score(metrics, task.contract)
        watched.require_steady(again)
        return metrics

    def _generator(self, tier: Tier, seed: int, purpose: str, device: str) -> torch.Generator:
        drawn = self._means.secret.run_seed(tier, seed, purpose)
        return torch.Generator(device).manual_seed(drawn)
