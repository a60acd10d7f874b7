"""Path patching: what one head does to the logits, or to later heads, by the direct path alone.

A sender's output at one place takes the value it has in another run, and only one receiver sees it;
every other component keeps what it gave. Source: Wang et al., arXiv:2211.00593, sec. 3 and app. B.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Literal, NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor

from harness.models.attention import Heads, Tap
from harness.models.head_sets import Head
from harness.models.hookpoints import Hookpoint
from harness.models.hooks import intervene
from harness.models.language_model import LanguageModel
from harness.models.patching import Pairs, Recorded, logit_difference, put_heads
from harness.models.resume import resume

Input = Literal["q", "k", "v"]
"""Which input of the receiving heads sees the change."""
Edit = Callable[[Tensor], Tensor]
Runs = tuple[Recorded, Recorded]
"""The run that is patched, and the one that the sender's output is taken from."""


def direct_effects(lm: LanguageModel, runs: Runs, pairs: Pairs) -> Float[Tensor, "layer head pair"]:
    """Logit differences where only the final norm sees the head's other output, at the end."""
    into, _ = runs
    last = into.base.resid[-1][:, -1]
    found = [
        _differences(lm, pairs, last + change)
        for change in (head_changes(lm, runs, layer, -1) for layer in range(lm.n_layers))
    ]
    return torch.stack(found).cpu()


class Path(NamedTuple):
    """From a sender's output at `place`, through one input there, to the receivers' output."""

    receivers: Sequence[Head]
    through: Input
    place: int
    acts_at: int
    """Where the receivers' own output changes; the same place for queries."""


def path_effects(
    lm: LanguageModel, runs: Runs, pairs: Pairs, path: Path
) -> Float[Tensor, "layer head pair"]:
    """Logit differences where one input of the receivers sees the sender's other output.

    What comes after the receivers is computed anew. Senders are the heads of all layers below the
    last receiver's; there are none where all receivers are in layer 0.
    """
    found: list[Tensor] = [torch.zeros(0, lm.n_heads, len(pairs.clean))]
    for layer in range(max(each.layer for each in path.receivers)):
        change = head_changes(lm, runs, layer, path.place)
        ended = _received(lm, runs[0], change, layer, path)
        found.append(_differences(lm, pairs, ended)[None].cpu())
    return torch.cat(found)


def head_changes(
    lm: LanguageModel, runs: Runs, layer: int, place: int
) -> Float[Tensor, "head pair d_model"]:
    """How the attention's output at `place` changes when each head gives its other value there."""
    into, source = runs
    start = place % into.base.seq
    resid = into.base.resid[layer][:, start:]
    edit = put_heads(source.at[layer][:, start])
    before = _attn_out(lm, into, resid, layer, None)
    after = _attn_out(lm, into, resid.repeat(lm.n_heads, 1, 1), layer, edit)
    return after.unflatten(0, (lm.n_heads, -1)) - before


class _Read(Exception):
    """What was asked of the block has been read; the rest of it need not be computed."""


def _attn_out(
    lm: LanguageModel, into: Recorded, resid: Tensor, layer: int, edit: Edit | None
) -> Tensor:
    """What attention adds at the first of the places, [batch, d_model]."""
    kept: list[Tensor] = []

    def keep(activation: Tensor) -> Tensor:
        kept.append(activation[:, 0])
        raise _Read

    edits = {} if edit is None else {Hookpoint("z", layer): edit}
    with intervene(lm, {**edits, Hookpoint("attn_out", layer): keep}):
        try:
            resume(lm, into.base, resid, layer=layer, until=layer + 1)
        except _Read:
            return kept[0]
    raise AssertionError(f"block {layer} has no attention")


def _received(lm: LanguageModel, into: Recorded, change: Tensor, sender: int, path: Path) -> Tensor:
    """Last residual streams [head, pair, d_model] once the receivers have seen the change."""
    later = [each for each in path.receivers if each.layer > sender]
    first = min(each.layer for each in later)
    seen = {each.layer: _input_of(lm, into, change, each.layer, path) for each in later}
    resid = into.base.resid[first][:, path.acts_at :].repeat(lm.n_heads, 1, 1)
    tap = Tap(heads=_put_input(seen, later, path))
    return resume(lm, into.base, resid, layer=first, tap=tap)[:, -1].unflatten(0, (lm.n_heads, -1))


def _input_of(lm: LanguageModel, into: Recorded, change: Tensor, layer: int, path: Path) -> Tensor:
    """Queries, keys or values of every head at the path's place, [batch, head, d_head]."""
    resid = into.base.resid[layer][:, path.place :].repeat(lm.n_heads, 1, 1)
    resid[:, 0] += change.flatten(0, 1)
    kept: list[Tensor] = []

    def keep(_layer: int, heads: Heads) -> Heads:
        index = 0 if path.through == "q" else path.place
        kept.append(getattr(expanded(heads), path.through)[:, :, index])
        raise _Read

    try:
        resume(lm, into.base, resid, layer=layer, until=layer + 1, tap=Tap(heads=keep))
    except _Read:
        return kept[0]
    raise AssertionError(f"block {layer} has no attention")


def _put_input(
    seen: Mapping[int, Tensor], receivers: Sequence[Head], path: Path
) -> Callable[[int, Heads], Heads]:
    """Only the query where the receivers act sees other keys and values, and it is the first."""

    def put(layer: int, heads: Heads) -> Heads:
        mine = [each.head for each in receivers if each.layer == layer]
        if not mine:
            return heads
        whole = expanded(heads)
        changed = getattr(whole, path.through).clone()
        changed[:, mine, 0 if path.through == "q" else path.place] = seen[layer][:, mine]
        return whole._replace(**{path.through: changed})

    return put


def expanded(heads: Heads) -> Heads:
    """Keys and values for each head by itself, where several heads share them."""
    groups = heads.q.shape[1] // heads.k.shape[1]
    return Heads(
        heads.q, heads.k.repeat_interleave(groups, 1), heads.v.repeat_interleave(groups, 1)
    )


def _differences(lm: LanguageModel, pairs: Pairs, last: Tensor) -> Tensor:
    """Logit differences [head, pair] of last residual streams [head, pair, d_model]."""
    heads = last.shape[0]
    answers, foils = pairs.answers.repeat(heads, 1), pairs.foils.repeat(heads, 1)
    return logit_difference(lm, last.flatten(0, 1), answers, foils).unflatten(0, (heads, -1))
