"""Texts to token ids, the same way for every experiment."""

from collections.abc import Sequence
from typing import Literal, cast

from harness.models.language_model import LanguageModel
from harness.record import HarnessError

Position = Literal["last"] | int
"""The last token, or an index into a text's tokens (the BOS is 0), negative from the end."""


def tokenize(lm: LanguageModel, texts: Sequence[str], *, first: int = 0) -> list[tuple[int, ...]]:
    """Token ids of each text, with the tokenizer's own BOS where it adds one, but never twice.

    A text that already starts with the BOS, as a rendered chat does, gets no second one. Raises
    `HarnessError` for a text of no tokens, and for one longer than the model's context; `first`
    is the number that the error gives to the first text.
    """
    if not texts:
        return []
    bos = lm.tokenizer.bos_token_id
    begins = str(lm.tokenizer.bos_token)
    has_bos = [bos is not None and text.startswith(begins) for text in texts]
    encoded = cast(list[list[int]], lm.tokenizer(list(texts))["input_ids"])
    sequences = [
        tuple(ids[1:]) if twice and ids[:2] == [bos, bos] else tuple(ids)
        for ids, twice in zip(encoded, has_bos, strict=True)
    ]
    for index, sequence in enumerate(sequences):
        if not 0 < len(sequence) <= lm.context_length:
            raise HarnessError(
                f"text {first + index} ({texts[index][:40]!r}) has {len(sequence)} tokens; "
                f"{lm.ref} reads 1 to {lm.context_length}"
            )
    return sequences


def start_token(lm: LanguageModel) -> tuple[int, ...]:
    """The id that sequences begin with, alone in a tuple; empty where the tokenizer has none."""
    bos = cast("int | None", lm.tokenizer.bos_token_id)
    return () if bos is None else (bos,)


def up_to(sequence: tuple[int, ...], position: Position) -> tuple[int, ...]:
    """The tokens that the activation at `position` depends on: all up to and including it.

    Raises `HarnessError` where the sequence has no such position.
    """
    if position == "last":
        return sequence
    if not -len(sequence) <= position < len(sequence):
        raise HarnessError(f"position {position}: a text has only {len(sequence)} tokens")
    return sequence[: position % len(sequence) + 1]
