"""Worlds as SAELens models: from the hub where it can be reached, else built; kept in the cache.

Building is SAELens' own but for the dictionary, which `ops/orthogonal.py` makes from the same
start by the same steps; on a processor that is what takes SAELens half an hour at 16k features.
"""

import hashlib
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from tempfile import mkdtemp
from typing import NamedTuple

import torch
from sae_lens.synthetic import (
    FoldedNormalMagnitudeConfig,
    HierarchyConfig,
    LinearMagnitudeConfig,
    LowRankCorrelationConfig,
    OrthogonalizationConfig,
    SyntheticModel,
    SyntheticModelConfig,
    ZipfianFiringProbabilityConfig,
)
from sae_lens.synthetic.synthetic_model import SYNTHETIC_MODEL_CONFIG_FILENAME

from harness.cache_dir import cache_dir
from harness.models.availability import why_not_hub
from harness.ops.orthogonal import orthogonalize
from harness.specs.worlds import World

Progress = Callable[[str, int, int], None]


class Built(NamedTuple):
    """A world's SAELens model and where it comes from."""

    model: SyntheticModel
    origin: str
    """The hub's name for it, or `built from its configuration`."""
    sha256: str
    """Of the dictionary, the bias and the firing probabilities."""


def build_world(
    world: World,
    *,
    folder: Path | None = None,
    progress: Progress = lambda _step, _done, _total: None,
) -> Built:
    """The world's model, on the processor. What is built is kept for the next time.

    With a `folder` it is built, whatever the hub has, and kept there instead of in the cache.
    """
    repo = (world.hub or "").removeprefix("hf:")
    on_hub = folder is None and repo
    if on_hub and why_not_hub(repo, "main", config=SYNTHETIC_MODEL_CONFIG_FILENAME) is None:
        return _built(SyntheticModel.from_pretrained(repo), f"hf:{repo}")
    kept = (folder or cache_dir() / "worlds") / f"{world.id}.{world.digest[:8]}"
    if not kept.exists():
        _keep(make_model(configuration(world), progress=progress), kept)
    return _built(SyntheticModel.load_from_disk(kept), "built from its configuration")


def configuration(world: World) -> SyntheticModelConfig:
    """SynthSAEBench's settings at the world's size (`create_synth_bench_16k_model.py`)."""
    return SyntheticModelConfig(
        num_features=world.features,
        hidden_dim=world.hidden_dim,
        firing_probability=ZipfianFiringProbabilityConfig(
            exponent=0.5, max_prob=world.most_probable, min_prob=5e-4
        ),
        hierarchy=HierarchyConfig(
            total_root_nodes=world.roots,
            branching_factor=world.branching,
            max_depth=world.depth,
            mutually_exclusive_portion=1.0,
            compensate_probabilities=True,
            scale_children_by_parent=world.scale_children_by_parent,
        ),
        orthogonalization=OrthogonalizationConfig(num_steps=100, lr=3e-4),
        correlation=LowRankCorrelationConfig(rank=25, correlation_scale=0.1),
        std_firing_magnitudes=FoldedNormalMagnitudeConfig(mean=0.5, std=0.5),
        mean_firing_magnitudes=LinearMagnitudeConfig(start=5.0, end=4.0),
        bias=0.5,
        seed=world.seed,
    )


def make_model(
    config: SyntheticModelConfig, *, progress: Progress = lambda _step, _done, _total: None
) -> SyntheticModel:
    """What `SyntheticModel(config)` makes, its dictionary orthogonalised through Gram matrices."""
    model = SyntheticModel(replace(config, orthogonalization=None))
    model.cfg = config
    wanted = config.orthogonalization
    if wanted is not None:
        model.feature_dict.feature_vectors.data = orthogonalize(
            model.feature_dict.feature_vectors.data,
            steps=wanted.num_steps,
            learning_rate=wanted.lr,
            progress=lambda done, total: progress("orthogonalising features", done, total),
        )
    return model


def _keep(model: SyntheticModel, folder: Path) -> None:
    """Saved aside and renamed: a folder that exists is complete."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    aside = Path(mkdtemp(prefix=f".{folder.name}.", dir=folder.parent))
    try:
        model.save(aside)
        if not folder.exists():
            aside.rename(folder)
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def _built(model: SyntheticModel, origin: str) -> Built:
    dictionary, generator = model.feature_dict, model.activation_generator
    digest = hashlib.sha256()
    for tensor in (dictionary.feature_vectors, dictionary.bias, generator.firing_probabilities):
        digest.update(tensor.detach().cpu().contiguous().numpy().tobytes())
    return Built(model.requires_grad_(requires_grad=False), origin, digest.hexdigest())


def largest_cosines(vectors: torch.Tensor, rows: int = 1024) -> torch.Tensor:
    """Of each unit vector [n, d] the largest |cosine| with another, [n]."""
    found: list[torch.Tensor] = []
    for first in range(0, len(vectors), rows):
        cosines = (vectors[first : first + rows] @ vectors.T).abs()
        own = torch.arange(len(cosines), device=vectors.device)
        cosines[own, own + first] = 0.0
        found.append(cosines.max(dim=1).values)
    return torch.cat(found)
