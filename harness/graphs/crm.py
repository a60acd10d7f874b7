"""Graph file of a complete replacement model: Lorsa and transcoder features, with QK tracing.

Owns what is kept of a pruned attribution and where contributors to attention scores are written;
knows neither llamascopium nor torch. Contributors that are not in the graph are told beside it, in
`qk_only_nodes`.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np
from jaxtyping import Bool, Float

from harness.graphs.attribution_graph import AttributionGraph, Link, Node, QParams
from harness.graphs.build import Logits
from harness.graphs.crm_influence import (
    Ends,
    Paths,
    completeness_score,
    cumulative,
    influence,
    replacement_score,
)
from harness.graphs.crm_nodes import CrmNode, Measured, file_node, node_id
from harness.graphs.crm_qk import QkTrace, contributors, tracing_results
from harness.graphs.metadata import Provenance, Scores, graph_metadata
from harness.graphs.shortest import shortest


class CrmAttribution(NamedTuple):
    """The numbers of an attribution through a complete replacement model."""

    prompt: str
    tokens: Sequence[str]
    logits: Logits
    targets: Sequence[CrmNode]
    """The logits, in the order of `logits`, then the features whose inputs were attributed."""
    sources: Sequence[CrmNode]
    """Embeddings, errors and those features."""
    weights: Float[np.ndarray, "T S"]
    """Direct effects. Row: target; column: source."""
    kept: Bool[np.ndarray, "T S"]
    """Edges that pruning keeps."""
    activations: Mapping[CrmNode, float]
    """Of those features."""
    qk: Sequence[QkTrace] = ()


def crm_graph(attribution: CrmAttribution, about: Provenance) -> AttributionGraph:
    """The graph file's content: nodes with a kept edge, and all embeddings and logits.

    `influence` is cumulative over all sources before pruning, as circuit-tracer has it; logits have
    none. Scores are worked out here where `about` has none. Raises `HarnessError` where a slug or
    scan has no character that Neuronpedia allows.
    """
    _assert_shapes(attribution)
    paths = _paths(attribution)
    influences = influence(paths)
    links = tuple(_links(attribution))
    nodes = _nodes(attribution, cumulative(influences), links)
    if about.scores is None:
        about = about._replace(scores=_scores(attribution, paths, influences))
    content: dict[str, object] = {
        "metadata": graph_metadata(attribution.prompt, attribution.tokens, about),
        "qParams": QParams(pinnedIds=(), supernodes=(), linkType="both", clickedId="", sg_pos=""),
        "nodes": tuple(_with_traces(nodes, attribution.qk)),
        "links": links,
    }
    if aside := _aside(attribution, nodes):
        content["qk_only_nodes"] = aside
    return AttributionGraph.model_validate(content)


def _assert_shapes(attribution: CrmAttribution) -> None:
    shape = (len(attribution.targets), len(attribution.sources))
    assert attribution.weights.shape == attribution.kept.shape == shape, attribution.weights.shape
    logits = [node.number for node in attribution.targets if node.kind == "logit"]
    assert logits == list(attribution.logits.vocab_ids), logits
    assert len(set(attribution.targets)) == shape[0], "a target stands twice"
    assert len(set(attribution.sources)) == shape[1], "a source stands twice"


def _paths(attribution: CrmAttribution) -> Paths:
    columns = {node: column for column, node in enumerate(attribution.sources)}
    features = attribution.targets[len(attribution.logits.vocab_ids) :]
    return Paths(
        weights=attribution.weights,
        probabilities=np.asarray(attribution.logits.probabilities, dtype=np.float64),
        columns=np.array([columns[node] for node in features], dtype=np.int64),
    )


def _links(attribution: CrmAttribution) -> Iterator[Link]:
    """An effect of exactly zero is no edge, even where the threshold lets all through."""
    targets, sources = np.nonzero(attribution.kept & (attribution.weights != 0))
    weights = shortest(attribution.weights[targets, sources])
    for target, source, weight in zip(targets.tolist(), sources.tolist(), weights, strict=True):
        yield Link(
            source=node_id(attribution.sources[source]),
            target=node_id(attribution.targets[target]),
            weight=weight,
        )


def _nodes(
    attribution: CrmAttribution, shares: Float[np.ndarray, " S"], links: Sequence[Link]
) -> dict[str, Node]:
    """Those that are in the graph, by id."""
    linked = {end for link in links for end in (link.source, link.target)}
    nodes: dict[str, Node] = {}
    for node, share in zip(attribution.sources, shares.tolist(), strict=True):
        if node.kind == "embedding" or node_id(node) in linked:
            measured = Measured(influence=share, activation=_activation(attribution, node))
            nodes[node_id(node)] = file_node(node, attribution.tokens, measured=measured)
    tokens, chances = attribution.logits.tokens, shortest(attribution.logits.probabilities)
    for node, token, chance in zip(attribution.targets, tokens, chances, strict=False):
        measured = Measured(probability=chance)
        nodes[node_id(node)] = file_node(node, attribution.tokens, token, measured)
    return nodes


def _activation(attribution: CrmAttribution, node: CrmNode) -> float | None:
    """None for what has none, and for features that the attribution says nothing of."""
    return attribution.activations.get(node)


def _with_traces(nodes: Mapping[str, Node], traces: Sequence[QkTrace]) -> Iterator[Node]:
    """Traces of features that pruning took away go with them."""
    results = {node_id(trace.target): tracing_results(trace) for trace in traces}
    for key, node in nodes.items():
        traced = {"qk_tracing_results": results[key]} if key in results else {}
        yield node.model_copy(update=traced)


def _aside(attribution: CrmAttribution, nodes: Mapping[str, Node]) -> dict[str, Node]:
    """Contributors to traces of the graph that are not in it, by id."""
    named = {
        node
        for trace in attribution.qk
        if node_id(trace.target) in nodes
        for node in contributors(trace)
        if node_id(node) not in nodes
    }
    return {
        node_id(node): file_node(
            node, attribution.tokens, measured=Measured(activation=_activation(attribution, node))
        )
        for node in sorted(named, key=node_id)
    }


def _scores(
    attribution: CrmAttribution, paths: Paths, influences: Float[np.ndarray, " S"]
) -> Scores | None:
    kinds = [node.kind for node in attribution.sources]
    ends = Ends(
        embeddings=np.array([kind == "embedding" for kind in kinds]),
        errors=np.array([kind in ("mlp_error", "attn_error") for kind in kinds]),
    )
    replacement = replacement_score(influences, ends)
    completeness = completeness_score(paths, influences, ends)
    if replacement is None or completeness is None:
        return None
    return Scores(replacement, completeness)
