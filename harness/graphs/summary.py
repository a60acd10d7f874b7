"""One attribution graph told in few lines: what it holds, its scores, what matters most in it."""

from collections import Counter
from collections.abc import Sequence

import numpy as np

from harness.graphs.arrays import layers_of, node_influence, probability_of, to_arrays, token_at
from harness.graphs.attribution_graph import AttributionGraph
from harness.record import Record


class NodeLine(Record):
    """A node of much influence."""

    node_id: str
    feature_type: str
    layer: int
    """-1 for embeddings, logits one above all others."""
    token: str | None
    """At its position; None where the prompt has no such position."""
    label: str
    influence: float
    """Share of all influence on the logits, 0 to 1, worked out from the graph's own links."""
    cumulative_influence: float | None
    """As in the file."""
    activation: float | None


class LinkLine(Record):
    """A strong link."""

    source: str
    target: str
    weight: float


class LogitLine(Record):
    """A token that the model goes on with."""

    label: str
    probability: float | None


class GraphSummary(Record):
    """What a graph holds."""

    slug: str
    scan: str
    prompt: str
    tokens: int
    nodes: int
    links: int
    unresolved_links: int
    """Links of which an end is no node."""
    nodes_by_type: dict[str, int]
    replacement_score: float | None
    completeness_score: float | None
    logits: tuple[LogitLine, ...]
    top_nodes: tuple[NodeLine, ...]
    """Most influential first, logits left out: they are what is explained."""
    top_links: tuple[LinkLine, ...]
    """Greatest |weight| first."""


def summarise(graph: AttributionGraph, *, top: int) -> GraphSummary:
    """Counts, scores, and the `top` nodes and links.

    Raises `HarnessError` where two nodes bear one id, a layer is no number, or links run in a
    circle.
    """
    arrays = to_arrays(graph)
    influence = node_influence(graph, arrays)
    logits = [node for node in graph.nodes if node.feature_type == "logit"]
    others = [at for at, node in enumerate(graph.nodes) if node.feature_type != "logit"]
    lines = _node_lines(graph, influence.tolist())
    strongest = np.argsort(-np.abs(arrays.weight), kind="stable")[:top].tolist()
    info = graph.metadata.info
    return GraphSummary(
        slug=graph.metadata.slug,
        scan=graph.metadata.scan,
        prompt=graph.metadata.prompt,
        tokens=len(graph.metadata.prompt_tokens),
        nodes=len(graph.nodes),
        links=len(graph.links),
        unresolved_links=arrays.unresolved,
        nodes_by_type=dict(Counter(node.feature_type for node in graph.nodes).most_common()),
        replacement_score=None if info is None else info.replacement_score,
        completeness_score=None if info is None else info.completeness_score,
        logits=tuple(
            LogitLine(label=node.clerp, probability=probability_of(node)) for node in logits
        ),
        top_nodes=tuple(
            sorted((lines[at] for at in others), key=lambda line: -line.influence)[:top]
        ),
        top_links=tuple(
            LinkLine(
                source=arrays.node_ids[arrays.source[at]],
                target=arrays.node_ids[arrays.target[at]],
                weight=float(arrays.weight[at]),
            )
            for at in strongest
        ),
    )


def _node_lines(graph: AttributionGraph, influence: Sequence[float]) -> list[NodeLine]:
    return [
        NodeLine(
            node_id=node.node_id,
            feature_type=node.feature_type,
            layer=layer,
            token=token_at(graph, node),
            label=node.clerp,
            influence=share,
            cumulative_influence=node.influence,
            activation=node.activation,
        )
        for node, layer, share in zip(graph.nodes, layers_of(graph.nodes), influence, strict=True)
    ]
