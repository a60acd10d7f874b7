"""Hand a replication in to Neuronpedia's explorer: its node, and what it replicates.

Running twice changes nothing: a node with our address is written anew, an edge that is there stays.
"""

from collections.abc import Sequence
from typing import Literal, NamedTuple

from harness.explorer.entry import Edge, ExplorerEntry, abstract_page
from harness.explorer.neuronpedia import FoundNode, Neuronpedia, ServiceError
from harness.record import HarnessError


class Relation(NamedTuple):
    """What became of one edge."""

    type: str
    target: str
    """Address of the paper."""
    outcome: Literal["made", "there already", "the paper has no node"]


class Submitted(NamedTuple):
    """What the service holds now."""

    node: int
    outcome: Literal["made", "updated"]
    relations: Sequence[Relation]

    @property
    def whole(self) -> bool:
        """Whether every edge stands."""
        return all(each.outcome != "the paper has no node" for each in self.relations)


def submit(entry: ExplorerEntry, service: Neuronpedia) -> Submitted:
    """Make or update the node, then its edges.

    Raises `HarnessError` for a key that is refused, `ServiceError` for what the service does.
    """
    if entry.node.mainUrl is None:
        raise HarnessError("mainUrl: the address of the published folder is needed")
    nodes = service.nodes()
    ours = _at(nodes, str(entry.node.mainUrl))
    node = service.update_node(ours, entry.node) if ours else service.new_node(entry.node)
    relations = [_relate(service, nodes, node, edge, fresh=not ours) for edge in entry.edges]
    return Submitted(node, "updated" if ours else "made", relations)


def _relate(
    service: Neuronpedia, nodes: Sequence[FoundNode], node: int, edge: Edge, *, fresh: bool
) -> Relation:
    address = str(edge.targetMainUrl)
    target = _at(nodes, address)
    if target is None:
        return Relation(edge.type, address, "the paper has no node")
    if not fresh and service.has_edge(node, target, edge.type):
        return Relation(edge.type, address, "there already")
    service.new_edge(node, target, edge.type)
    return Relation(edge.type, address, "made")


def _at(nodes: Sequence[FoundNode], address: str) -> int | None:
    """The one node at an address; two would leave it to chance which is meant."""
    wanted = _same_page(address)
    found = [each.id for each in nodes if each.mainUrl and _same_page(each.mainUrl) == wanted]
    if len(found) > 1:
        ids = ", ".join(map(str, found))
        raise ServiceError(f"node/list: nodes {ids} have the address {address}; remove all but one")
    return found[0] if found else None


def _same_page(address: str) -> str:
    """As the service takes two addresses for one page."""
    return abstract_page(address).rstrip("/").removeprefix("https://").removeprefix("http://")
