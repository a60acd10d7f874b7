"""Losses on repeated random tokens, and by how much ablating heads raises them."""

from collections.abc import Iterator, Mapping
from functools import partial
from itertools import product

from torch import Tensor

from harness.experiments.attention.chosen import Chosen
from harness.experiments.attention.draws import Sequences
from harness.experiments.attention.losses import (
    Cut,
    Measured,
    Outputs,
    Windows,
    measure,
)
from harness.experiments.context import Progress
from harness.experiments.scored import scored
from harness.measurement import Measurement
from harness.models.language_model import LanguageModel
from harness.specs import AttentionSpec
from harness.specs.attention import set_name

CONTROLS = (None, "random_heads")


def loss_rows(
    spec: AttentionSpec,
    lm: LanguageModel,
    drawn: Mapping[str | None, Sequences],
    progress: Progress,
) -> Iterator[Measurement]:
    """Losses of the whole model by block, of repeats and of shuffled repeats."""
    for control, each in drawn.items():
        step = partial(progress, "losses" if control is None else f"losses, {control}")
        found = measure(lm, each.tokens, windows(spec, each), step)
        for block, losses in found.whole.items():
            yield scored(
                spec,
                "next_token_loss",
                losses,
                seed=spec.seeds[0],
                conditions={"block": block},
                control=control,
                units=each.units,
            )


def increase_rows(
    spec: AttentionSpec,
    lm: LanguageModel,
    chosen: Mapping[int, Chosen],
    reported: Sequences,
    outputs: Outputs,
    progress: Progress,
) -> Iterator[Measurement]:
    """Loss with heads ablated minus the whole model's, on the first of the sequences."""
    reported = reported.first(spec.ablated_sequences)
    cuts = [
        Cut.of(each.heads(size, control), patterns)
        for each in chosen.values()
        for size, patterns, control in product(spec.top, spec.patterns, CONTROLS)
    ]
    found = measure(
        lm,
        reported.tokens,
        windows(spec, reported),
        partial(progress, "ablating heads"),
        cuts=list(dict.fromkeys(cuts)),
        outputs=outputs,
    )
    for seed, size, patterns, control in product(chosen, spec.top, spec.patterns, CONTROLS):
        cut = Cut.of(chosen[seed].heads(size, control), patterns)
        for block, increase in _increases(found, cut).items():
            conditions = {
                "heads": set_name(size),
                "ablation": spec.ablation,
                "patterns": patterns,
                "block": block,
            }
            yield scored(
                spec,
                "loss_increase",
                increase,
                seed=seed,
                conditions=conditions,
                control=control,
                units=reported.units,
            )


def windows(spec: AttentionSpec, drawn: Sequences) -> Windows:
    """The tokens of the first block, and of all later ones; the very first of all has no loss."""
    begin, end = drawn.start, drawn.start + spec.block * spec.repeats
    return {
        "first": range(max(begin, 1), begin + spec.block),
        "later": range(begin + spec.block, end),
    }


def _increases(found: Measured, cut: Cut) -> Mapping[str, Tensor]:
    return {block: found.cut[cut][block] - whole for block, whole in found.whole.items()}
