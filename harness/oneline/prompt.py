"""One prompt as the model reads it, and the words that stand in a command beside it."""

from typing import NamedTuple, cast

import torch
from jaxtyping import Int
from torch import Tensor

from harness.models.language_model import LanguageModel
from harness.models.tokenization import tokenize
from harness.record import HarnessError


class Prompt(NamedTuple):
    """Token ids with the model's own start token, and each token as text."""

    ids: Int[Tensor, "1 seq"]
    tokens: tuple[str, ...]


def read_prompt(lm: LanguageModel, text: str) -> Prompt:
    """Raises `HarnessError` for a text of no tokens, or more than the model reads."""
    (sequence,) = tokenize(lm, [text])
    return Prompt(torch.tensor([sequence]), tuple(token_text(lm, each) for each in sequence))


def place_of(prompt: Prompt, position: int) -> int:
    """An index from the start or the end as one from the start.

    Raises `HarnessError` where the prompt has no such position.
    """
    count = len(prompt.tokens)
    if not -count <= position < count:
        raise HarnessError(
            f"position {position}: the prompt has {count} tokens; valid: {-count} to {count - 1}"
        )
    return position % count


def token_text(lm: LanguageModel, token: int) -> str:
    """A token by itself; what is part of a character shows as a replacement sign."""
    return lm.tokenizer.decode([token], clean_up_tokenization_spaces=False)


def single_id(lm: LanguageModel, word: str, option: str) -> int:
    """The id of a word that is one token; its leading space counts.

    Raises `HarnessError`, with the word's tokens and a near word that would do, for any other.
    """
    ids = _ids(lm, word)
    if len(ids) == 1:
        return ids[0]
    pieces = [token_text(lm, each) for each in ids]
    spaced = f" {word}"
    hint = f"; did you mean {spaced!r}?" if len(_ids(lm, spaced)) == 1 else ""
    first = f"; its first token is {pieces[0]!r}" if pieces and not hint else ""
    raise HarnessError(
        f"{option} {word!r} is {len(ids)} tokens of {lm.ref} ({pieces}) and must be one"
        f"{hint or first}"
    )


def layer_of(lm: LanguageModel, layer: int) -> int:
    """The layer itself. Raises `HarnessError` where the model has none of that number."""
    if not 0 <= layer < lm.n_layers:
        raise HarnessError(f"layer {layer}: {lm.ref} has layers 0 to {lm.n_layers - 1}")
    return layer


def head_of(lm: LanguageModel, head: int) -> int:
    """The head itself. Raises `HarnessError` where a layer has none of that number."""
    if not 0 <= head < lm.n_heads:
        raise HarnessError(f"head {head}: a layer of {lm.ref} has heads 0 to {lm.n_heads - 1}")
    return head


def _ids(lm: LanguageModel, word: str) -> list[int]:
    return cast("list[int]", lm.tokenizer(word, add_special_tokens=False)["input_ids"])
