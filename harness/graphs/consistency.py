"""Whether the parts of a graph file agree with each other: ids, numbers, positions, directions.

Needs no outside knowledge but how features are numbered and that effects go up and forward.
"""

from collections import Counter
from collections.abc import Iterator

from harness.graphs.attribution_graph import (
    ERROR_TYPES,
    FEATURE_TYPES,
    KNOWN_TYPES,
    AttributionGraph,
    Node,
    uncantor,
)
from harness.graphs.findings import Finding
from harness.graphs.rules import error, number_of_layer, warning

_LEGACY = "unexplored node"
_WITHIN_LAYER = {"lorsa": 0, "lorsa error": 0, "cross layer transcoder": 1, _LEGACY: 1}
"""Attention comes before the MLP of its layer."""


def consistency(graph: AttributionGraph) -> Iterator[Finding]:
    """The findings of all these rules."""
    yield from _ids(graph)
    yield from _types(graph)
    yield from _numbers(graph)
    yield from _positions(graph)
    yield from _directions(graph)
    yield from _doubled_links(graph)
    yield from _saved_state(graph)


def _ids(graph: AttributionGraph) -> Iterator[Finding]:
    first: dict[str, int] = {}
    for place, node in enumerate(graph.nodes):
        before = first.setdefault(node.node_id, place)
        if before == place:
            continue
        kinds = {graph.nodes[before].feature_type, node.feature_type}
        hint = (
            "; circuit-tracer gives error nodes ids that features of layer 0 have"
            if kinds & set(ERROR_TYPES)
            else ""
        )
        yield error(
            "id",
            f"nodes[{place}].node_id",
            f"{node.node_id!r} is the id of nodes[{before}] too, so its links are ambiguous{hint}",
        )


def _types(graph: AttributionGraph) -> Iterator[Finding]:
    for place, node in enumerate(graph.nodes):
        if node.feature_type not in (*KNOWN_TYPES, _LEGACY):
            yield warning(
                "type",
                f"nodes[{place}].feature_type",
                f"{node.feature_type!r}; known are {', '.join(KNOWN_TYPES)}",
            )


def _numbers(graph: AttributionGraph) -> Iterator[Finding]:
    """Files without `schema_version` may number features in their own way: the majority tells."""
    features = [
        (place, node)
        for place, node in enumerate(graph.nodes)
        if node.feature_type in (*FEATURE_TYPES, _LEGACY)
    ]
    faults = [(place, node) for place, node in features if not _fits_layer(node)]
    if graph.metadata.schema_version != 1 and 2 * len(faults) >= len(features):
        return
    for place, node in faults:
        number = node.feature
        decoded = "" if number is None or number < 0 else f" is of layer {uncantor(number).layer}"
        yield error(
            "cantor",
            f"nodes[{place}].feature",
            f"{number}{decoded or ' is no feature number'}, and the node's layer is {node.layer!r}",
        )


def _fits_layer(node: Node) -> bool:
    if node.feature is None or node.feature < 0:
        return False
    return uncantor(node.feature).layer == number_of_layer(node)


def _positions(graph: AttributionGraph) -> Iterator[Finding]:
    tokens = len(graph.metadata.prompt_tokens)
    for place, node in enumerate(graph.nodes):
        if not 0 <= node.ctx_idx < tokens:
            yield error(
                "position",
                f"nodes[{place}].ctx_idx",
                f"{node.ctx_idx} is no position of the {tokens} prompt tokens",
            )


def _directions(graph: AttributionGraph) -> Iterator[Finding]:
    nodes = {node.node_id: node for node in graph.nodes}
    clashing = {
        key for key, count in Counter(node.node_id for node in graph.nodes).items() if count > 1
    }
    for place, link in enumerate(graph.links):
        source, target = nodes.get(link.source), nodes.get(link.target)
        if source is None or target is None or {link.source, link.target} & clashing:
            continue
        if not _goes_up(source, target):
            told = f"from layer {source.layer!r} to layer {target.layer!r} does not go up"
            yield error("direction", f"links[{place}]", told)
        elif source.ctx_idx > target.ctx_idx:
            told = f"from position {source.ctx_idx} to {target.ctx_idx}: later to earlier"
            yield error("direction", f"links[{place}]", told)


def _goes_up(source: Node, target: Node) -> bool:
    """Where a layer has no number, such as that of an embedding, the type decides."""
    if target.feature_type == "embedding" or source.feature_type == "logit":
        return False
    if source.feature_type == "embedding" or target.feature_type == "logit":
        return True
    low, high = number_of_layer(source), number_of_layer(target)
    if low is None or high is None or low != high:
        return low is None or high is None or low < high
    within = _WITHIN_LAYER.get(source.feature_type), _WITHIN_LAYER.get(target.feature_type)
    return within[0] is not None and within[1] is not None and within[0] < within[1]


def _doubled_links(graph: AttributionGraph) -> Iterator[Finding]:
    first: dict[tuple[str, str], int] = {}
    for place, link in enumerate(graph.links):
        before = first.setdefault((link.source, link.target), place)
        if before != place:
            told = f"{link.source!r} to {link.target!r} is links[{before}] too"
            yield warning("link", f"links[{place}]", told)


def _saved_state(graph: AttributionGraph) -> Iterator[Finding]:
    """Anthropic's own graphs name nodes by `jsNodeId` there, and the page reads both."""
    known = {name for node in graph.nodes for name in (node.node_id, node.jsNodeId)}
    for place, node_id in enumerate(graph.qParams.pinnedIds or ()):
        if node_id not in known:
            where = f"qParams.pinnedIds[{place}]"
            yield warning("state", where, f"{node_id!r} is no node of this graph")
    for place, group in enumerate(graph.qParams.supernodes or ()):
        if lost := sorted(set(group[1:]) - known):
            where = f"qParams.supernodes[{place}]"
            yield warning("state", where, f"{', '.join(lost)}: no nodes of this graph")
