"""Three-node motifs of a layered graph: their counts, and how unusual these are under a null.

Owns the layered graph, the counts and the comparison with a sample of a null; how that sample is
drawn is `layer_pair_null`'s. Triads bear the names of Holland & Leinhardt 1976 in brackets.

One degree of freedom. In a graph without cycles every feed-forward loop holds exactly one fan-in,
one fan-out and one chain, so that the induced open triads are sums over degrees less the number of
loops:

    fan_in  = Σ C(in, 2)  - ffl
    fan_out = Σ C(out, 2) - ffl
    chain   = Σ in · out  - ffl

A null that keeps all degrees fixes the three sums. Under it the four triads have one standard
deviation and the z of +z, -z, -z, -z: "loops are over-represented and all else is
under-represented" says one thing, not four. And z grows with the graph and with a null that hardly
varies: read the excess and the percentile first.
"""

from typing import NamedTuple

import numpy as np
from jaxtyping import Float, Int
from numpy import ndarray
from scipy.sparse import csr_array

from harness.record import HarnessError, Record


class LayeredGraph(NamedTuple):
    """A signed graph whose edges go from a lower layer to a higher one; node i is row i."""

    layer: Int[ndarray, " nodes"]
    """Embeddings -1, features by their layer from 0, logits above the last layer."""
    source: Int[ndarray, " edges"]
    target: Int[ndarray, " edges"]
    weight: Float[ndarray, " edges"]
    """Any unit; only the sign is used here, and it is never 0."""


class MotifCounts(NamedTuple):
    """Numbers of node triples. A pattern's letters are the signs of a→b, b→c and a→c of a loop."""

    ffl: int
    """Feed-forward loops a→b→c with a→c [030T]."""
    fan_in: int
    """a→b←c with no edge between a and c [021U]."""
    fan_out: int
    """a←b→c with no edge between a and c [021D]."""
    chain: int
    """a→b→c with no edge between a and c [021C]."""
    coherent_ffl: int
    """Loops whose direct edge has the sign of the path through b: product of signs positive."""
    incoherent_ffl: int
    """Loops with a negative product."""
    ffl_ppp: int
    """circuit-motifs' "coherent" is this pattern alone …"""
    ffl_ppn: int
    """… and its "incoherent" this one."""
    ffl_pnp: int
    ffl_pnn: int
    ffl_npp: int
    ffl_npn: int
    ffl_nnp: int
    ffl_nnn: int


class NullSample(NamedTuple):
    """Counts of graphs drawn from a null, and whether the drawing can be trusted."""

    counts: Int[ndarray, "draws motifs"]
    """One row a draw, columns in the order of `MotifCounts`."""
    tried_per_edge: int
    """Swaps tried in each draw, per edge that can move."""
    acceptance: float | None
    """Fraction of the tried swaps that were made; None where no edge can move."""
    made_per_edge: float | None
    """Swaps made in each draw, per edge that can move; a swap moves two."""
    movable_fraction: float
    """Fraction of all edges that lie in a pair of layers where some swap is possible."""
    changed_fraction: float
    """Fraction of all edges that stand elsewhere than in the graph given, mean over draws."""
    ffl_drift: float | None
    """Mean of `ffl` at the end less that at half the swaps, in standard deviations of the end;
    None where the draws do not vary."""
    mixed: bool
    """Whether the chains forgot where they began, by the criterion of `layer_pair_null`."""


class MotifComparison(Record):
    """One motif of a graph against a null."""

    motif: str
    count: int
    null_mean: float
    null_sd: float
    """With one degree of freedom taken off."""
    null_min: int
    null_max: int
    excess_fraction: float | None
    """(count - null_mean) / null_mean; None where the mean is 0."""
    percentile: float
    """Rank of the count among itself and the draws, as a fraction; ties share the middle rank, so
    it is never 0 nor 1 and is 0.5 where nothing varies."""
    z: float | None
    """Never capped; None where the null does not vary."""


def motif_counts(graph: LayeredGraph) -> MotifCounts:
    """Count the triads, induced, and the loops by signs.

    Raises `HarnessError` for edges that do not go up, stand twice, or have no sign.
    """
    check_layered(graph)
    return count_motifs(graph)


def compare(graph: LayeredGraph, null: NullSample) -> tuple[MotifComparison, ...]:
    """Each motif of the graph against the draws of a null, in the order of `MotifCounts`.

    Raises `HarnessError` as `motif_counts` does.
    """
    counts = motif_counts(graph)
    return tuple(
        _compare(motif, count, null.counts[:, column])
        for column, (motif, count) in enumerate(zip(MotifCounts._fields, counts, strict=True))
    )


def check_layered(graph: LayeredGraph) -> None:
    """Raises `HarnessError` naming the first edge that is not one of a layered graph."""
    layer, source, target, weight = graph
    if not len(source) == len(target) == len(weight):
        raise HarnessError(
            f"edges: {len(source)} sources, {len(target)} targets, {len(weight)} weights"
        )
    ends = np.concatenate([source, target])
    outside = (ends < 0) | (ends >= len(layer))
    if outside.any():
        raise HarnessError(f"edges: no node {ends[outside][0]} among {len(layer)} nodes")
    _refuse(graph, layer[source] >= layer[target], "does not go to a higher layer")
    _refuse(graph, ~np.isfinite(weight) | (weight == 0), "has no sign: leave edges of 0 out")
    _, first = np.unique(source * len(layer) + target, return_index=True)
    _refuse(graph, ~np.isin(np.arange(len(source)), first), "stands twice")


def count_motifs(graph: LayeredGraph) -> MotifCounts:
    """As `motif_counts`, for a graph that has been checked.

    Loops of signs (s, t, u) are the entries of (A_s A_t) ∘ A_u, A_s having a 1 for each edge of
    sign s from row to column.
    """
    nodes = len(graph.layer)
    signed = {sign: _adjacency(graph, sign) for sign in "pn"}
    paths = {s + t: csr_array(signed[s] @ signed[t]) for s in "pn" for t in "pn"}
    loops = {
        way + direct: int(paths[way].multiply(signed[direct]).sum())
        for way in paths
        for direct in "pn"
    }
    ffl = sum(loops.values())
    coherent = sum(count for signs, count in loops.items() if signs.count("n") % 2 == 0)
    ins = np.bincount(graph.target, minlength=nodes)
    outs = np.bincount(graph.source, minlength=nodes)
    return MotifCounts(
        ffl=ffl,
        fan_in=int((ins * (ins - 1) // 2).sum()) - ffl,
        fan_out=int((outs * (outs - 1) // 2).sum()) - ffl,
        chain=int((ins * outs).sum()) - ffl,
        coherent_ffl=coherent,
        incoherent_ffl=ffl - coherent,
        **{f"ffl_{signs}": count for signs, count in loops.items()},
    )


def _adjacency(graph: LayeredGraph, sign: str) -> csr_array:
    """1 where an edge of the sign goes from row to column, [nodes, nodes]."""
    of_sign = (graph.weight > 0) == (sign == "p")
    ends = (graph.source[of_sign], graph.target[of_sign])
    nodes = len(graph.layer)
    return csr_array((np.ones(len(ends[0]), dtype=np.int64), ends), shape=(nodes, nodes))


def _refuse(graph: LayeredGraph, wrong: ndarray, why: str) -> None:
    if wrong.any():
        source, target = (int(ends[wrong.argmax()]) for ends in (graph.source, graph.target))
        raise HarnessError(
            f"edge {source} → {target} {why} "
            f"(layers {graph.layer[source]} and {graph.layer[target]})"
        )


def _compare(motif: str, count: int, draws: Int[ndarray, " draws"]) -> MotifComparison:
    mean, sd = float(draws.mean()), float(draws.std(ddof=1))
    below, equal = int((draws < count).sum()), int((draws == count).sum())
    return MotifComparison(
        motif=motif,
        count=count,
        null_mean=mean,
        null_sd=sd,
        null_min=int(draws.min()),
        null_max=int(draws.max()),
        excess_fraction=(count - mean) / mean if mean else None,
        percentile=(below + (equal + 1) / 2) / (len(draws) + 1),
        z=(count - mean) / sd if sd else None,
    )
