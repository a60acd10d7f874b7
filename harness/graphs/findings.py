"""What a validator of graph files says: one finding a fault.

Owns the record only; the rules themselves are in the modules that find.
"""

from typing import Literal

from harness.record import Record


class Finding(Record):
    """One thing that is wrong with a graph file, or that a reader of it may trip over."""

    severity: Literal["error", "warning"]
    """`error`: the file is wrong or cannot be opened; `warning`: it opens, but misleads."""
    where: str
    """The JSON path of the fault, such as `nodes[3].qk_tracing_results`."""
    message: str
    """What is wrong, with the value found and the values that are valid."""
    rule: str
    """Which rule was broken: `schema`, `qk`, or the id of a trap such as `T3`."""
