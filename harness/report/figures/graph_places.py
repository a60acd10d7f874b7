"""Where the nodes of an attribution graph stand: tokens are columns, layers are rows.

Lengths are points, so that marks and words of known size fit. Draws nothing.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from jaxtyping import Float, Int

from harness.graphs.arrays import EMBEDDING_LAYER, GraphArrays
from harness.graphs.attribution_graph import ERROR_TYPES, AttributionGraph, Node

_STEP, _WIDEST_STEP = 17.0, 30.0
"""Between neighbours of one cell, where there is room; and where there is plenty."""
_GAP = 16.0
"""Between the nodes of two columns."""
_LETTER, _LINE = 5.4, 13.0
"""Width of a letter of the tokens' labels, and height of their line, which upright labels need."""


class Columns(NamedTuple):
    """T columns of tokens, from left to right."""

    left: Float[np.ndarray, " T"]
    width: Float[np.ndarray, " T"]
    upright: bool
    """The tokens' labels only fit when they are turned."""

    @property
    def middle(self) -> Float[np.ndarray, " T"]:
        """Where nodes and labels are centred."""
        return self.left + self.width / 2


class Places(NamedTuple):
    """n nodes in the order of the graph."""

    x: Float[np.ndarray, " n"]
    row: Int[np.ndarray, " n"]
    """0 for embeddings, logits highest."""
    columns: Columns
    step: float
    """The least distance between neighbours."""


def place_nodes(
    graph: AttributionGraph, arrays: GraphArrays, *, labels: Sequence[str], room: float
) -> Places:
    """Nodes of one token and layer side by side in the token's column.

    `labels` has one text a token; `room` is the width of all columns.
    """
    cells: defaultdict[tuple[int, int], list[int]] = defaultdict(list)
    for node, (position, layer) in enumerate(zip(arrays.positions, arrays.layers, strict=True)):
        cells[int(position), int(layer)].append(node)
    crowding = _crowding(cells, len(labels))
    columns = _columns(crowding, labels, room)
    steps = np.minimum(_WIDEST_STEP, (columns.width - _GAP / 2) / np.maximum(crowding, 1))
    groups = group_of(graph)
    x = np.zeros(len(graph.nodes))
    for (position, _), members in cells.items():
        members.sort(key=lambda node: _order(graph.nodes[node], groups))
        offsets = (np.arange(len(members)) - (len(members) - 1) / 2) * steps[position]
        x[members] = columns.middle[position] + offsets
    return Places(x, arrays.layers - EMBEDDING_LAYER, columns, float(steps.min()))


def group_of(graph: AttributionGraph) -> dict[str, int]:
    """Node id → number of its supernode in the file; of two, the first."""
    groups: dict[str, int] = {}
    for number, (_, *members) in enumerate(graph.qParams.supernodes or ()):
        for member in members:
            groups.setdefault(member, number)
    return groups


def _crowding(cells: Mapping[tuple[int, int], Sequence[int]], tokens: int) -> list[int]:
    """Nodes in the fullest cell of each column."""
    fullest: Counter[int] = Counter()
    for (position, _), members in cells.items():
        fullest[position] = max(fullest[position], len(members))
    return [fullest[position] for position in range(tokens)]


def _columns(crowding: Sequence[int], labels: Sequence[str], room: float) -> Columns:
    """Wide enough for label and nodes where the room allows, else in proportion to that.

    What is left of the room goes to the columns by their nodes.
    """
    nodes = np.array(crowding) * _STEP + _GAP
    flat = np.array([len(label) * _LETTER + _GAP / 2 for label in labels])
    width = np.maximum(nodes, flat)
    upright = bool(width.sum() > room)
    if upright:
        width = np.maximum(nodes, _LINE)
    share = np.maximum(crowding, 1)
    width = width + max(0.0, room - float(width.sum())) * share / share.sum()
    width = width * room / width.sum()
    return Columns(np.cumsum(width) - width, width, upright)


def _order(node: Node, groups: Mapping[str, int]) -> tuple[object, ...]:
    """The likeliest logit first; members of one supernode together; errors last."""
    return (
        -(node.token_prob or 0.0),
        node.feature_type in ERROR_TYPES,
        groups[node.node_id] if node.node_id in groups else len(groups),
        1.0 if node.influence is None else node.influence,
    )
