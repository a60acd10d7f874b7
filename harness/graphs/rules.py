"""What the rules of the validator have in common: how they tell, and which layer a node is of."""

from harness.graphs.attribution_graph import Node
from harness.graphs.findings import Finding


def error(rule: str, where: str, message: str) -> Finding:
    """The file is wrong, or cannot be opened."""
    return Finding(severity="error", where=where, message=message, rule=rule)


def warning(rule: str, where: str, message: str) -> Finding:
    """The file opens, but misleads."""
    return Finding(severity="warning", where=where, message=message, rule=rule)


def number_of_layer(node: Node) -> int | None:
    """The layer as a number; None for embeddings and for what is no number."""
    text = str(node.layer)
    return int(text) if text.isascii() and text.isdecimal() else None
