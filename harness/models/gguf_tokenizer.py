"""The SmolLM2 tokenizer, built from the vocabulary and merges inside its GGUF.

transformers' own reading of that GGUF is a Llama tokenizer with `<|im_start|>` as end of sequence,
no padding token, and none of the rule that splits digits; hence this one, by hand:

- byte-level BPE; every digit is a token of its own (`tokenizer.ggml.pre = smollm`).
- padding and end of sequence are `<|im_end|>`, as in the GGUF's header.
- a text starts with `<|im_start|>`. The GGUF's header says `add_bos_token = False`: this is our
  choice and deviates from it. The chat template starts every sequence with that token, and after
  "The capital of Texas is" the first guess is " Austin" at 0.31 with it, " El" at 0.09 without.
"""

from pathlib import Path
from typing import Any

from gguf import GGUFReader
from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers, processors
from transformers import PreTrainedTokenizerFast

BOS = "<|im_start|>"
EOS = "<|im_end|>"
UNKNOWN = "<|endoftext|>"
_CONTROL = 3
"""GGUF token type of special tokens."""


def tokenizer_from_gguf(path: Path) -> PreTrainedTokenizerFast:
    """Read vocabulary, merges, special tokens and chat template from a SmolLM2 GGUF."""
    reader = GGUFReader(path)
    tokens: list[str] = _field(reader, "tokenizer.ggml.tokens")
    types: list[int] = _field(reader, "tokenizer.ggml.token_type")
    special = [token for token, kind in zip(tokens, types, strict=True) if kind == _CONTROL]
    tokenizer = _byte_level_bpe(tokens, _field(reader, "tokenizer.ggml.merges"))
    tokenizer.add_special_tokens([AddedToken(t, special=True, normalized=False) for t in special])
    tokenizer.post_processor = processors.TemplateProcessing(
        single=f"{BOS} $A",
        pair=f"{BOS} $A $B",
        special_tokens=[(BOS, tokens.index(BOS))],
    )
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        bos_token=BOS,
        eos_token=EOS,
        pad_token=EOS,
        unk_token=UNKNOWN,
        padding_side="right",
        clean_up_tokenization_spaces=False,
        model_max_length=_field(reader, "llama.context_length"),
        chat_template=_field(reader, "tokenizer.chat_template"),
    )


def _byte_level_bpe(tokens: list[str], merges: list[str]) -> Tokenizer:
    first, second = zip(*(merge.split(" ", 1) for merge in merges), strict=True)
    vocabulary = {token: number for number, token in enumerate(tokens)}
    bpe = models.BPE(vocab=vocabulary, merges=list(zip(first, second, strict=True)))
    tokenizer = Tokenizer(bpe)
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Digits(individual_digits=True),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True),
        ]
    )
    tokenizer.decoder = decoders.ByteLevel()
    return tokenizer


def _field(reader: GGUFReader, name: str) -> Any:
    field = reader.get_field(name)
    assert field is not None, f"{reader.data.filename}: no {name}"
    return field.contents()
