"""Two attribution graphs compared: of two prompts, or of two models with the same transcoders.

Owns what is told of the difference; which nodes answer to each other is `match`'s.
"""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

import numpy as np
from jaxtyping import Float

from harness.graphs.arrays import GraphArrays, node_influence, to_arrays, token_at
from harness.graphs.attribution_graph import AttributionGraph
from harness.graphs.match import Alignment, NodeKey, align_tokens, key_places
from harness.graphs.overlap import jaccard, weighted_overlap
from harness.record import Record


class Side(Record):
    """One of the two graphs."""

    slug: str
    scan: str
    prompt: str
    nodes: int
    links: int
    unresolved_links: int
    """Left out, since an end of theirs is no node."""


class Seen(Record):
    """A node as one graph has it."""

    node_id: str
    token: str | None
    """At its position; None where the prompt has no such position."""
    label: str
    influence: float
    """Share of all influence on the logits, 0 to 1, worked out from the graph's own links; not the
    cumulative share of the file."""
    activation: float | None


class NodePair(Record):
    """A node in both graphs, or in one of them."""

    feature_type: str
    layer: str
    number: int | str | None
    """A feature's number, a logit's vocabulary id."""
    left: Seen | None
    right: Seen | None

    @property
    def influence_change(self) -> float:
        """Right less left; a node that a graph lacks has no influence there."""
        left, right = (0.0 if each is None else each.influence for each in (self.left, self.right))
        return right - left


class LinkPair(Record):
    """A link between two nodes that both graphs have, in both or in one of them."""

    source: str
    """Id in the left graph."""
    target: str
    left: float | None
    """Weight; None where that graph lacks the link."""
    right: float | None

    @property
    def change(self) -> float:
        """Right less left; a link that a graph lacks has no weight there."""
        return (self.right or 0.0) - (self.left or 0.0)


class GraphDiff(Record):
    """What two graphs share and what they do not."""

    left: Side
    right: Side
    alignment: Alignment
    tokens: tuple[tuple[int, int], ...]
    """Positions that answer to each other, left and right."""
    shared: tuple[NodePair, ...]
    """Greatest change of influence first, as in the next two."""
    only_left: tuple[NodePair, ...]
    only_right: tuple[NodePair, ...]
    links: tuple[LinkPair, ...]
    """Among shared nodes, greatest change first."""
    feature_jaccard: float | None
    """Features of both over features of either, at tokens that answer to each other. None where
    there are none."""
    feature_jaccard_anywhere: float | None
    """As above, wherever in the prompts they stand."""
    feature_weighted_overlap: float | None
    """Of the features' shares of influence (`overlap.weighted_overlap`), at tokens that answer to
    each other."""
    link_jaccard: float | None
    """Links of both over links of either, among shared nodes."""


def diff_graphs(
    left: AttributionGraph, right: AttributionGraph, *, alignment: Alignment = "role"
) -> GraphDiff:
    """Compare two graphs.

    Raises `HarnessError` where two nodes of a graph bear one id, a layer is no number, or links
    run in a circle.
    """
    tokens = align_tokens(left.metadata.prompt_tokens, right.metadata.prompt_tokens, alignment)
    one = _open(left, {place: place for place in range(len(left.metadata.prompt_tokens))})
    other = _open(right, {there: here for here, there in tokens.items()})
    pairs = [_pair(key, one, other) for key in {**one.places, **other.places}]
    links = list(_links(one, other))
    return GraphDiff(
        left=_side(one),
        right=_side(other),
        alignment=alignment,
        tokens=tuple(tokens.items()),
        shared=_sorted(pair for pair in pairs if pair.left and pair.right),
        only_left=_sorted(pair for pair in pairs if not pair.right),
        only_right=_sorted(pair for pair in pairs if not pair.left),
        links=tuple(sorted(links, key=lambda link: -abs(link.change))),
        feature_jaccard=jaccard(set(_weights(one)), set(_weights(other))),
        feature_jaccard_anywhere=jaccard(_features(one), _features(other)),
        feature_weighted_overlap=weighted_overlap(_weights(one), _weights(other)),
        link_jaccard=jaccard(
            {(link.source, link.target) for link in links if link.left is not None},
            {(link.source, link.target) for link in links if link.right is not None},
        ),
    )


class _Opened(NamedTuple):
    graph: AttributionGraph
    arrays: GraphArrays
    influence: Float[np.ndarray, " n"]
    places: dict[NodeKey, int]


def _open(graph: AttributionGraph, tokens: dict[int, int]) -> _Opened:
    arrays = to_arrays(graph)
    return _Opened(graph, arrays, node_influence(graph, arrays), key_places(graph, tokens))


def _side(opened: _Opened) -> Side:
    graph = opened.graph
    return Side(
        slug=graph.metadata.slug,
        scan=graph.metadata.scan,
        prompt=graph.metadata.prompt,
        nodes=len(graph.nodes),
        links=len(graph.links),
        unresolved_links=opened.arrays.unresolved,
    )


def _pair(key: NodeKey, one: _Opened, other: _Opened) -> NodePair:
    return NodePair(
        feature_type=key.feature_type,
        layer=key.layer,
        number=key.number,
        left=_seen(one, key),
        right=_seen(other, key),
    )


def _seen(opened: _Opened, key: NodeKey) -> Seen | None:
    place = opened.places.get(key)
    if place is None:
        return None
    node = opened.graph.nodes[place]
    return Seen(
        node_id=node.node_id,
        token=token_at(opened.graph, node),
        label=node.clerp,
        influence=float(opened.influence[place]),
        activation=node.activation,
    )


def _links(one: _Opened, other: _Opened) -> Iterator[LinkPair]:
    shared = one.places.keys() & other.places.keys()
    left, right = _weight_of(one, shared), _weight_of(other, shared)
    for source, target in {**left, **right}:
        yield LinkPair(
            source=one.arrays.node_ids[one.places[source]],
            target=one.arrays.node_ids[one.places[target]],
            left=left.get((source, target)),
            right=right.get((source, target)),
        )


def _weight_of(opened: _Opened, shared: set[NodeKey]) -> dict[tuple[NodeKey, NodeKey], float]:
    key_of = {place: key for key, place in opened.places.items() if key in shared}
    arrays = opened.arrays
    return {
        (key_of[source], key_of[target]): weight
        for source, target, weight in zip(
            arrays.source.tolist(), arrays.target.tolist(), arrays.weight.tolist(), strict=True
        )
        if source in key_of and target in key_of
    }


def _weights(opened: _Opened) -> dict[NodeKey, float]:
    """Influence of each feature."""
    return {
        key: float(opened.influence[place])
        for key, place in opened.places.items()
        if key.is_feature
    }


def _features(opened: _Opened) -> set[tuple[str, str, int | str | None]]:
    return {(key.feature_type, key.layer, key.number) for key in opened.places if key.is_feature}


def _sorted(pairs: Iterable[NodePair]) -> tuple[NodePair, ...]:
    return tuple(sorted(pairs, key=lambda pair: -abs(pair.influence_change)))
