"""What can be wrong with an experiment of the family `attention`."""

from collections.abc import Iterator

from harness.specs import AttentionSpec


def attention_problems(experiment: AttentionSpec) -> Iterator[str]:
    """Settings that would leave nothing to judge."""
    if experiment.texts == 1:
        yield "texts: one text gives no interval; valid: 0, or 2 and more"
    if experiment.patterns and experiment.ablated_sequences > experiment.sequences:
        yield (
            f"ablated_sequences: {experiment.ablated_sequences} of only {experiment.sequences} "
            f"sequences; valid: 2 to {experiment.sequences}"
        )
    if experiment.ablation == "mean" and not experiment.patterns:
        yield "ablation: mean: nothing is ablated without `patterns`; valid there: kept, recomputed"
