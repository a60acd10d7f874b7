"""The logit lens: what each layer's residual stream would say if it were the last one's.

Source: nostalgebraist, "interpreting GPT: the logit lens" (2020).
"""

from typing import Literal

import torch
from jaxtyping import Float
from torch import Tensor

from harness.models.language_model import LanguageModel
from harness.models.resume import run_base
from harness.models.unembed import logits
from harness.oneline.prompt import Prompt, place_of, read_prompt, single_id, token_text
from harness.record import HarnessError, Record

COLUMNS = 14
"""Positions of the map: these many up to the one that is read."""
Depth = int | Literal["embed"]
"""After which block; `embed` is the stream that enters the first."""


class Guess(Record):
    """A next token with its probability."""

    token: str
    probability: float


class Reading(Record):
    """What one depth says at the position that is read."""

    layer: Depth
    top: tuple[Guess, ...]
    """Likeliest first."""
    answer_rank: int
    """1 where nothing else is as likely as the answer."""
    answer_probability: float


class Lens(Record):
    """Every layer's guesses; the last layer's are the model's own."""

    prompt: str
    tokens: tuple[str, ...]
    position: int
    answer: str
    readings: tuple[Reading, ...]
    columns: tuple[int, ...]
    """Positions of the map."""
    map: tuple[tuple[Guess, ...], ...]
    """The likeliest token, by depth and column."""


def lens(
    lm: LanguageModel, prompt: str, *, top: int = 5, position: int = -1, answer: str | None = None
) -> Lens:
    """Final norm and unembedding on the residual stream at every depth.

    The answer is the model's own likeliest token where none is given. Raises `HarnessError` for a
    position that the prompt lacks, an answer of several tokens, or fewer than one top token.
    """
    if not 1 <= top <= lm.hf.config.vocab_size:
        raise HarnessError(f"top {top}: valid: 1 to {lm.hf.config.vocab_size}")
    read = read_prompt(lm, prompt)
    place = place_of(read, position)
    streams = run_base(lm, read.ids).resid
    wanted = None if answer is None else single_id(lm, answer, "answer")
    if wanted is None:
        wanted = int(_probabilities(lm, streams[-1][0, place]).argmax())
    columns = _columns(read, place)
    depths: list[Depth] = ["embed", *range(lm.n_layers)]
    found = [_probabilities(lm, stream[0, list(columns)]) for stream in streams]
    here = columns.index(place)
    return Lens(
        prompt=prompt,
        tokens=read.tokens,
        position=place,
        answer=token_text(lm, wanted),
        readings=tuple(
            _reading(lm, depth, each[here], top, wanted)
            for depth, each in zip(depths, found, strict=True)
        ),
        columns=columns,
        map=tuple(tuple(_top(lm, row, 1)[0] for row in each) for each in found),
    )


@torch.inference_mode()
def _probabilities(
    lm: LanguageModel, resid: Float[Tensor, "*rows d_model"]
) -> Float[Tensor, "*rows vocab"]:
    return logits(lm, resid).float().softmax(-1).cpu()


def _columns(prompt: Prompt, place: int) -> tuple[int, ...]:
    start = max(0, place + 1 - COLUMNS)
    return tuple(range(start, min(start + COLUMNS, len(prompt.tokens))))


def _reading(
    lm: LanguageModel, layer: Depth, row: Float[Tensor, " vocab"], top: int, answer: int
) -> Reading:
    return Reading(
        layer=layer,
        top=_top(lm, row, top),
        answer_rank=int((row >= row[answer]).sum()),
        answer_probability=float(row[answer]),
    )


def _top(lm: LanguageModel, row: Float[Tensor, " vocab"], count: int) -> tuple[Guess, ...]:
    best = row.topk(count)
    return tuple(
        Guess(token=token_text(lm, int(token)), probability=float(probability))
        for probability, token in zip(best.values, best.indices, strict=True)
    )
