"""Steer one prompt: a difference of means added to the residual stream, and what comes of it.

The vector is neither fitted on nor added to attention sinks. Beside it stand the unsteered model,
the negated vector, and random vectors of equal length.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Literal, NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor

from harness.models.generation import Sampling, continuations
from harness.models.hookpoints import Hookpoint
from harness.models.language_model import LanguageModel
from harness.models.tokenization import tokenize
from harness.models.vector_file import read_vector
from harness.oneline.dose import NextToken, RandomBand
from harness.oneline.effects import Added, perplexity, residual_norm
from harness.oneline.prompt import layer_of, read_prompt
from harness.oneline.vector import difference_of_means
from harness.ops.directions import random_direction
from harness.record import HarnessError, Record

Direction = Literal["none", "steered", "negated", "random"]
SHARES = (0.1, 0.2, 0.4)
"""Lengths that are added where no coefficient is given, as shares of the residual stream's."""
DEPTH = 0.6
"""Where the vector is added if no layer is given; on SmolLM2 fluency lasts longest there."""
RANDOM_DIRECTIONS = 8
"""Random vectors that the band of the dose-response curve spans."""
NEUTRAL = (
    "The library opens at nine and closes at six. Readers can borrow up to five books for three "
    "weeks. New books stand on the shelf next to the door, and older ones are kept in the cellar."
)
"""Text of no topic, for the damage that an intervention does."""


class Steered(Record):
    """One way to continue the prompt."""

    direction: Direction
    coefficient: float
    """Times the vector's own length; 0 for `none`."""
    continuation: str
    kl_nats: float
    """From the unsteered to this next-token distribution at the end of the prompt."""
    lean: float | None
    """Mean logit there of the tokens that only the positive texts hold, less that of those that
    only the negative ones hold; `None` where they hold the same tokens."""
    neutral_perplexity: float
    """Of a neutral text under the same intervention."""


class Steer(Record):
    """Continuations side by side, and what each does to the model."""

    prompt: str
    positive: tuple[str, ...]
    negative: tuple[str, ...]
    layer: int
    """The vector is read from and added to `resid_post` of this layer, wherever no sink is."""
    vector_norm: float
    residual_norm: float
    """Median over the prompt's tokens that are no sinks."""
    tokens: int
    temperature: float
    ways: tuple[Steered, ...]
    """Unsteered first, then by coefficient."""
    random: tuple[RandomBand, ...]


class Wanted(NamedTuple):
    """What is asked of the steering, besides the texts."""

    coefficients: Sequence[float] = ()
    """Times the vector; where none is given, such that `SHARES` are added."""
    layer: int | None = None
    sampling: Sampling = Sampling(tokens=30, temperature=0.0)
    seed: int = 0
    vector: Path | None = None
    """A safetensors file with a tensor named like the hookpoint, added instead."""


def steer(
    lm: LanguageModel,
    prompt: str,
    positive: Sequence[str],
    negative: Sequence[str],
    wanted: Wanted | None = None,
) -> Steer:
    """Continue a prompt with and without the mean of `positive` less the mean of `negative`.

    Or, where `wanted` names a file, with and without its vector. Raises `HarnessError` for no texts
    of either kind, one that is nothing but a sink, equal means, a file without the vector,
    coefficients that are not above 0, and a layer that the model lacks.
    """
    wanted = wanted or Wanted()
    _check(positive, negative, wanted)
    layer = int(DEPTH * lm.n_layers) if wanted.layer is None else layer_of(lm, wanted.layer)
    point = Hookpoint("resid_post", layer)
    vector = _vector(lm, point, (positive, negative), wanted.vector)
    ids = read_prompt(lm, prompt).ids
    length = residual_norm(lm, ids, point)
    coefficients = _coefficients(wanted, float(vector.norm()), length)
    generator = torch.Generator().manual_seed(wanted.seed)
    drawn = random_direction(vector.expand(RANDOM_DIRECTIONS, -1), generator)
    next_token = NextToken.of(lm, ids, point, (positive, negative))
    return Steer(
        prompt=prompt,
        positive=tuple(positive),
        negative=tuple(negative),
        layer=layer,
        vector_norm=round(float(vector.norm()), 2),
        residual_norm=round(length, 2),
        tokens=wanted.sampling.tokens,
        temperature=wanted.sampling.temperature,
        ways=tuple(
            _continued(next_token, _ways(vector, drawn[0], coefficients), wanted, generator)
        ),
        random=tuple(next_token.bands(drawn, coefficients)),
    )


def _vector(
    lm: LanguageModel,
    point: Hookpoint,
    texts: tuple[Sequence[str], Sequence[str]],
    file: Path | None,
) -> Float[Tensor, " d_model"]:
    if file is None:
        return difference_of_means(lm, point, *texts)
    vector = read_vector(lm, file, point)
    if not bool(vector.any()):
        raise HarnessError(f"{file.name}: {point} is all zero: there is no direction")
    return vector


class _Way(NamedTuple):
    direction: Direction
    coefficient: float
    vector: Float[Tensor, " d_model"]
    """As it is added."""


def _ways(
    vector: Float[Tensor, " d_model"],
    drawn: Float[Tensor, " d_model"],
    coefficients: Sequence[float],
) -> list[_Way]:
    found = [_Way("none", 0.0, torch.zeros_like(vector))]
    for c in coefficients:
        found += [_Way("steered", c, c * vector), _Way("negated", -c, -c * vector)]
        found.append(_Way("random", c, c * drawn))
    return found


def _continued(
    at: NextToken, ways: Sequence[_Way], wanted: Wanted, generator: torch.Generator
) -> Iterator[Steered]:
    """All ways in one batch."""
    added = Added(at.point, torch.stack([each.vector for each in ways]))
    prompts = [tuple(at.ids[0].tolist())] * len(ways)
    said = continuations(at.lm, prompts, wanted.sampling, generator, {at.point: added.edit})
    kl, leans = at.moved(added.vectors)
    damage = perplexity(at.lm, torch.tensor(tokenize(at.lm, [NEUTRAL])), added)
    for place, (way, ids) in enumerate(zip(ways, said, strict=True)):
        yield Steered(
            direction=way.direction,
            coefficient=way.coefficient,
            continuation=at.lm.tokenizer.decode(list(ids)),
            kl_nats=kl[place],
            lean=None if leans is None else leans[place],
            neutral_perplexity=round(float(damage[place]), 3),
        )


def _coefficients(wanted: Wanted, vector_norm: float, residual_norm: float) -> list[float]:
    """Those given, or round numbers near the usual shares."""
    usual = [float(f"{share * residual_norm / vector_norm:.2g}") for share in SHARES]
    return sorted(wanted.coefficients) or usual


def _check(positive: Sequence[str], negative: Sequence[str], wanted: Wanted) -> None:
    for name, texts in (("positive", positive), ("negative", negative)):
        if not texts and wanted.vector is None:
            raise HarnessError(f"no {name} texts: give --{name} or --{name}-file, or --vector")
    wrong = [c for c in wanted.coefficients if not 0 < c < float("inf")]
    if wrong:
        raise HarnessError(
            f"coefficients {wrong}: give numbers above 0; the negated vector always stands beside"
        )
    if wanted.sampling.tokens < 1:
        raise HarnessError(f"tokens {wanted.sampling.tokens}: at least 1")
    if wanted.sampling.temperature < 0:
        raise HarnessError(f"temperature {wanted.sampling.temperature}: at least 0")
