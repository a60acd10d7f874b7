"""What the numbers of a run must be before they are its score."""

from collections.abc import Mapping
from math import isfinite

from harness.autoresearch.sandbox.place import RunFailed
from harness.autoresearch.task import Contract


def require_score(metrics: Mapping[str, float], contract: Contract) -> None:
    """Raises `RunFailed` for a metric that is no number, and for an L0 outside of the band."""
    broken = [name for name, value in metrics.items() if not isfinite(value)]
    if broken:
        raise RunFailed("not_finite", f"{', '.join(broken)}: not finite")
    l0, band = metrics["sae_l0"], contract.l0
    if l0 not in band:
        raise RunFailed("l0", f"L0 is {l0:.3f}, outside of {band.low:g} to {band.high:g}")
