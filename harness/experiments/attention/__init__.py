"""The family `attention`: what heads attend to, whether they copy, what is lost without them.

Follows Olsson et al. 2022, "In-context Learning and Induction Heads": prefix matching on repeated
random tokens behind a start token, pattern-preserving ablation, the in-context learning score.
"""

from collections.abc import Iterator

from harness.experiments.attention import chosen as choosing
from harness.experiments.attention.ablation import increase_rows, loss_rows
from harness.experiments.attention.draws import Sequences, sequences
from harness.experiments.attention.head_rows import head_rows
from harness.experiments.attention.in_context import in_context_rows
from harness.experiments.attention.losses import Outputs, mean_outputs, zeros
from harness.experiments.attention.scores import score_heads
from harness.experiments.context import Context
from harness.manifest import DataUsed
from harness.measurement import Measurement
from harness.models.language_model import LanguageModel, load_model
from harness.specs import AttentionSpec


def run(spec: AttentionSpec, context: Context) -> Iterator[Measurement]:
    """Choose heads, then score, ablate and read texts; each kind of number under its control."""
    lm = load_model(spec.model, device=context.device, dtype=spec.dtype)
    context.note_model(spec.model, lm)
    drawn = _draw(spec, lm, context)
    chosen = choosing.choose(spec, lm, context.progress)
    yield from choosing.rows(spec, chosen)
    yield from head_rows(spec, score_heads(spec, lm, drawn, context.progress), chosen)
    yield from loss_rows(spec, lm, drawn, context.progress)
    outputs = _outputs(spec, lm)
    if spec.patterns:
        yield from increase_rows(spec, lm, chosen, drawn[None], outputs, context.progress)
    if spec.texts:
        yield from in_context_rows(spec, lm, chosen, outputs, context)


def _draw(spec: AttentionSpec, lm: LanguageModel, context: Context) -> dict[str | None, Sequences]:
    """The sequences that are reported on, and their shuffled form."""
    seed = spec.seeds[0]
    drawn = {
        None: sequences(spec, lm, "reported", seed),
        "shuffled_tokens": sequences(spec, lm, "reported", seed, shuffled=True),
    }
    for control, each in drawn.items():
        context.data[control or "repeated_tokens"] = DataUsed(
            source=spec.data,
            sha256=each.sha256,
            statements=len(each.tokens),
        )
    return drawn


def _outputs(spec: AttentionSpec, lm: LanguageModel) -> Outputs:
    """What stands in for ablated heads; means are of sequences held apart."""
    if spec.ablation == "zero":
        return zeros(lm)
    apart = sequences(spec, lm, "selection", spec.seeds[0])
    return mean_outputs(lm, apart.tokens, apart.start)
