"""Scores of every head: what it attends to on repeated random tokens, and whether it copies."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import NamedTuple

import torch
from jaxtyping import Float, Int
from torch import Tensor

from harness.experiments.attention.draws import Sequences, copied_tokens
from harness.experiments.context import Progress
from harness.experiments.scored import units_digest
from harness.models.attention import patterns
from harness.models.copying import copying_score, run_alone
from harness.models.language_model import LanguageModel
from harness.ops import attention_scores
from harness.specs import AttentionSpec
from harness.specs.attention import HeadScore

Scores = Mapping[HeadScore, Float[Tensor, "unit layer head"]]
BATCH = 10
"""Sequences run at once: about a thousand tokens."""


class HeadScores(NamedTuple):
    """Scores of every unit and head, what they are beside, and which units they are."""

    real: Scores
    shuffled: Scores
    """Attention to the same places where the tokens of later blocks stand in another order."""
    uniform: Mapping[HeadScore, Float[Tensor, " unit"]]
    """What a head scores that attends evenly to all it can see."""
    units: Mapping[HeadScore, str]
    """Digest of the units of each score: sequences, for copying single tokens."""


_OF_PATTERNS: dict[HeadScore, Callable[[Tensor, Tensor], Tensor]] = {
    "prefix_matching": attention_scores.prefix_matching,
    "previous_token": attention_scores.previous_token,
    "duplicate_token": attention_scores.duplicate_token,
}


def score_heads(
    spec: AttentionSpec,
    lm: LanguageModel,
    drawn: Mapping[str | None, Sequences],
    progress: Progress,
) -> HeadScores:
    """All scores that the experiment asks for.

    A head that goes by distance finds the right places in shuffled repeats too; one that goes by
    tokens follows them elsewhere. The previous token is a matter of distance alone.
    """
    read, mixed = drawn[None], drawn["shuffled_tokens"].tokens
    names: list[HeadScore] = [name for name in spec.scores if name in _OF_PATTERNS]
    by_token: list[HeadScore] = [name for name in names if name != "previous_token"]
    step = partial(progress, "attention")
    real = pattern_scores(lm, read.tokens, names, step)
    step = partial(progress, "attention, shuffled_tokens")
    shuffled = pattern_scores(lm, mixed, by_token, step, places_of=read.tokens)
    even = attention_scores.uniform_attention(read.tokens)
    uniform: dict[HeadScore, Tensor] = {
        name: _OF_PATTERNS[name](even, read.tokens)[:, 0] for name in names
    }
    units: dict[HeadScore, str] = dict.fromkeys(real, read.units)
    if "copying" not in spec.scores:
        return HeadScores(real, shuffled, uniform, units)
    ids = copied_tokens(spec, lm)
    scores: Scores = {**real, "copying": _copying_scores(lm, ids, progress)}
    units["copying"] = units_digest(map(str, ids.tolist()))
    return HeadScores(scores, shuffled, uniform, units)


def pattern_scores(
    lm: LanguageModel,
    tokens: Int[Tensor, "sequence seq"],
    names: Sequence[HeadScore],
    progress: Callable[[int, int], None],
    *,
    places_of: Int[Tensor, "sequence seq"] | None = None,
) -> Scores:
    """Scores of every sequence and head; of attention to the places that other tokens name."""
    batches: list[dict[HeadScore, Tensor]] = []
    read = tokens.split(BATCH)
    scored = (tokens if places_of is None else places_of).split(BATCH)
    for done, (batch, named) in enumerate(zip(read, scored, strict=True)):
        progress(done, len(read))
        found = patterns(lm, batch)
        batches.append({name: _by_layer(found, named, _OF_PATTERNS[name]) for name in names})
    progress(len(read), len(read))
    return {name: torch.cat([each[name] for each in batches]) for name in names}


def _copying_scores(
    lm: LanguageModel, ids: Int[Tensor, " token"], progress: Progress
) -> Float[Tensor, "token layer head"]:
    """The copying score of every token and head."""
    alone, layers = run_alone(lm, ids), list[Tensor]()
    for layer in range(lm.n_layers):
        progress("copying scores", layer, lm.n_layers)
        layers.append(copying_score(lm, alone, layer))
    progress("copying scores", lm.n_layers, lm.n_layers)
    return torch.stack(layers, 1)


def _by_layer(
    found: Mapping[int, Tensor], tokens: Tensor, score: Callable[[Tensor, Tensor], Tensor]
) -> Float[Tensor, "sequence layer head"]:
    return torch.stack([score(found[layer], tokens) for layer in sorted(found)], 1)
