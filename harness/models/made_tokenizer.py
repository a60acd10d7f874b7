"""A tokenizer whose tokens are the words and the signs of given texts."""

import re
from collections.abc import Iterable, Sequence
from typing import cast

import torch
from jaxtyping import Int
from tokenizers import Tokenizer, models, pre_tokenizers, processors
from torch import Tensor
from transformers import PreTrainedTokenizerFast

PAD, BOS, EOS, UNKNOWN = "<pad>", "<s>", "</s>", "<unk>"
# The BOS is not number 0: circuit-tracer takes an id of 0 for none and sets another one before.
_SPECIAL = (PAD, BOS, EOS, UNKNOWN)
_WORD = re.compile(r"\w+|[^\w\s]+")


def word_tokenizer(texts: Iterable[str], *, context_length: int) -> PreTrainedTokenizerFast:
    """One token a word or run of signs, whatever space stands before; `<s>` begins each text.

    Words are numbered in alphabetical order, after the special ones. One that no text holds is
    read as `<unk>`.
    """
    words = sorted({word for text in texts for word in _WORD.findall(text)})
    vocabulary = {word: number for number, word in enumerate((*_SPECIAL, *words))}
    tokenizer = Tokenizer(models.WordLevel(vocab=vocabulary, unk_token=UNKNOWN))
    # Splits as _WORD does.
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.post_processor = processors.TemplateProcessing(
        single=f"{BOS} $A", special_tokens=[(BOS, vocabulary[BOS])]
    )
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        pad_token=PAD,
        bos_token=BOS,
        eos_token=EOS,
        unk_token=UNKNOWN,
        padding_side="right",
        model_max_length=context_length,
        clean_up_tokenization_spaces=False,
    )


def token_rows(tokenizer: PreTrainedTokenizerFast, texts: Sequence[str]) -> Int[Tensor, "text seq"]:
    """Ids of whole texts, each with `<s>` before and `</s>` behind, padded on the right."""
    encoded = cast("list[list[int]]", tokenizer(list(texts))["input_ids"])
    rows = [torch.tensor([*ids, tokenizer.eos_token_id]) for ids in encoded]
    padding = cast(int, tokenizer.pad_token_id)
    return torch.nn.utils.rnn.pad_sequence(rows, batch_first=True, padding_value=padding)
