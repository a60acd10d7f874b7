"""Error nodes of circuit-tracer's own files given ids that no feature has.

Its error node of layer l is `0_{l}_{pos}`, which is the id of feature l at layer 0 too: where both
are kept, links to that id are ambiguous. Owns telling those links apart, by what circuit-tracer
always does: an error has no incoming links, effects go to higher layers only, and the links of one
target stand in the order of their sources' nodes.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from harness.graphs.arrays import layers_of
from harness.graphs.attribution_graph import (
    ERROR_TYPES,
    AttributionGraph,
    Link,
    Node,
    read_graph,
)


class Reidentified(NamedTuple):
    """A graph whose error nodes share no id with a feature."""

    graph: AttributionGraph
    renamed: tuple[str, ...]
    """Ids that an error and a feature shared."""
    ambiguous: int
    """Links that either of the two could have sent; they are left with the feature."""


def open_graph(path: Path) -> Reidentified:
    """Read a graph file and tell its errors from features of the same id.

    Raises `HarnessError` as `read_graph` does.
    """
    return reidentify(read_graph(path))


def shared_ids(nodes: Sequence[Node]) -> dict[str, tuple[int, int]]:
    """Id → places of the feature and of the error that share it."""
    places: defaultdict[str, list[int]] = defaultdict(list)
    for place, node in enumerate(nodes):
        places[node.node_id].append(place)
    return {
        node_id: (found[0], found[1])
        for node_id, found in places.items()
        if [nodes[place].feature_type in ERROR_TYPES for place in found] == [False, True]
    }


def reidentify(graph: AttributionGraph) -> Reidentified:
    """The graph with `{layer}_error_{pos}` for errors whose id a feature has as well.

    A graph without such ids comes back as it is.
    """
    shared = shared_ids(graph.nodes)
    if not shared:
        return Reidentified(graph, (), 0)
    errors = {error: _error_id(graph.nodes[error]) for _, error in shared.values()}
    nodes = tuple(
        node.model_copy(update={"node_id": errors[place]}) if place in errors else node
        for place, node in enumerate(graph.nodes)
    )
    choices = _Sources(graph, shared)
    links, ambiguous = list(graph.links), 0
    for numbers in _by_target(graph.links).values():
        for number, places in zip(numbers, choices.of([links[n] for n in numbers]), strict=True):
            ambiguous += len(places) > 1
            if places and places[0] in errors:
                links[number] = links[number].model_copy(update={"source": errors[places[0]]})
    renamed = graph.model_copy(update={"nodes": nodes, "links": tuple(links)})
    return Reidentified(renamed, tuple(shared), ambiguous)


def _error_id(error: Node) -> str:
    return f"{error.layer}_error_{error.ctx_idx}"


def _by_target(links: Sequence[Link]) -> dict[str, list[int]]:
    """Target id → numbers of its links. A shared id as a target is its feature's."""
    found: defaultdict[str, list[int]] = defaultdict(list)
    for number, link in enumerate(links):
        found[link.target].append(number)
    return found


class _Sources:
    """Which nodes a link can come from."""

    def __init__(self, graph: AttributionGraph, shared: dict[str, tuple[int, int]]) -> None:
        self._shared = shared
        # Of two nodes with one id the first, the feature, is a target.
        self._place: dict[str, int] = {}
        for place, node in enumerate(graph.nodes):
            self._place.setdefault(node.node_id, place)
        self._layers = layers_of(graph.nodes)

    def of(self, links: Sequence[Link]) -> list[tuple[int, ...]]:
        """For each link to one target: places of the nodes that can be its source.

        One place where the rules tell, two where they do not, none where the id is unknown.
        """
        possible = [tuple(self._possible(link)) for link in links]
        if all(len(places) <= 1 for places in possible) or not _in_order(possible):
            return possible
        after = _least_after(possible)
        least, found = -1, list[tuple[int, ...]]()
        for places, most in zip(possible, after, strict=True):
            left = tuple(place for place in places if least < place < most) or places
            least = max(least, left[0]) if left else least
            found.append(left)
        return found

    def _possible(self, link: Link) -> Iterator[int]:
        target = self._place.get(link.target)
        for place in self._shared.get(link.source) or (self._place.get(link.source),):
            if place is None:
                continue
            lone = link.source not in self._shared
            if lone or target is None or self._layers[place] < self._layers[target]:
                yield place


def _in_order(possible: Sequence[tuple[int, ...]]) -> bool:
    """Whether the sources that are certain stand in the order of the nodes."""
    certain = [places[0] for places in possible if len(places) == 1]
    return certain == sorted(certain)


def _least_after(possible: Sequence[tuple[int, ...]]) -> list[float]:
    """For each link, the place that its source must stand before."""
    bound, found = float("inf"), list[float]()
    for places in reversed(possible):
        found.append(bound)
        fitting = [place for place in places if place < bound]
        bound = max(fitting, default=bound)
    return found[::-1]
