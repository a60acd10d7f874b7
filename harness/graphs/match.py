"""Which token, and which node, of one attribution graph answers to which of another.

Owns the three ways for tokens: by position, from the end, or by role, that is by what stands
around: in "the state of Dallas is" and "the state of Oakland is" the two cities play one role,
wherever they stand. Features are one where type, layer and number agree and their tokens answer to
each other; logits where the vocabulary id agrees; embeddings and errors by token and layer.
"""

from collections.abc import Mapping, Sequence
from difflib import SequenceMatcher
from typing import Literal, NamedTuple, assert_never

from harness.graphs.attribution_graph import ERROR_TYPES, FEATURE_TYPES, AttributionGraph, Node

Alignment = Literal["role", "position", "end"]


class NodeKey(NamedTuple):
    """What a node is, in words that hold in both graphs."""

    feature_type: str
    layer: str
    number: int | str | None
    """A feature's number, a logit's vocabulary id; None for errors and embeddings."""
    token: int
    """Position in the left prompt; below 0 for tokens that only the right one has."""

    @property
    def is_feature(self) -> bool:
        """Whether it is a transcoder's or an attention feature."""
        return self.feature_type in FEATURE_TYPES


def align_tokens(left: Sequence[str], right: Sequence[str], how: Alignment) -> dict[int, int]:
    """Position in the left prompt → position in the right one, where there is one.

    By role, tokens are matched where the texts agree, and where a stretch was replaced by one as
    long, one by one; a replacement of another length has no counterpart.
    """
    match how:
        case "position":
            return {place: place for place in range(min(len(left), len(right)))}
        case "end":
            shift = len(right) - len(left)
            return {at: at + shift for at in range(len(left)) if at + shift >= 0}
        case "role":
            return _by_role(left, right)
        case _:
            assert_never(how)


def key_places(graph: AttributionGraph, tokens: Mapping[int, int]) -> dict[NodeKey, int]:
    """What each node is → its place; `tokens` takes the graph's positions to the left prompt's."""
    return {_key(node, tokens): place for place, node in enumerate(graph.nodes)}


def _by_role(left: Sequence[str], right: Sequence[str]) -> dict[int, int]:
    matcher = SequenceMatcher(None, left, right, autojunk=False)
    return {
        start + step: other + step
        for kind, start, stop, other, other_stop in matcher.get_opcodes()
        if kind == "equal" or (kind == "replace" and stop - start == other_stop - other)
        for step in range(stop - start)
    }


def _key(node: Node, tokens: Mapping[int, int]) -> NodeKey:
    kind, layer = node.feature_type, str(node.layer)
    token = tokens.get(node.ctx_idx, -1 - node.ctx_idx)
    if kind == "logit":
        # Its layer is a matter of who wrote the file, and it stands at the last token.
        return NodeKey(kind, "", node.clerp if node.feature is None else node.feature, 0)
    if kind in (*ERROR_TYPES, "embedding"):
        return NodeKey(kind, "E" if kind == "embedding" else layer, None, token)
    if kind in FEATURE_TYPES and node.feature is not None:
        return NodeKey(kind, layer, node.feature, token)
    # Biases are told apart by their ids, which end with the position.
    return NodeKey(kind, layer, node.node_id.rpartition("_")[0], token)
