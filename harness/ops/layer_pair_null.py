"""Random graphs with the degrees of a layered graph within each pair of layers.

Owns the swaps and the check that they were enough. A swap takes two edges a→b and c→d whose
sources lie in one layer and whose targets lie in one layer, and makes them a→d and c→b, unless one
of these is there already. So every node keeps its number of edges to, and from, each layer; the
graph stays layered; nothing stands twice. Refused tries count as tries: then all graphs with these
degrees are equally likely in the long run (Rao, Jana & Bandyopadhyay 1996, Sankhya A 58, on
matrices of 0 and 1 with given margins). Each draw is a chain of its own from the graph given.
"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from jaxtyping import Bool, Int
from numpy import ndarray

from harness.ops.motifs import LayeredGraph, MotifCounts, NullSample, check_layered, count_motifs
from harness.record import HarnessError

BYTES = 2**27
"""Draws go on side by side as far as their tables of edges fit into this."""
ENOUGH_SWAPS_PER_EDGE = 1.0
LARGEST_DRIFT = 0.5
"""In standard deviations of the draws."""


def layer_pair_null(
    graph: LayeredGraph, *, draws: int, swaps_per_edge: int, seed: int, keep_signs: bool
) -> NullSample:
    """Motif counts of `draws` graphs, each after `swaps_per_edge` tries per edge that can move.

    Where `keep_signs`, an edge takes its sign along with its source: each node keeps the signs
    that it sends to a layer, not those that it gets. Otherwise signs are dealt anew among the
    edges of each pair of layers.

    `mixed` holds where at least one swap was made per edge that can move, and the mean number of
    feed-forward loops moved by at most half a standard deviation over the second half of the tries.
    A graph none of whose edges can move is its own null, and mixed. With fewer than some 50 draws
    the second condition is noisy: by chance alone the drift has a spread of √(2 / draws). Where
    `mixed` is false, raise `swaps_per_edge`; 20 were enough for two published graphs.

    Raises `HarnessError` as `motif_counts` does, and for fewer than 2 draws or tries per edge.
    """
    check_layered(graph)
    for name, value in (("draws", draws), ("swaps_per_edge", swaps_per_edge)):
        if value < 2:
            raise HarnessError(f"{name}: {value} is too few: at least 2; 200 draws are usual")
    generator = np.random.default_rng(seed)
    at_once = max(1, min(draws, BYTES // max(1, len(graph.layer) ** 2)))
    batches: list[_Batch] = []
    for begun in range(0, draws, at_once):
        chains = SwapChains(graph, draws=min(at_once, draws - begun), generator=generator)
        batches.append(_run(chains, swaps_per_edge, keep_signs=keep_signs))
    return _summary(batches, edges=len(graph.source), swaps_per_edge=swaps_per_edge)


class SwapChains:
    """Chains of swaps side by side, one a draw.

    A lane is one pair of layers in one draw. Lanes share no edges, so all are advanced at once;
    those with more edges need more steps and stand first.
    """

    def __init__(self, graph: LayeredGraph, *, draws: int, generator: np.random.Generator) -> None:
        """Every chain starts at the graph, which must have been checked (`check_layered`)."""
        self.generator = generator
        self.target = np.tile(graph.target.astype(np.int64), (draws, 1))
        """Where each edge goes now, [draws, edges]; its source and weight stay."""
        self.made = 0
        """Swaps made so far, in all draws."""
        self._graph, self._draws = graph, draws
        self._pair = pair_of_edge(graph)
        movable = movable_pairs(graph, self._pair)
        # Edges of one pair stand side by side here.
        self._edge = np.concatenate([*movable, np.empty(0, dtype=np.int64)])
        self._pair_sizes = np.array([len(edges) for edges in movable], dtype=np.int64)
        starts = np.cumsum(self._pair_sizes) - self._pair_sizes
        self._size = np.repeat(self._pair_sizes, draws)
        self._start = np.repeat(starts, draws)
        self._draw = np.tile(np.arange(draws), len(movable))
        self._taken = np.zeros((draws, len(graph.layer) ** 2), dtype=bool)
        self._taken[:, self._cells(graph.target)] = True

    @property
    def movable(self) -> int:
        """Number of edges that lie in a pair of layers where some swap is possible."""
        return len(self._edge)

    def advance(self, swaps_per_edge: int) -> None:
        """Try `swaps_per_edge` swaps for each movable edge, in every draw."""
        quota = self._pair_sizes * swaps_per_edge
        for step in range(int(quota.max(initial=0))):
            # Sizes fall along the pairs, so the lanes that still have tries left stand in front.
            self._try_one_swap(int((quota > step).sum()) * self._draws)

    def graphs(self) -> Iterator[LayeredGraph]:
        """The graph of each draw as it is now, signs with their sources."""
        return (self._graph._replace(target=target) for target in self.target)

    def dealt_graphs(self) -> Iterator[LayeredGraph]:
        """As `graphs`, with weights dealt anew among the edges of each pair of layers."""
        by_pair = np.argsort(self._pair, kind="stable")
        for graph in self.graphs():
            weight = np.empty_like(graph.weight)
            shuffled = np.lexsort([self.generator.random(len(weight)), self._pair])
            weight[by_pair] = graph.weight[shuffled]
            yield graph._replace(weight=weight)

    def changed_fraction(self) -> float:
        """Fraction of edges that were not there at the start, mean over draws; 0 without edges."""
        there = np.isin(self._cells(self.target), self._cells(self._graph.target))
        return float(1 - there.mean()) if there.size else 0.0

    def _cells(self, target: Int[ndarray, "*draws edges"]) -> Int[ndarray, "*draws edges"]:
        return self._graph.source * len(self._graph.layer) + target

    def _try_one_swap(self, lanes: int) -> None:
        size, start, draw = self._size[:lanes], self._start[:lanes], self._draw[:lanes]
        uniform = self.generator.random((2, lanes))
        # An edge may be paired with itself, which is refused: were every try to succeed, an even
        # number of swaps could reach but half of all graphs.
        edges = [self._edge[start + (part * size).astype(np.int64)] for part in uniform]
        nodes, all_edges = len(self._graph.layer), self.target.shape[1]
        places = [draw * all_edges + edge for edge in edges]
        rows = [(draw * nodes + self._graph.source[edge]) * nodes for edge in edges]
        target, taken = self.target.reshape(-1), self._taken.reshape(-1)
        old = [target[place] for place in places]
        # Edges that share an end are refused here too: what they are to become is there already.
        free = np.flatnonzero(~(taken[rows[0] + old[1]] | taken[rows[1] + old[0]]))
        for own, other in ((0, 1), (1, 0)):
            taken[(rows[own] + old[own])[free]] = False
            taken[(rows[own] + old[other])[free]] = True
            target[places[own][free]] = old[other][free]
        self.made += len(free)


def pair_of_edge(graph: LayeredGraph) -> Int[ndarray, " edges"]:
    """A number for the (source layer, target layer) of each edge, from 0 without gaps."""
    _, source_layer = np.unique(graph.layer[graph.source], return_inverse=True)
    _, target_layer = np.unique(graph.layer[graph.target], return_inverse=True)
    both = source_layer * (target_layer.max(initial=0) + 1) + target_layer
    return np.unique(both, return_inverse=True)[1]


def movable_pairs(
    graph: LayeredGraph, pair: Int[ndarray, " edges"]
) -> list[Int[ndarray, " pair_edges"]]:
    """Edges of each pair of layers in which some swap is possible, the largest pair first.

    Swaps connect all graphs of the same degrees, so a pair in which none is possible at the start
    has but one graph, and none will be.
    """
    groups = [np.flatnonzero(pair == number) for number in range(pair.max(initial=-1) + 1)]
    movable = [edges for edges in groups if _can_move(graph, edges)]
    return sorted(movable, key=len, reverse=True)


def _can_move(graph: LayeredGraph, edges: Int[ndarray, " pair_edges"]) -> bool:
    """Whether two sources each have a target that the other lacks."""
    _, row = np.unique(graph.source[edges], return_inverse=True)
    _, column = np.unique(graph.target[edges], return_inverse=True)
    there: Bool[ndarray, "rows columns"] = np.zeros((row.max() + 1, column.max() + 1), dtype=bool)
    there[row, column] = True
    lacking = there.astype(np.int64) @ (~there).T.astype(np.int64)
    return bool(((lacking > 0) & (lacking.T > 0)).any())


class _Batch(NamedTuple):
    half: list[MotifCounts]
    end: list[MotifCounts]
    movable: int
    made: int
    changed_fraction: float


def _run(chains: SwapChains, swaps_per_edge: int, *, keep_signs: bool) -> _Batch:
    chains.advance(swaps_per_edge // 2)
    half = [count_motifs(graph) for graph in chains.graphs()]
    chains.advance(swaps_per_edge - swaps_per_edge // 2)
    drawn = chains.graphs() if keep_signs else chains.dealt_graphs()
    end = [count_motifs(graph) for graph in drawn]
    return _Batch(half, end, chains.movable, chains.made, chains.changed_fraction())


def _summary(batches: list[_Batch], *, edges: int, swaps_per_edge: int) -> NullSample:
    half = np.array([counts.ffl for batch in batches for counts in batch.half])
    counts = np.array([counts for batch in batches for counts in batch.end])
    movable, draws = batches[0].movable, len(counts)
    made = sum(batch.made for batch in batches) / (draws * movable) if movable else None
    drift = _drift(half, counts[:, MotifCounts._fields.index("ffl")])
    return NullSample(
        counts=counts,
        tried_per_edge=swaps_per_edge,
        acceptance=None if made is None else made / swaps_per_edge,
        made_per_edge=made,
        movable_fraction=movable / edges if edges else 0.0,
        changed_fraction=sum(one.changed_fraction * len(one.end) for one in batches) / draws,
        ffl_drift=drift,
        mixed=(made is None or made >= ENOUGH_SWAPS_PER_EDGE)
        and (drift is None or abs(drift) <= LARGEST_DRIFT),
    )


def _drift(half: Int[ndarray, " draws"], end: Int[ndarray, " draws"]) -> float | None:
    sd = float(end.std(ddof=1))
    return float(end.mean() - half.mean()) / sd if sd else None
