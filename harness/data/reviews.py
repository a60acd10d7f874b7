"""Film reviews in pairs, one liking and one disliking: of one sentence, and of several clauses.

Owns the wording and the drawing of words; the words have a file of their own.
"""

import random
import re
from collections.abc import Iterator
from math import perm
from typing import Literal, NamedTuple

from harness.data.contrasts import Contrast, ContrastSet, Part
from harness.data.review_words import (
    ASPECTS,
    NEGATIVE_ADJECTIVES,
    NEGATIVE_ANSWERS,
    NEGATIVE_VERBS,
    POSITIVE_ADJECTIVES,
    POSITIVE_ANSWERS,
    POSITIVE_VERBS,
)
from harness.data.single_token import SingleToken, keep_single
from harness.record import HarnessError

Split = Literal["train", "test"]

LEAST_ADJECTIVES: dict[Split, int] = {"train": 20, "test": 10}
LEAST_VERBS = 3
LEAST_ANSWERS = 3
LEAST_ASPECTS = 6

SHORT = (
    "I thought the{N1} was{J1}, the{N2} was{J2}, and the{N3} was{J3}.",
    "The{N1} was{J1}, the{N2} seemed{J2}, the{N3} was{J3}, and the{N4} felt{J4}.",
    "For me the{N1} was{J1}, I found the{N2}{J2}, and my friends called the{N3}{J3}.",
    "At first the{N1} looked{J1}, then the{N2} was{J2}, and in the end the{N3} was{J3} too.",
    "We saw it last week, the{N1} was{J1}, the{N2} was{J2}, and the{N3} was{J3} as well.",
)
"""Wordings of short reviews: `{N}` an aspect of the film, `{J}` what is said of it."""
_PLACE = re.compile(r"(\{\w+\}|[,.])")


class _Words(NamedTuple):
    """Words of one sign that the model reads as one token."""

    adjectives: tuple[str, ...]
    verbs: tuple[str, ...]
    answers: tuple[str, ...]


def toy(*, part: Split, seed: int, single: SingleToken) -> ContrastSet:
    """One-sentence reviews, as many as the rarer sign has adjectives in `part`; half liking.

    Clean and corrupted differ in adjective and verb. No adjective stands in two pairs, and `unit`
    is the clean one; those of `test` are every third of the lists, whatever the seed and the
    model, so that no direction fitted on `train` has seen them. Answers are the words of the clean
    prompt's sign, foils those of the other; where the model splits one, it and its opposite are
    left out. Roles: adjective, comma, verb, period, END. All prompts have equally many tokens.
    Raises `HarnessError` where the model reads too few words as one token. Source: Tigges et al.
    2023, ToyMovieReview (template and answers from the authors' code); adjectives and verbs are
    our own.
    """
    liking, disliking = _words(part, single)
    rng = random.Random(seed)
    half = min(len(liking.adjectives), len(disliking.adjectives)) // 2
    good = rng.sample(liking.adjectives, 2 * half)
    bad = rng.sample(disliking.adjectives, 2 * half)
    contrasts: list[Contrast] = []
    for index, pair in enumerate(zip(good, bad, strict=True)):
        verbs = (rng.choice(liking.verbs), rng.choice(disliking.verbs))
        sides = [_toy(*words) for words in zip(pair, verbs, strict=True)]
        clean = index % 2
        contrasts.append(
            Contrast(
                clean=sides[clean],
                corrupted=sides[1 - clean],
                answers=(liking, disliking)[clean].answers,
                foils=(disliking, liking)[clean].answers,
                unit=pair[clean].strip(),
                template="toy",
            )
        )
    return ContrastSet(name=f"toy_reviews_{part}", contrasts=tuple(contrasts))


def short(*, size: int, seed: int, single: SingleToken) -> ContrastSet:
    """`size` reviews of three or four clauses, half of them liking in every clause.

    Clean and corrupted speak of the same aspects with adjectives of other sign, all from the
    `test` part of `toy`: none that a direction fitted on its `train` part has seen. `unit` is the
    clean adjectives in their order and never recurs; single adjectives do. The wordings take
    turns. Roles: adjective1, comma1, adjective2 and so on, period, END. All prompts of one wording
    have equally many tokens. Raises `HarnessError` for an odd or too large size, and where the
    model reads too few words as one token. Source: Tigges et al. 2023, zero-shot frame of SST
    (authors' code); the reviews are our own.
    """
    liking, disliking = (words.adjectives for words in _words("test", single))
    aspects = keep_single("aspects of reviews", ASPECTS, single, LEAST_ASPECTS)
    largest = perm(min(len(liking), len(disliking)), 3) // 2 * 2
    if size % 2 or not 2 <= size <= largest:
        raise HarnessError(
            f"short_reviews: size {size} is not possible; valid: even numbers from 2 to {largest}"
        )
    keep_single("answers of short reviews", (" Positive", " Negative"), single, 2)
    rng = random.Random(seed)
    clean_words = [_distinct(words, rng) for words in (liking, disliking)]
    contrasts: list[Contrast] = []
    for index in range(size):
        clean = index % 2
        number = index // 2 % len(SHORT)
        about = rng.sample(aspects, 4)
        adjectives = next(clean_words[clean])[: SHORT[number].count("{J")]
        opposite = rng.sample((disliking, liking)[clean], 4)
        contrasts.append(
            Contrast(
                clean=_short(SHORT[number], about, adjectives),
                corrupted=_short(SHORT[number], about, opposite),
                answers=((" Positive",), (" Negative",))[clean],
                foils=((" Negative",), (" Positive",))[clean],
                unit="|".join(word.strip() for word in adjectives),
                template=f"short-{number}",
            )
        )
    return ContrastSet(name="short_reviews", contrasts=tuple(contrasts))


def _words(part: Split, single: SingleToken) -> tuple[_Words, _Words]:
    """Words of liking and of disliking; as many answers of either, dropped in pairs."""
    answers = [
        pair
        for pair in zip(POSITIVE_ANSWERS, NEGATIVE_ANSWERS, strict=True)
        if all(single(word) for word in pair)
    ]
    if len(answers) < LEAST_ANSWERS:
        raise HarnessError(
            f"answers of toy reviews: {len(answers)} of {len(POSITIVE_ANSWERS)} pairs are single "
            f"tokens of this model; {LEAST_ANSWERS} are needed"
        )
    good, bad = zip(*answers, strict=True)
    return (
        _Words(
            _adjectives("positive", POSITIVE_ADJECTIVES, part, single),
            keep_single("positive verbs", POSITIVE_VERBS, single, LEAST_VERBS),
            good,
        ),
        _Words(
            _adjectives("negative", NEGATIVE_ADJECTIVES, part, single),
            keep_single("negative verbs", NEGATIVE_VERBS, single, LEAST_VERBS),
            bad,
        ),
    )


def _adjectives(
    sign: str, words: tuple[str, ...], part: Split, single: SingleToken
) -> tuple[str, ...]:
    chosen = [word for index, word in enumerate(words) if (index % 3 == 2) == (part == "test")]
    return keep_single(f"{sign} {part} adjectives", chosen, single, LEAST_ADJECTIVES[part])


def _toy(adjective: str, verb: str) -> tuple[Part, ...]:
    return (
        Part("I thought this movie was"),
        Part(adjective, "adjective"),
        Part(",", "comma"),
        Part(" I"),
        Part(verb, "verb"),
        Part(" it"),
        Part(".", "period"),
        Part(" \nConclusion: This movie"),
        Part(" is", "END"),
    )


def _distinct(words: tuple[str, ...], rng: random.Random) -> Iterator[tuple[str, ...]]:
    """Four words in an order whose first three never recur."""
    seen: set[tuple[str, ...]] = set()
    while True:
        drawn = tuple(rng.sample(words, 4))
        if drawn[:3] not in seen:
            seen.add(drawn[:3])
            yield drawn


def _short(
    wording: str, aspects: list[str], adjectives: tuple[str, ...] | list[str]
) -> tuple[Part, ...]:
    parts, commas = [Part("Review Text: ")], 0
    for piece in filter(None, _PLACE.split(wording)):
        if piece.startswith("{N"):
            parts.append(Part(aspects[int(piece[2]) - 1]))
        elif piece.startswith("{J"):
            parts.append(Part(adjectives[int(piece[2]) - 1], f"adjective{piece[2]}"))
        elif piece == ",":
            commas += 1
            parts.append(Part(piece, f"comma{commas}"))
        else:
            parts.append(Part(piece, "period" if piece == "." else None))
    return (*parts, Part(" \nReview Sentiment"), Part(":", "END"))
