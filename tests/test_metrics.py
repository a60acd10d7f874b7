"""The catalogue as a whole."""

from harness.metrics import (
    METRICS,
    attention,
    circuit_tracing,
    emotions,
    patching,
    probing,
    sae_bench,
    steering,
)

FAMILIES = (
    *(attention.ATTENTION, circuit_tracing.CIRCUIT_TRACING, emotions.EMOTIONS),
    *(patching.PATCHING, probing.PROBING, sae_bench.SAE_BENCH, steering.STEERING),
)


def test_no_two_metrics_share_a_name() -> None:
    names = [metric.name for family in FAMILIES for metric in family]
    assert sorted(names) == sorted(METRICS)
