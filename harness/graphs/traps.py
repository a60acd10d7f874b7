"""What the schema allows and Neuronpedia's server or page trips over: T1 to T6, and names.

Source: Neuronpedia's `[modelId]/graph/utils.ts` and `graph-provider.tsx` (the page) and
`api/graph/save-to-db/route.ts` (the server), as of August 2026.
"""

import re
from collections.abc import Iterator

from harness.graphs.attribution_graph import AttributionGraph
from harness.graphs.findings import Finding
from harness.graphs.rules import error, number_of_layer, warning

_PLAIN = re.compile("[A-Za-z0-9_.-]+")
_NUMBER = re.compile(r"\s*(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?\s*")


def traps(graph: AttributionGraph) -> Iterator[Finding]:
    """The findings of all traps."""
    yield from _never_fetched(graph)
    yield from _one_layer(graph)
    yield from _logit_labels(graph)
    yield from _unknown_ends(graph)
    yield from _source_sets(graph)
    yield from _logit_layers(graph)
    yield from _refused_names(graph)


def _never_fetched(graph: AttributionGraph) -> Iterator[Finding]:
    details = graph.metadata.feature_details
    hosted = details is not None and details.feature_json_base_url is not None
    if hosted and graph.metadata.schema_version == 1:
        yield error(
            "T1",
            "metadata.schema_version",
            "1 together with feature_details.feature_json_base_url: the page looks features up at "
            "Neuronpedia and never fetches the self-hosted ones; leave schema_version out",
        )


def _one_layer(graph: AttributionGraph) -> Iterator[Finding]:
    if _top_layer(graph) == 0:
        yield error(
            "T2",
            "nodes",
            "no node but logits lies above layer 0: the page ends with «No layer found»",
        )


def _logit_labels(graph: AttributionGraph) -> Iterator[Finding]:
    for place, node in enumerate(graph.nodes):
        if node.feature_type != "logit" or not node.clerp:
            continue
        _, mark, rest = node.clerp.partition("(p=")
        where = f"nodes[{place}].clerp"
        if not mark:
            yield error("T3", where, f"{node.clerp!r} lacks '(p=': the page cannot open the graph")
        elif not _NUMBER.fullmatch(rest.split(")")[0]):
            yield warning("T3", where, f"{node.clerp!r}: what follows '(p=' is no number")


def _unknown_ends(graph: AttributionGraph) -> Iterator[Finding]:
    known = {node.node_id for node in graph.nodes}
    for place, link in enumerate(graph.links):
        for end, node_id in (("source", link.source), ("target", link.target)):
            if node_id not in known:
                yield error(
                    "T4",
                    f"links[{place}].{end}",
                    f"{node_id!r} is no node of this graph: the page drops the link silently",
                )


def _source_sets(graph: AttributionGraph) -> Iterator[Finding]:
    info, details = graph.metadata.info, graph.metadata.feature_details
    server = None if info is None else info.neuronpedia_source_set
    page = None if details is None else details.neuronpedia_source_set
    if server != page:
        yield warning(
            "T5",
            "metadata",
            f"neuronpedia_source_set is {server!r} in info, which the server reads, and {page!r} "
            "in feature_details, which the page reads; write it in both",
        )


def _logit_layers(graph: AttributionGraph) -> Iterator[Finding]:
    """The page puts all logits one above the highest other node, whatever the file says."""
    top = _top_layer(graph)
    told = {str(node.layer) for node in graph.nodes if node.feature_type == "logit"}
    if len(told) > 1:
        yield warning(
            "T6",
            "nodes",
            f"logits stand at layers {', '.join(sorted(told))}: the page draws them at {top + 1}",
        )
    for place, node in enumerate(graph.nodes):
        layer = number_of_layer(node)
        if node.feature_type == "logit" and layer is not None and layer <= top:
            yield warning(
                "T6",
                f"nodes[{place}].layer",
                f"a logit at {layer}, not above the highest other node: the page draws it at "
                f"{top + 1}",
            )


def _refused_names(graph: AttributionGraph) -> Iterator[Finding]:
    for key, name in (("slug", graph.metadata.slug), ("scan", graph.metadata.scan)):
        if not _PLAIN.fullmatch(name):
            yield error(
                "name",
                f"metadata.{key}",
                f"{name!r}: the server takes only A-Z, a-z, 0-9, '_', '.' and '-'",
            )


def _top_layer(graph: AttributionGraph) -> int:
    """The highest layer of a node that is no logit; 0 where none has a number."""
    others = (node for node in graph.nodes if node.feature_type != "logit")
    return max(
        (layer for node in others if (layer := number_of_layer(node)) is not None), default=0
    )
