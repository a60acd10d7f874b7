"""Change the residual stream after one block of prompts of equal length, and read what comes out.

Prompts run once without steering; each way of steering then computes only the blocks above and
the positions from the first changed one on. Sinks are never changed.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from harness.models.language_model import LanguageModel
from harness.models.resume import Base, resume, run_base
from harness.models.sinks import sink_mask
from harness.models.unembed import logits

Edit = Callable[[Tensor, Tensor], Tensor]
"""Gets the residual stream [batch, seq, d] and which positions to change [batch, seq]."""

BATCH_TOKENS = 1024
"""Of prompts that run at once; more gains nothing on a processor and keeps more in memory."""
ROWS = 2048
"""Positions that are computed at once when prompts are steered."""


class Batch(NamedTuple):
    """Prompts of one length, and where each is steered."""

    indices: tuple[int, ...]
    """Their numbers among all prompts."""
    tokens: Int[Tensor, "batch seq"]
    starts: tuple[int, ...]
    """First position of each prompt that is steered; all later ones are too."""

    @property
    def mask(self) -> Bool[Tensor, "batch seq"]:
        """Positions from each prompt's start on."""
        return torch.arange(self.tokens.shape[1]) >= torch.tensor(self.starts)[:, None]


class Steered(NamedTuple):
    """The stream after the last block, from the first changed position on."""

    resid: Float[Tensor, "batch rest d"]
    start: int


Read = Callable[[Batch, Steered], Tensor]
"""Makes one score, or one row of scores, of each prompt of a batch."""


class Sequences(NamedTuple):
    """Prompts of any length, each steered from its start on."""

    ids: Sequence[tuple[int, ...]]
    starts: Sequence[int]


class Way(NamedTuple):
    """One way of steering: an edit of what leaves one block."""

    layer: int
    edit: Edit


def batches(given: Sequences) -> Iterator[Batch]:
    """Prompts grouped by length."""
    by_length: dict[int, list[int]] = {}
    for index, sequence in enumerate(given.ids):
        by_length.setdefault(len(sequence), []).append(index)
    for length, members in sorted(by_length.items()):
        step = max(1, BATCH_TOKENS // length)
        for first in range(0, len(members), step):
            some = members[first : first + step]
            yield Batch(
                indices=tuple(some),
                tokens=torch.tensor([given.ids[index] for index in some]),
                starts=tuple(given.starts[index] for index in some),
            )


def run_ways(
    lm: LanguageModel, given: Sequences, ways: Mapping[str, Way], read: Read
) -> dict[str, Tensor]:
    """What `read` makes of every prompt under every way of steering, [prompts, ...] each."""
    found: dict[str, dict[int, Tensor]] = {name: {} for name in ways}
    by_layer: dict[int, list[str]] = {}
    for name, way in ways.items():
        by_layer.setdefault(way.layer, []).append(name)
    for batch in batches(given):
        base = run_base(lm, batch.tokens)
        for layer, names in by_layer.items():
            edits = [ways[name].edit for name in names]
            runs = steer_each(lm, base, batch.mask, layer, edits)
            for name, steered in zip(names, runs, strict=True):
                with torch.inference_mode():
                    scores = read(batch, steered).cpu()
                found[name].update(zip(batch.indices, scores, strict=True))
    return {
        name: torch.stack([each[index] for index in range(len(given.ids))])
        for name, each in found.items()
    }


def steer_each(
    lm: LanguageModel,
    base: Base,
    mask: Bool[Tensor, "batch seq"],
    layer: int,
    edits: Sequence[Edit],
    later: Sequence[Sequence[Edit]] = (),
) -> Iterator[Steered]:
    """One run for each edit of what leaves block `layer`, where `mask` is true and no sink stands.

    Several edits go through the blocks above together, as rows of one batch. `later` holds for
    each edit what is done after the next blocks, one by one.
    """
    entering = base.resid[layer + 1]
    allowed = mask.to(entering.device) & ~sink_mask(entering)
    places = allowed.any(0).nonzero()
    start = int(places[0]) if len(places) else base.seq - 1
    step = max(1, ROWS // (len(base.tokens) * (base.seq - start)))
    for first in range(0, len(edits), step):
        some, more = edits[first : first + step], later[first : first + step]
        with torch.inference_mode():
            resid = torch.cat([edit(entering, allowed)[:, start:] for edit in some])
        entered = layer + 1
        for next_edits in zip(*more, strict=True):
            resid = resume(lm, base, resid, layer=entered, until=entered + 1)
            rows = zip(next_edits, resid.chunk(len(some)), strict=True)
            resid = torch.cat([edit(own, allowed[:, start:]) for edit, own in rows])
            entered += 1
        ended = resume(lm, base, resid, layer=entered)
        yield from (Steered(own, start) for own in ended.chunk(len(some)))


def unchanged(resid: Tensor, _mask: Tensor) -> Tensor:
    """The edit that steers nothing."""
    return resid


@torch.inference_mode()
def token_losses(
    lm: LanguageModel, tokens: Int[Tensor, "batch seq"], steered: Steered
) -> Float[Tensor, "batch predicted"]:
    """Negative log probability of each token that a changed position predicts, in nats."""
    targets = tokens[:, steered.start + 1 :].to(steered.resid.device)
    found = logits(lm, steered.resid[:, :-1]).float().log_softmax(-1)
    return -found.gather(-1, targets[..., None]).squeeze(-1)
