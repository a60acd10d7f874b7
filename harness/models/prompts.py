"""Prompts made of parts to token ids, with the token index of every role."""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple, cast

import torch
from jaxtyping import Int
from torch import Tensor

from harness.data.contrasts import Contrast, Part, text_of
from harness.data.single_token import SingleToken
from harness.models.language_model import LanguageModel
from harness.models.tokenization import tokenize
from harness.record import HarnessError


class Encoded(NamedTuple):
    """A prompt as the model reads it."""

    ids: tuple[int, ...]
    roles: Mapping[str, int]
    """Index of the last token of each part that bears a role; `END` is the last of all."""


class EncodedPairs(NamedTuple):
    """Contrasts whose prompts are equally long and have their roles at the same places."""

    indices: tuple[int, ...]
    """Which of the given contrasts."""
    clean: Int[Tensor, "pair seq"]
    corrupted: Int[Tensor, "pair seq"]
    answers: Int[Tensor, "pair k"]
    foils: Int[Tensor, "pair k"]
    roles: Mapping[str, int]


def single_token(lm: LanguageModel) -> SingleToken:
    """Whether a word with its leading space is one token of this model."""
    return lambda word: len(_word_ids(lm, word)) == 1


def token_id(lm: LanguageModel, word: str) -> int:
    """The id of a word that is one token. Raises `HarnessError` for one that is several."""
    ids = _word_ids(lm, word)
    if len(ids) != 1:
        raise HarnessError(f"{word!r} is {len(ids)} tokens of {lm.ref}; one is needed")
    return ids[0]


def encode(lm: LanguageModel, prompts: Sequence[tuple[Part, ...]]) -> list[Encoded]:
    """Token ids with the model's own start token, and where the roles stand.

    Raises `HarnessError` where a prompt is too long.
    """
    texts = [text_of(parts) for parts in prompts]
    sequences = tokenize(lm, texts)
    spans = cast(
        "list[list[tuple[int, int]]]",
        lm.tokenizer(texts, return_offsets_mapping=True)["offset_mapping"],
    )
    return [
        Encoded(ids, _roles(parts, offsets, len(ids)))
        for ids, parts, offsets in zip(sequences, prompts, spans, strict=True)
    ]


def encode_pairs(lm: LanguageModel, contrasts: Sequence[Contrast]) -> Iterator[EncodedPairs]:
    """Contrasts grouped by template, length and places of their roles.

    Raises `HarnessError` for a pair whose two prompts differ in length or places.
    """
    clean = encode(lm, [each.clean for each in contrasts])
    corrupted = encode(lm, [each.corrupted for each in contrasts])
    groups: dict[tuple[object, ...], list[int]] = {}
    for index, (one, other) in enumerate(zip(clean, corrupted, strict=True)):
        if len(one.ids) != len(other.ids) or one.roles != other.roles:
            raise HarnessError(
                f"pair {index} ({contrasts[index].unit!r}): {len(one.ids)} tokens clean and "
                f"{len(other.ids)} corrupted, or roles at other places; they must align"
            )
        key = (contrasts[index].template, len(one.ids), *one.roles.items())
        groups.setdefault(key, []).append(index)
    for indices in groups.values():
        yield EncodedPairs(
            indices=tuple(indices),
            clean=torch.tensor([clean[i].ids for i in indices]),
            corrupted=torch.tensor([corrupted[i].ids for i in indices]),
            answers=_ids(lm, [contrasts[i].answers for i in indices]),
            foils=_ids(lm, [contrasts[i].foils for i in indices]),
            roles=clean[indices[0]].roles,
        )


def _word_ids(lm: LanguageModel, word: str) -> list[int]:
    return lm.tokenizer.encode(word, add_special_tokens=False)


def _ids(lm: LanguageModel, words: Sequence[tuple[str, ...]]) -> Tensor:
    return torch.tensor([[token_id(lm, word) for word in each] for each in words])


def _roles(
    parts: tuple[Part, ...], offsets: Sequence[tuple[int, int]], length: int
) -> dict[str, int]:
    """The last token that begins before a part's end."""
    found: dict[str, int] = {}
    end = 0
    for part in parts:
        end += len(part.text)
        if part.role is not None:
            found[part.role] = max(
                i for i, (start, stop) in enumerate(offsets) if start < end and stop > start
            )
    return {**found, "END": length - 1}
