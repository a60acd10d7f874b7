"""What an experiment draws: sequences of repeated tokens, tokens to copy, random heads.

Every draw has a stream of its own, named by its purpose and seed.
"""

import hashlib
import json
import random
from collections.abc import Sequence
from typing import NamedTuple

import torch
from jaxtyping import Int
from torch import Tensor

from harness.data.repeats import middle, repeated
from harness.experiments.scored import units_digest
from harness.models.head_sets import Head, every_head
from harness.models.language_model import LanguageModel
from harness.models.tokenization import start_token
from harness.record import HarnessError
from harness.specs import AttentionSpec


class Sequences(NamedTuple):
    """Sequences of one length, each with the model's start token where it has one."""

    tokens: Int[Tensor, "sequence seq"]
    start: int
    """Number of tokens before the first block."""
    block: int
    """Tokens of a block."""

    @property
    def units(self) -> str:
        """Digest of the first blocks: a sequence and its shuffled form are one unit."""
        blocks = self.tokens[:, self.start : self.start + self.block].tolist()
        return units_digest(" ".join(map(str, block)) for block in blocks)

    @property
    def sha256(self) -> str:
        """Hash of the token ids, in order."""
        return hashlib.sha256(json.dumps(self.tokens.tolist()).encode()).hexdigest()

    def first(self, count: int) -> "Sequences":
        """The first of them."""
        return self._replace(tokens=self.tokens[:count])


def vocabulary(lm: LanguageModel) -> tuple[int, ...]:
    """Ids that are neither special, nor among the most and least common."""
    special = set(lm.tokenizer.all_special_ids)
    return middle([token for token in range(len(lm.tokenizer)) if token not in special])


def sequences(
    spec: AttentionSpec, lm: LanguageModel, purpose: str, seed: int, *, shuffled: bool = False
) -> Sequences:
    """The sequences of a purpose, `reported` or `selection`; shuffled ones have equal first blocks.

    Raises `HarnessError` where the model cannot read sequences that long.
    """
    start = start_token(lm)
    length = len(start) + spec.block * spec.repeats
    if length > lm.context_length:
        raise HarnessError(
            f"experiment {spec.id}: block {spec.block} x repeats {spec.repeats} makes {length} "
            f"tokens; {lm.ref} reads up to {lm.context_length}"
        )
    rows = repeated(
        vocabulary(lm),
        block=spec.block,
        repeats=spec.repeats,
        sequences=spec.sequences if purpose == "reported" else spec.selection_sequences,
        seed=_stream(purpose, seed),
        shuffled=shuffled,
    )
    tokens = torch.tensor([(*start, *row) for row in rows], device=lm.device)
    return Sequences(tokens, len(start), spec.block)


def copied_tokens(spec: AttentionSpec, lm: LanguageModel) -> Int[Tensor, " token"]:
    """Tokens for the copying score, each once. Raises `HarnessError` where there are too few."""
    known = vocabulary(lm)
    if spec.copied_tokens > len(known):
        raise HarnessError(
            f"experiment {spec.id}: copied_tokens {spec.copied_tokens}: {lm.ref} has {len(known)} "
            "tokens that are neither special nor very common or rare"
        )
    drawn = random.Random(_stream("copied", spec.seeds[0])).sample(known, spec.copied_tokens)
    return torch.tensor(drawn, device=lm.device)


def random_heads(
    spec: AttentionSpec, lm: LanguageModel, best: Sequence[Head], seed: int
) -> tuple[Head, ...]:
    """As many heads as there are best ones, drawn from all others.

    Raises `HarnessError` where there are too few others.
    """
    every = every_head(lm)
    others = [head for head in every if head not in best]
    if len(others) < len(best):
        raise HarnessError(
            f"experiment {spec.id}: top {len(best)}: {lm.ref} has {len(every)} heads, so that "
            f"random sets have {len(others)} others to choose from; valid: up to {len(every) // 2}"
        )
    return tuple(random.Random(_stream("random heads", seed)).sample(others, len(best)))


def _stream(purpose: str, seed: int) -> int:
    return int.from_bytes(hashlib.sha256(f"{purpose} {seed}".encode()).digest()[:7])
