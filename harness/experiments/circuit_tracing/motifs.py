"""Feed-forward loops of graphs against null graphs, and all of it with random transcoders too."""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np
import torch
from jaxtyping import Int
from torch import Tensor

from harness.circuits.attributing import Traced, trace
from harness.circuits.random_set import random_set
from harness.circuits.replacement import open_replacement
from harness.experiments.circuit_tracing.bench import Bench
from harness.experiments.scored import scored
from harness.measurement import Condition, Measurement
from harness.ops.layer_pair_null import layer_pair_null
from harness.ops.motifs import LayeredGraph, compare
from harness.specs.circuit_tracing import RANDOM_TRANSCODERS

_SWAPS = 20
"""Tried for each edge; enough for graphs of this size to mix."""
_SCORES = ("replacement_score", "completeness_score")


class Loops(NamedTuple):
    """Feed-forward loops of one graph beside its null graphs."""

    ffl_excess: float
    ffl_percentile: float
    ffl_z: float | None


def motif_rows(
    bench: Bench,
    prompts: Sequence[Int[Tensor, " seq"]],
    traced: Sequence[Traced],
    *,
    seed: int,
    conditions: Mapping[str, Condition],
) -> Iterator[Measurement]:
    """Loops of the first graphs, then scores and loops of the same prompts' random graphs."""
    if not prompts:
        return
    yield from _loop_rows(bench, traced, None, seed, conditions)
    random = open_replacement(bench.lm, random_set(bench.transcoders, seed))
    graphs: list[Traced] = []
    for tokens in prompts:
        graphs.append(trace(random, tokens, bench.pruning))
        bench.context.progress(f"random transcoders, seed {seed}", len(graphs), len(prompts))
    for metric in _SCORES:
        values = [getattr(each.scores, metric.removesuffix("_score")) for each in graphs]
        yield scored(
            bench.spec,
            metric,
            torch.tensor(values, dtype=torch.float64),
            seed=seed,
            conditions=conditions,
            control=RANDOM_TRANSCODERS,
        )
    yield from _loop_rows(bench, graphs, RANDOM_TRANSCODERS, seed, conditions)


def loops(traced: Traced, layers: int, positions: int, *, draws: int, seed: int) -> Loops | None:
    """None where the pruned graph has no feed-forward loop to be counted."""
    null = layer_pair_null(
        graph := layered(traced, layers, positions),
        draws=draws,
        swaps_per_edge=_SWAPS,
        seed=seed,
        keep_signs=True,
    )
    found = next(each for each in compare(graph, null) if each.motif == "ffl")
    if found.excess_fraction is None:
        return None
    return Loops(found.excess_fraction, found.percentile, found.z)


def layered(traced: Traced, layers: int, positions: int) -> LayeredGraph:
    """The pruned graph without its errors, which nothing leads to."""
    features, count = len(traced.features), len(traced.adjacency)
    layer = np.full(count, -1)
    layer[:features] = traced.features[:, 0]
    layer[features + (layers + 1) * positions :] = layers
    kept = traced.node_mask.copy()
    kept[features : features + layers * positions] = False
    edges = traced.edge_mask & kept[:, None] & kept[None, :] & (traced.adjacency != 0)
    target, source = np.nonzero(edges)
    place = np.cumsum(kept) - 1
    return LayeredGraph(
        layer=layer[kept],
        source=place[source],
        target=place[target],
        weight=traced.adjacency[target, source],
    )


def _loop_rows(
    bench: Bench,
    traced: Sequence[Traced],
    control: str | None,
    seed: int,
    conditions: Mapping[str, Condition],
) -> Iterator[Measurement]:
    found: list[Loops] = []
    for number, graph in enumerate(traced):
        positions = (len(graph.adjacency) - len(graph.features) - len(graph.logit_ids)) // (
            bench.lm.n_layers + 1
        )
        counted = loops(
            graph, bench.lm.n_layers, positions, draws=bench.spec.motif_draws, seed=seed
        )
        found += [] if counted is None else [counted]
        bench.context.progress(f"null graphs, seed {seed}", number + 1, len(traced))
    for metric in Loops._fields:
        values = [getattr(each, metric) for each in found if getattr(each, metric) is not None]
        if values:
            yield scored(
                bench.spec,
                metric,
                torch.tensor(values, dtype=torch.float64),
                seed=seed,
                conditions=conditions,
                control=control,
            )
