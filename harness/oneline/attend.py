"""What heads attend to on one prompt, and whether they repeat what followed before."""

from collections.abc import Iterator

import torch
from jaxtyping import Float, Int
from pydantic import NonNegativeInt
from torch import Tensor

from harness.data.repeats import middle, repeated
from harness.models.attention import patterns
from harness.models.language_model import LanguageModel
from harness.oneline.prompt import head_of, layer_of, read_prompt
from harness.ops.attention_scores import duplicate_token, prefix_matching, previous_token
from harness.record import HarnessError, Record

SEQUENCES, BLOCK, REPEATS = 4, 25, 4
"""Of the repeated random tokens that induction is scored on."""
MOST_TOKENS = 96
"""Of a prompt whose pattern is shown; a larger picture cannot be read."""


class HeadScores(Record):
    """Scores of one head; fractions of its attention, each a mean over tokens of the prompt."""

    layer: NonNegativeInt
    head: NonNegativeInt
    induction: float
    """Prefix matching on repeated random tokens, not on the prompt."""
    previous_token: float | None
    """To the token just before; `None` in a prompt of one word."""
    duplicate_token: float | None
    """To earlier occurrences of the same token; `None` where no token comes twice."""
    first_token: float
    """To the first token, the start token where the model has one."""
    entropy_bits: float
    """Of the pattern's rows: 0 where all attention is on one token."""


class Attend(Record):
    """Every head's scores on one prompt."""

    prompt: str
    tokens: tuple[str, ...]
    heads: tuple[HeadScores, ...]


class Pattern(Record):
    """The attention pattern of one head on one prompt."""

    prompt: str
    tokens: tuple[str, ...]
    scores: HeadScores
    pattern: tuple[tuple[float, ...], ...]
    """Rows are queries and sum to 1; the key comes second."""


def attend(lm: LanguageModel, prompt: str, *, seed: int = 0) -> Attend:
    """Score every head. `seed` draws the random tokens of the induction score.

    The start token asks nothing, and attention to it counts only in `first_token`. Raises
    `HarnessError` for a prompt that the model cannot read, or one of a single token.
    """
    read = read_prompt(lm, prompt)
    found = patterns(lm, read.ids)
    return Attend(
        prompt=prompt, tokens=read.tokens, heads=tuple(_scores(lm, read.ids, found, seed))
    )


def attention_pattern(
    lm: LanguageModel, prompt: str, *, layer: int, head: int, seed: int = 0
) -> Pattern:
    """One head's pattern with its scores.

    Raises `HarnessError` for a head that the model lacks and a prompt too long to be shown.
    """
    layer, head = layer_of(lm, layer), head_of(lm, head)
    read = read_prompt(lm, prompt)
    if len(read.tokens) > MOST_TOKENS:
        raise HarnessError(
            f"a pattern of {len(read.tokens)} tokens cannot be shown; at most {MOST_TOKENS}, or "
            "leave --layer and --head out for the scores of all heads"
        )
    found = patterns(lm, read.ids, [layer])
    (scores,) = (each for each in _scores(lm, read.ids, found, seed) if each.head == head)
    rows = found[layer][0, head].float().cpu()
    return Pattern(
        prompt=prompt,
        tokens=read.tokens,
        scores=scores,
        pattern=tuple(tuple(map(_rounded, row.tolist())) for row in rows),
    )


def _scores(
    lm: LanguageModel, ids: Int[Tensor, "1 seq"], found: dict[int, Tensor], seed: int
) -> Iterator[HeadScores]:
    if ids.shape[1] < 2:
        raise HarnessError("the prompt is one token: there is nothing to attend to")
    words = ids[:, 1:] if int(ids[0, 0]) == lm.tokenizer.bos_token_id else ids
    start = ids.shape[1] - words.shape[1]
    twice = len(set(words[0].tolist())) < words.shape[1]
    induction = _induction(lm, seed, list(found))
    for layer in sorted(found):
        pattern = found[layer].float().cpu()
        among = pattern[:, :, start:, start:]
        previous = previous_token(among, words)[0] if words.shape[1] > 1 else None
        duplicate = duplicate_token(among, words)[0] if twice else None
        first, entropy = pattern[0, :, 1:, 0].mean(-1), _entropy_bits(pattern[0, :, 1:]).mean(-1)
        for head in range(pattern.shape[1]):
            yield HeadScores(
                layer=layer,
                head=head,
                induction=_rounded(float(induction[layer][head])),
                previous_token=None if previous is None else _rounded(float(previous[head])),
                duplicate_token=None if duplicate is None else _rounded(float(duplicate[head])),
                first_token=_rounded(float(first[head])),
                entropy_bits=_rounded(float(entropy[head])),
            )


def _induction(lm: LanguageModel, seed: int, layers: list[int]) -> dict[int, Tensor]:
    """Mean prefix matching [n_heads] by layer, on random tokens after the start token."""
    special = set(lm.tokenizer.all_special_ids)
    ordinary = [each for each in lm.tokenizer.get_vocab().values() if each not in special]
    rows = repeated(middle(ordinary), block=BLOCK, repeats=REPEATS, sequences=SEQUENCES, seed=seed)
    start = lm.tokenizer.bos_token_id
    tokens = torch.tensor([row if start is None else (start, *row) for row in rows])
    found = patterns(lm, tokens, layers)
    return {
        layer: prefix_matching(each.float().cpu(), tokens).mean(0) for layer, each in found.items()
    }


def _entropy_bits(pattern: Float[Tensor, "*rows key"]) -> Float[Tensor, "*rows"]:
    return -(pattern * pattern.clamp_min(1e-30).log2()).sum(-1)


def _rounded(value: float) -> float:
    """Four digits are more than a single prompt tells."""
    return round(value, 4)
