"""The catalogue of metrics, one file a family."""

from harness.metrics.attention import ATTENTION
from harness.metrics.circuit_tracing import CIRCUIT_TRACING
from harness.metrics.emotions import EMOTIONS
from harness.metrics.metric import Metric
from harness.metrics.patching import PATCHING
from harness.metrics.probing import PROBING
from harness.metrics.sae_bench import SAE_BENCH
from harness.metrics.steering import STEERING
from harness.problems import did_you_mean
from harness.record import HarnessError

__all__ = ["METRICS", "Metric", "get_metric"]

_ALL = (*PROBING, *ATTENTION, *PATCHING, *STEERING, *SAE_BENCH, *CIRCUIT_TRACING, *EMOTIONS)
METRICS: dict[str, Metric] = {metric.name: metric for metric in _ALL}


def get_metric(name: str) -> Metric:
    """The metric of that name. Raises `HarnessError` with the valid names."""
    if name not in METRICS:
        raise HarnessError(f"unknown metric {name!r}{did_you_mean(name, sorted(METRICS))}")
    return METRICS[name]
