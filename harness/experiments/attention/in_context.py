"""In-context learning: how much better tokens far into a text are predicted than early ones.

The paper subtracts the loss of the 50th token from that of the 500th. Here each is the mean over
the 50 tokens around it, so that tens of texts do for tens of thousands. The control gives the later
tokens no more context than the early ones have.
"""

from collections.abc import Iterator, Mapping
from functools import partial
from typing import NamedTuple, cast

import torch
from jaxtyping import Int
from torch import Tensor

from harness.data.package_text import texts
from harness.experiments.attention.ablation import CONTROLS
from harness.experiments.attention.chosen import Chosen
from harness.experiments.attention.losses import Cut, Losses, Outputs, measure
from harness.experiments.context import Context
from harness.experiments.scored import scored, units_digest
from harness.manifest import DataUsed
from harness.measurement import Measurement
from harness.models.language_model import LanguageModel
from harness.models.tokenization import start_token
from harness.ops.ratios import ratio_scores
from harness.record import HarnessError
from harness.specs import AttentionSpec
from harness.specs.attention import set_name

SCORE = "in_context_learning_score"
LENGTH = 525
EARLY, LATE = range(25, 75), range(475, 525)
"""Windows around the 50th and the 500th token, counted from 0 without the start token."""
_CHARACTERS = 3200
"""A text of that many has 525 tokens, at up to six characters a token."""


class Reading(NamedTuple):
    """Texts cut to one length, each behind the start token where there is one."""

    tokens: Int[Tensor, "text seq"]
    short: Int[Tensor, "text short"]
    """The late window with as much before it as the early one has."""
    start: int
    """Number of start tokens."""
    units: str

    def window(self, places: range) -> range:
        """Places in the whole sequences, of places counted without the start token."""
        return range(places.start + self.start, places.stop + self.start)


def in_context_rows(
    spec: AttentionSpec,
    lm: LanguageModel,
    chosen: Mapping[int, Chosen],
    outputs: Outputs,
    context: Context,
) -> Iterator[Measurement]:
    """The score of the whole model, and with the largest set of heads ablated, patterns kept."""
    reading, controls = _read(spec, lm, context), CONTROLS if spec.patterns else ()
    cuts = {
        (seed, control): Cut.of(each.heads(max(spec.top), control), "kept")
        for seed, each in chosen.items()
        for control in controls
    }
    found = measure(
        lm,
        reading.tokens,
        {"early": reading.window(EARLY), "late": reading.window(LATE)},
        partial(context.progress, "in-context learning"),
        cuts=list(dict.fromkeys(cuts.values())),
        outputs=outputs,
    )
    short = _short_context(lm, reading, context)
    whole, alone = _score(found.whole), short["late"] - found.whole["early"]
    for seed in spec.seeds:
        row = partial(scored, spec, seed=seed, units=reading.units)
        scores = {None: whole, "short_context": alone, "random_heads": whole}
        for control, each in scores.items():
            yield row(SCORE, each, conditions={"ablated": "none"}, control=control)
        for control in controls:
            left = _score(found.cut[cuts[seed, control]])
            named = {"ablated": set_name(max(spec.top))}
            yield row(SCORE, left, conditions=named, control=control)
            removed = ratio_scores(whole - left, whole)
            yield row("in_context_learning_removed", removed, conditions=named, control=control)


def _score(losses: Losses) -> Tensor:
    return losses["late"] - losses["early"]


def _short_context(lm: LanguageModel, reading: Reading, context: Context) -> Losses:
    """Losses of the late window as they are without all that stands far before it."""
    progress = partial(context.progress, "in-context learning, short_context")
    return measure(lm, reading.short, {"late": reading.window(EARLY)}, progress).whole


def _read(spec: AttentionSpec, lm: LanguageModel, context: Context) -> Reading:
    """Raises `HarnessError` for a context that is too short, and for texts of too few tokens."""
    start = start_token(lm)
    if len(start) + LENGTH > lm.context_length:
        raise HarnessError(
            f"experiment {spec.id}: texts: {LENGTH} tokens are read; {lm.ref} reads up to "
            f"{lm.context_length}: set texts: 0"
        )
    drawn = texts(count=spec.texts, least=_CHARACTERS, seed=spec.seeds[0])
    context.data[drawn.name] = DataUsed(
        source=", ".join(f"{name} {version}" for name, version in drawn.packages.items()),
        sha256=drawn.sha256,
        statements=len(drawn.texts),
    )
    ids = torch.tensor([_beginning(lm, text) for text in drawn.texts])
    begin = torch.tensor(start, dtype=ids.dtype).expand(len(ids), -1)
    return Reading(
        tokens=torch.cat([begin, ids], 1).to(lm.device),
        short=torch.cat([begin, ids[:, LATE.start - EARLY.start :]], 1).to(lm.device),
        start=len(start),
        units=units_digest(drawn.texts),
    )


def _beginning(lm: LanguageModel, text: str) -> list[int]:
    """The first tokens; twelve characters for each are certainly enough to read."""
    encoded = lm.tokenizer(text[: 12 * LENGTH], add_special_tokens=False)["input_ids"]
    ids = cast("list[int]", encoded)[:LENGTH]
    if len(ids) < LENGTH:
        raise HarnessError(
            f"package_text: {text[:40]!r}… has {len(ids)} tokens of {lm.ref}; {LENGTH} are needed"
        )
    return ids
