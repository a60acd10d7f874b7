"""Whether QK tracing results of a graph file can be true: what a validator of CRM graphs adds.

Owns rules on `qk_tracing_results`, `qk_only_nodes` and the settings of the tracing; all other rules
of graph files are in `validate`. The rule's id is `qk` throughout, and `schema` for the form.
"""

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from pydantic import JsonValue

from harness.graphs.attribution_graph import (
    KNOWN_TYPES,
    AttributionGraph,
    Node,
    QkTracingResults,
    cantor,
)
from harness.graphs.findings import Finding
from harness.graphs.form import read_form
from harness.graphs.rules import error, number_of_layer, warning

_LISTS = ("pair_wise_contributors", "top_q_marginal_contributors", "top_k_marginal_contributors")
_FEATURE_ID = re.compile(r"(\d+)_(cro|lor)_(\d+)_(\d+)")
_SAME_LAYER = re.compile(r"\d+_bias_lorsa_b[QK]_\d+")
"""Biases of queries and keys are the only ones of a layer that its attention scores depend on."""


def validate_crm(graph: AttributionGraph | str) -> tuple[Finding, ...]:
    """What is wrong with the parts of a graph, or of its text, that only CRM graphs have.

    Where the form is at fault, only that is told. A graph without such parts has no finding here.
    """
    formed = read_form(graph if isinstance(graph, str) else graph.to_json())
    if formed.graph is None:
        return formed.findings
    return tuple(crm_findings(formed.graph))


def crm_findings(graph: AttributionGraph) -> Iterator[Finding]:
    """As `validate_crm`, of a graph whose form is sound."""
    yield from _settings(graph)
    yield from _aside(graph)
    for place, node in _all_nodes(graph):
        yield from _feature_id(place, node)
    known = (graph.qk_only_nodes or {}) | {node.node_id: node for node in graph.nodes}
    for place, node in _all_nodes(graph):
        if node.qk_tracing_results is not None:
            traced = _Traced(f"{place}.qk_tracing_results", node, node.qk_tracing_results)
            yield from _results(traced, known, graph)


class _Traced(NamedTuple):
    """The results of one node."""

    where: str
    node: Node
    results: QkTracingResults


def _all_nodes(graph: AttributionGraph) -> Iterator[tuple[str, Node]]:
    for place, node in enumerate(graph.nodes):
        yield f"nodes[{place}]", node
    for key, node in (graph.qk_only_nodes or {}).items():
        yield f"qk_only_nodes.{key}", node


def _settings(graph: AttributionGraph) -> Iterator[Finding]:
    settings = graph.metadata.generation_settings or {}
    where = "metadata.generation_settings"
    top, batch, share = (
        _number(settings, key) for key in ("qk_topk", "batch_size", "qk_top_fraction")
    )
    if top is not None and batch is not None and top > batch:
        told = f"{top:g} is above batch_size {batch:g}: llamascopium refuses that"
        yield error("qk", f"{where}.qk_topk", told)
    if share is not None and not 0 < share <= 1:
        yield error("qk", f"{where}.qk_top_fraction", f"{share:g} is no share: above 0, at most 1")
    traced = any(node.qk_tracing_results is not None for node in graph.nodes)
    if traced and "enable_qk_tracing" in settings and settings["enable_qk_tracing"] is not True:
        told = f"{settings['enable_qk_tracing']}, and nodes bear qk_tracing_results"
        yield error("qk", f"{where}.enable_qk_tracing", told)


def _number(settings: Mapping[str, JsonValue], key: str) -> float | None:
    value = settings.get(key)
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None


def _aside(graph: AttributionGraph) -> Iterator[Finding]:
    """Nodes beside the graph: keyed by their id, of a known type, named, and not in the graph."""
    within = {node.node_id for node in graph.nodes}
    named = {
        end
        for node in graph.nodes
        if node.qk_tracing_results is not None
        for _, end in _ends(node.qk_tracing_results)
    }
    for key, node in (graph.qk_only_nodes or {}).items():
        where = f"qk_only_nodes.{key}"
        if node.node_id != key:
            yield error("qk", f"{where}.node_id", f"{node.node_id!r} is not its key")
        if key in within:
            yield warning("qk", where, "is a node of the graph too, which is the one shown")
        elif key not in named:
            yield warning("qk", where, "no qk_tracing_results of the graph names it")
        if node.feature_type not in KNOWN_TYPES:
            told = f"{node.feature_type!r}; known are {', '.join(KNOWN_TYPES)}"
            yield error("qk", f"{where}.feature_type", told)


def _feature_id(place: str, node: Node) -> Iterator[Finding]:
    """Ids of OpenMOSS' form say layer, latent and position, as the node itself does."""
    match = _FEATURE_ID.fullmatch(node.node_id)
    if match is None:
        return
    layer, latent, position = int(match[1]), int(match[3]), int(match[4])
    says = (layer, match[2], cantor(layer, latent), position)
    has = (number_of_layer(node), node.feature_type[:3], node.feature, node.ctx_idx)
    if says != has:
        told = f"{node.node_id!r} says layer, type, feature, position {says}; the node has {has}"
        yield error("qk", f"{place}.node_id", told)


def _results(
    traced: _Traced, known: Mapping[str, Node], graph: AttributionGraph
) -> Iterator[Finding]:
    where, node, results = traced
    if node.feature_type != "lorsa":
        told = f"on a node of type {node.feature_type!r}; only 'lorsa' nodes have attention scores"
        yield error("qk", where, told)
    for missing in (key for key in _LISTS if key not in results.model_fields_set):
        yield error("qk", f"{where}.{missing}", "this key is required")
    most = _number(graph.metadata.generation_settings or {}, "qk_topk")
    for key in _LISTS:
        count = len(getattr(results, key))
        if most is not None and count > most:
            yield error("qk", f"{where}.{key}", f"{count} contributors; qk_topk is {most:g}")
    for place, end in _ends(results):
        yield from _contributor(f"{where}.{place}", end, known, node)


def _ends(results: QkTracingResults) -> Iterator[tuple[str, str]]:
    """Every id with the place where it stands."""
    for place, (query, key, _) in enumerate(results.pair_wise_contributors):
        yield f"{_LISTS[0]}[{place}][0]", query
        yield f"{_LISTS[0]}[{place}][1]", key
    for name, marginals in (
        (_LISTS[1], results.top_q_marginal_contributors),
        (_LISTS[2], results.top_k_marginal_contributors),
    ):
        for place, (end, _) in enumerate(marginals):
            yield f"{name}[{place}][0]", end


def _contributor(
    where: str, end: str, known: Mapping[str, Node], target: Node
) -> Iterator[Finding]:
    """A score depends on what lies below its layer, at its position or before."""
    if end not in known:
        told = f"{end!r} is neither in nodes nor in qk_only_nodes"
        yield error("qk", where, told)
        return
    source = known[end]
    if source.feature_type == "logit":
        yield error("qk", where, f"{end!r} is a logit: no attention score depends on it")
        return
    low, high = number_of_layer(source), number_of_layer(target)
    own_bias = low == high and _SAME_LAYER.fullmatch(end)
    if low is not None and high is not None and low >= high and not own_bias:
        told = f"{end!r} of layer {low} does not lie below the attention of layer {high}"
        yield error("qk", where, told)
    if source.ctx_idx > target.ctx_idx:
        told = f"{end!r} at position {source.ctx_idx} comes after the query at {target.ctx_idx}"
        yield error("qk", where, told)
