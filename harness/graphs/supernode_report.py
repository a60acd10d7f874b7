"""Supernodes suggested for the features of an attribution graph file.

Owns what a suggestion says of the file's nodes; the grouping is `ops.supernodes`. A file holds no
decoder vectors, so nodes are alike by their neighbours alone.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from harness.graphs.arrays import GraphArrays, to_arrays
from harness.graphs.attribution_graph import FEATURE_TYPES, AttributionGraph, QParams
from harness.ops.supernodes import GraphNodes, Grouping, Supernode, suggest_supernodes
from harness.record import Record


class SuggestedSupernode(Record):
    """A group of at least two features."""

    label: str
    """The token, or the first and the last, and the layers; to be replaced by a person."""
    node_ids: tuple[str, ...]
    within: float
    """Mean similarity between two members, -1 to 1."""
    outside: float | None
    """Mean similarity of members to the other features; None where there are none."""
    score: float | None
    """`within` less `outside`."""


class Suggested(NamedTuple):
    """Groups, and the graph that shows them."""

    supernodes: tuple[SuggestedSupernode, ...]
    """Best score first; features like no other are in none."""
    graph: AttributionGraph
    """With the groups in `qParams`, all members pinned, as a viewer opens it."""


def suggest(graph: AttributionGraph, grouping: Grouping) -> Suggested:
    """Group the features of a graph. Raises `HarnessError` as `to_arrays` does."""
    arrays = to_arrays(graph)
    features = [at for at, node in enumerate(graph.nodes) if node.feature_type in FEATURE_TYPES]
    nodes = GraphNodes(
        adjacency=_adjacency(arrays),
        layer=arrays.layers,
        position=arrays.positions,
        candidates=np.array(features, dtype=np.int64),
    )
    found = tuple(_told(graph, arrays, group) for group in suggest_supernodes(nodes, grouping))
    return Suggested(found, _with_groups(graph, found))


def _adjacency(arrays: GraphArrays) -> np.ndarray:
    nodes = len(arrays.node_ids)
    adjacency = np.zeros((nodes, nodes))
    adjacency[arrays.target, arrays.source] = arrays.weight
    return adjacency


def _told(graph: AttributionGraph, arrays: GraphArrays, group: Supernode) -> SuggestedSupernode:
    members = list(group.members)
    return SuggestedSupernode(
        label=_label(graph, arrays.positions[members].tolist(), arrays.layers[members].tolist()),
        node_ids=tuple(arrays.node_ids[member] for member in members),
        within=group.within,
        outside=group.outside,
        score=group.score,
    )


def _label(graph: AttributionGraph, positions: Sequence[int], layers: Sequence[int]) -> str:
    tokens = graph.metadata.prompt_tokens
    ends = [tokens[at].strip() if at < len(tokens) else str(at) for at in _ends(positions)]
    return f"{'…'.join(ends)}, layer {'–'.join(map(str, _ends(layers)))}"


def _ends(numbers: Sequence[int]) -> list[int]:
    """The least and the greatest, once where they are one."""
    return sorted({min(numbers), max(numbers)})


def _with_groups(graph: AttributionGraph, groups: Sequence[SuggestedSupernode]) -> AttributionGraph:
    content = graph.qParams.model_dump(exclude_unset=True)
    content["pinnedIds"] = tuple(node_id for group in groups for node_id in group.node_ids)
    content["supernodes"] = tuple((group.label, *group.node_ids) for group in groups)
    return graph.model_copy(update={"qParams": QParams.model_validate(content)})
