"""Replicate the claims of mechanistic-interpretability papers and judge them."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from harness.api import Result, open_replication, replicate

__all__ = ["Result", "open_replication", "replicate"]


def __getattr__(name: str) -> Any:
    """Load the Python API on first use, so that the command line starts at once."""
    if name not in __all__:
        raise AttributeError(f"module 'harness' has no attribute {name!r}")
    from harness import api

    return getattr(api, name)
