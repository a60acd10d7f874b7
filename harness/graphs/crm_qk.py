"""What an attention score of a Lorsa feature is made of, and how the file tells it."""

from collections.abc import Iterator
from typing import NamedTuple

from harness.graphs.attribution_graph import QkTracingResults
from harness.graphs.crm_nodes import CrmNode, node_id


class QkPair(NamedTuple):
    """What two nodes together give to a score: one through the query, one through the key."""

    query: CrmNode
    key: CrmNode
    weight: float


class QkMarginal(NamedTuple):
    """What one node gives to a score through the query alone, or through the key alone."""

    node: CrmNode
    weight: float


class QkTrace(NamedTuple):
    """The greatest contributions to the attention score of one Lorsa feature, greatest first."""

    target: CrmNode
    """The feature, at the query's position. The key is the one with its highest score."""
    pairs: tuple[QkPair, ...]
    queries: tuple[QkMarginal, ...]
    keys: tuple[QkMarginal, ...]


def tracing_results(trace: QkTrace) -> QkTracingResults:
    """As the file has it, contributors by their ids."""
    return QkTracingResults(
        pair_wise_contributors=tuple(
            (node_id(query), node_id(key), weight) for query, key, weight in trace.pairs
        ),
        top_q_marginal_contributors=tuple((node_id(node), w) for node, w in trace.queries),
        top_k_marginal_contributors=tuple((node_id(node), w) for node, w in trace.keys),
    )


def contributors(trace: QkTrace) -> Iterator[CrmNode]:
    """Every node that the trace names, as often as it does."""
    for query, key, _ in trace.pairs:
        yield from (query, key)
    for node, _ in (*trace.queries, *trace.keys):
        yield node
