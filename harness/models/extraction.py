"""Texts to activations at hookpoints: the hot path.

Identical texts and shared prefixes are computed once, the forward stops after the last hookpoint
that is needed, no logits are computed, and texts stream in shards, each kept in the activation
cache where there is one.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

import torch
from torch import Tensor

from harness.models.activation_cache import has_entry, read_tensor, shard_key, write_entry
from harness.models.forward import read_ends
from harness.models.hookpoints import Hookpoint, site_of
from harness.models.hooks import hooked_modules
from harness.models.language_model import LanguageModel
from harness.models.packing import PackedBatch, Tokens, pack_padded, pack_tree
from harness.models.tokenization import Position, tokenize, up_to
from harness.record import HarnessError

Packing = Literal["tree", "padded"]
Progress = Callable[[int, int], None]
"""Called with the number of texts done and the number of all."""

SHARD_TEXTS = 2048
"""Texts that are held, computed and cached together, at most."""
SHARD_BYTES = 2**28
"""Activations that are held before they go to the cache."""
BATCH_TOKENS = {"cpu": 576, "mps": 4096, "cuda": 16384}
"""Tokens a forward pass, where the caller does not say. Measured on the processor only."""


@dataclass(frozen=True)
class _Plan:
    """How activations are computed, whatever the texts."""

    lm: LanguageModel
    hookpoints: tuple[Hookpoint, ...]
    packing: Packing
    batch_tokens: int
    folder: Path | None

    def compute(self, sequences: list[Tokens], progress: Progress) -> dict[Hookpoint, Tensor]:
        """Activations at the end of each sequence, equal sequences computed once."""
        if self.folder is not None and (hooked := hooked_modules(self.lm.hf)):
            raise HarnessError(
                f"extraction into a cache while hooks are on {hooked[:3]}: changed activations "
                "would be kept as the model's own; leave intervene() first, or pass cache=None"
            )
        number = {sequence: index for index, sequence in enumerate(dict.fromkeys(sequences))}
        found: dict[Hookpoint, Tensor] = {}
        done = 0
        for batch in self._pack(list(number)):
            for hookpoint, ends in read_ends(self.lm, batch, self.hookpoints).items():
                shape = (len(number), *ends.shape[1:])
                rows = found.setdefault(hookpoint, torch.empty(shape, dtype=ends.dtype))
                rows[batch.sequences] = ends.cpu()
            done += len(batch.sequences)
            progress(done * len(sequences) // len(number), len(sequences))
        if len(number) == len(sequences):
            return found
        order = torch.tensor([number[sequence] for sequence in sequences])
        return {hookpoint: rows[order] for hookpoint, rows in found.items()}

    def _pack(self, sequences: list[Tokens]) -> Iterator[PackedBatch]:
        """A sliding window counts places in the row, so a tree is right only where all fits in."""
        window: int | None = getattr(self.lm.hf.config, "sliding_window", None)
        fits = window is None or max(map(len, sequences)) <= window
        pack = pack_tree if self.packing == "tree" and fits else pack_padded
        return pack(sequences, self.batch_tokens)


@dataclass(frozen=True)
class _Shard:
    """Consecutive texts: their activations, or where those lie and how to obtain them again."""

    plan: _Plan
    sequences: list[Tokens]
    key: str
    kept: dict[Hookpoint, Tensor] = field(default_factory=dict[Hookpoint, Tensor])

    def read(self, hookpoint: Hookpoint) -> Tensor:
        if hookpoint in self.kept:
            return self.kept[hookpoint]
        assert self.plan.folder is not None, "neither kept nor cached"
        tensor = read_tensor(self.plan.folder, self.key, hookpoint)
        if tensor is not None:
            return tensor
        computed = self.plan.compute(self.sequences, lambda _done, _all: None)
        write_entry(self.plan.folder, self.key, computed)
        return computed[hookpoint]


class Activations:
    """Activations of texts in their given order, read from the cache when asked for."""

    def __init__(self, shards: Sequence[_Shard], hookpoints: tuple[Hookpoint, ...]) -> None:
        self._shards = shards
        self.hookpoints = hookpoints
        self.n_texts = sum(len(shard.sequences) for shard in shards)

    def __getitem__(self, hookpoint: Hookpoint) -> Tensor:
        """[n_texts, d_model], for `z` [n_texts, n_heads, d_head]; the model's dtype, on the CPU."""
        return torch.cat(list(self.shards(hookpoint)))

    def shards(self, hookpoint: Hookpoint) -> Iterator[Tensor]:
        """As `[hookpoint]`, but some texts at a time, for what does not fit into memory.

        Raises `HarnessError` for a hookpoint that was not extracted.
        """
        if hookpoint not in self.hookpoints:
            raise HarnessError(
                f"{hookpoint} was not extracted; valid: {list(map(str, self.hookpoints))}"
            )
        return (shard.read(hookpoint) for shard in self._shards)


def extract(
    lm: LanguageModel,
    texts: Sequence[str],
    hookpoints: Sequence[Hookpoint],
    *,
    position: Position = "last",
    cache: Path | None = None,
    packing: Packing = "tree",
    batch_tokens: int | None = None,
    progress: Progress | None = None,
) -> Activations:
    """Activations of one token of every text at every hookpoint.

    With a `cache` folder the memory needed does not grow with the number of texts; should the
    disk be full, it warns once and keeps them in memory. Numbers do not depend on `packing` beyond
    rounding (1e-4 of the largest activation in float32). Raises `HarnessError` for no texts or
    hookpoints, a place the model lacks, a text too long, and for caching inside `intervene`.
    """
    if not texts or not hookpoints:
        raise HarnessError("nothing to extract: give at least one text and one hookpoint")
    for hookpoint in hookpoints:
        site_of(lm.family, hookpoint, lm.n_layers)
    wanted = tuple(sorted(set(hookpoints)))
    tokens = batch_tokens or BATCH_TOKENS[lm.device.type]
    plan = _Plan(lm, wanted, packing, tokens, cache)
    shards: list[_Shard] = []
    step = _shard_texts(lm, len(wanted))
    for start in range(0, len(texts), step):
        some = tokenize(lm, texts[start : start + step], first=start)
        sequences = [up_to(sequence, position) for sequence in some]
        shard = _shard(plan, sequences, _offset(progress, start, len(texts)))
        if shard.kept:
            plan = replace(plan, folder=None)
        shards.append(shard)
    return Activations(shards, wanted)


def _shard_texts(lm: LanguageModel, hookpoints: int) -> int:
    bytes_a_text = hookpoints * lm.d_model * lm.dtype.itemsize
    return max(1, min(SHARD_TEXTS, SHARD_BYTES // bytes_a_text))


def _shard(plan: _Plan, sequences: list[Tokens], progress: Progress) -> _Shard:
    """Compute one shard unless it lies in the cache."""
    if plan.folder is None:
        return _Shard(plan, sequences, "", plan.compute(sequences, progress))
    key = shard_key(plan.lm, sequences, plan.hookpoints)
    if has_entry(plan.folder, key):
        progress(len(sequences), len(sequences))
        return _Shard(plan, sequences, key)
    computed = plan.compute(sequences, progress)
    written = write_entry(plan.folder, key, computed)
    return _Shard(plan, sequences, key, {} if written else computed)


def _offset(progress: Progress | None, start: int, total: int) -> Progress:
    """Progress within a shard as progress within all texts."""
    return lambda done, _all: progress(start + done, total) if progress else None
