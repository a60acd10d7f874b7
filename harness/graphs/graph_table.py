"""The graphs of one experiment in numbers, as it keeps them beside its rows."""

from harness.record import Record


class GraphEntry(Record):
    """One prompt's graph in numbers."""

    prompt: str
    answer: str
    scores: dict[str, float]
    active_features: int
    seconds: float
    supernodes: dict[str, tuple[tuple[int, int, int], ...]]
    """Layer, position and latent of each member."""


class GraphTable(Record):
    """All graphs of the first seed."""

    graphs: tuple[GraphEntry, ...]
