"""What can be wrong with an experiment of the family `attention`."""

from collections.abc import Iterator

from harness.specs import AttentionSpec


def attention_problems(experiment: AttentionSpec) -> Iterator[str]:
    """Settings that would leave nothing to judge."""
    if experiment.texts == 1:
        yield "texts: one text gives no interval; valid: 0, or 2 and more"
    if experiment.ablation == "mean" and not experiment.patterns:
        yield "ablation: mean: nothing is ablated without `patterns`; valid there: kept, recomputed"
