"""Arrays and graphs that figures are drawn from, as experiments keep them beside their rows."""

from collections.abc import Iterator
from itertools import count, product, takewhile
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from harness.graphs.attribution_graph import AttributionGraph, read_graph
from harness.graphs.graph_table import GraphEntry, GraphTable
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


class TracedGraphs(NamedTuple):
    """What an experiment kept of its attribution graphs."""

    experiment: str
    files: tuple[str, ...]
    """Paths of whole graphs, relative to the report."""
    graph: AttributionGraph | None
    """The first of them."""
    entries: tuple[GraphEntry, ...]
    """All graphs of the first seed in numbers."""


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


def read_traced(experiment: str, root: Path, begin: Path) -> TracedGraphs | None:
    """The files `{begin}.0.graph.json` and so on, and `{begin}.graphs.json`, of the folder `root`.

    None where there is neither. Raises `HarnessError` for a file that is not what it is named.
    """
    files = list(takewhile(Path.exists, (_beside(begin, f"{n}.graph.json") for n in count())))
    table = _beside(begin, "graphs.json")
    if not files and not table.exists():
        return None
    return TracedGraphs(
        experiment,
        tuple(path.relative_to(root).as_posix() for path in files),
        read_graph(files[0]) if files else None,
        _entries(table) if table.exists() else (),
    )


def _beside(begin: Path, suffix: str) -> Path:
    return begin.with_name(f"{begin.name}.{suffix}")


def _entries(path: Path) -> tuple[GraphEntry, ...]:
    return GraphTable.load(path).graphs
