"""Arrays that figures are drawn from, as experiments keep them beside their rows."""

from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from harness.specs import SaeBenchSpec

if TYPE_CHECKING:
    from numpy import bool_, float32
    from numpy.typing import NDArray


class Cloud(NamedTuple):
    """The statements of one set on the first two principal components of one layer."""

    experiment: str
    set: str
    layer: int
    xy: "NDArray[float32]"
    """[statements, 2]"""
    label: "NDArray[bool_]"
    explained: "NDArray[float32]"
    """[2], fraction of the variance."""


class CosineMap(NamedTuple):
    """How the latents of one SAE lie to the true features, in blocks of both."""

    experiment: str
    architecture: str
    relative_l0: float
    values: "NDArray[float32]"
    """[blocks of latents, blocks of features], each the largest |cosine| within; the most frequent
    features first, latents in the order of the features that they are matched with."""


def read_clouds(experiment: str, path: Path) -> Iterator[Cloud]:
    """The arrays `{set}.{layer}.xy`, `.label` and `.explained` of one file."""
    with np.load(path, allow_pickle=False) as arrays:
        for name in sorted(arrays.files):
            stem, _, kind = name.rpartition(".")
            if kind == "xy":
                found, _, layer = stem.rpartition(".")
                label, explained = arrays[f"{stem}.label"], arrays[f"{stem}.explained"]
                yield Cloud(experiment, found, int(layer), arrays[name], label, explained)


def read_cosine_maps(spec: SaeBenchSpec, path: Path) -> Iterator[CosineMap]:
    """The arrays `{architecture}.{l0}.map` of one file, in the order of the spec.

    Names and L0s may hold points themselves, so that keys are made from the spec, not taken apart.
    """
    with np.load(path, allow_pickle=False) as arrays:
        for architecture, relative in product(spec.architectures, spec.relative_l0):
            key = f"{architecture.title}.{spec.target_l0(relative):g}.map"
            if key in arrays.files:
                yield CosineMap(spec.id, architecture.title, relative, arrays[key])
