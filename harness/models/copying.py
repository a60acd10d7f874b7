"""Whether a head's OV circuit writes the token that it attends to.

A token is run alone, behind the start token where the tokenizer has one; what enters block 1 at its
place is what every head is given. One place attends to itself only, so that what the head then
writes is its W_O W_V of that residual stream, whatever the architecture.
"""

from collections.abc import Sequence
from typing import Literal, NamedTuple

import torch
from jaxtyping import Float, Int
from torch import Tensor

from harness.models.attention import Tap, tap_attention
from harness.models.heads import head_outputs
from harness.models.hookpoints import Hookpoint
from harness.models.hooks import capture
from harness.models.language_model import LanguageModel
from harness.models.resume import Base, call_block, run_base
from harness.models.tokenization import start_token
from harness.models.unembed import logits, logits_among


class Alone(NamedTuple):
    """Tokens run one by one, ready to be given to any head."""

    ids: Int[Tensor, " token"]
    entering: Float[Tensor, "token 1 d_model"]
    """The residual stream entering block 1; of a model of one block, leaving it."""
    base: Base
    """A run of each token as a whole sequence, for how blocks are called."""


def run_alone(lm: LanguageModel, ids: Int[Tensor, " token"]) -> Alone:
    """Run each token behind the start token, and once without."""
    ids = ids.to(lm.device)
    base, start = run_base(lm, ids[:, None]), start_token(lm)
    if not start:
        return Alone(ids, base.resid[1], base)
    behind = torch.tensor(start, device=lm.device).expand(len(ids), -1)
    entering = run_base(lm, torch.cat([behind, ids[:, None]], 1)).resid[1][:, -1:]
    return Alone(ids, entering, base)


@torch.inference_mode()
def copying_score(lm: LanguageModel, alone: Alone, layer: int) -> Float[Tensor, "token n_heads"]:
    """How far each head of a layer raises the logit of the token it is given above the others'.

    2 p - 1, with p the share of the *other* tokens whose logit lies below the token's own; ties
    count half. 1: above all others, -1: below all. Averaged over the tokens it is 0 for a head
    that writes the same whatever it is given. Own definition: Olsson et al. 2022 scale to -1 to 1
    too, but by how much the logits are raised, not by their ranks.
    """
    raised = logits_among(lm, _written(lm, alone, layer), alone.ids)
    itself = raised.diagonal(dim1=0, dim2=2).T[..., None]
    below = (raised < itself).sum(-1) + ((raised == itself).sum(-1) - 1) / 2
    return 2 * below / (len(alone.ids) - 1) - 1


@torch.inference_mode()
def copy_top5(
    lm: LanguageModel,
    ids: Int[Tensor, " token"],
    heads: Sequence[tuple[int, int]],
    *,
    sign: Literal[1, -1] = 1,
) -> Float[Tensor, "token head"]:
    """1 where the token is among the five that a head raises most in the vocabulary, else 0.

    `heads` are (layer, head). `sign=-1` asks of what the head writes against instead. Source: Wang
    et al. 2022 (IOI), sec. 3.1, who read the name in its sentence; here it stands alone.
    """
    alone, found = run_alone(lm, ids), list[Tensor]()
    for layer, head in heads:
        raised = logits(lm, sign * _written(lm, alone, layer)[:, head])
        own = raised.gather(1, alone.ids[:, None])
        found.append(((raised > own).sum(-1) < 5).float())
    return torch.stack(found, 1)


def _written(lm: LanguageModel, alone: Alone, layer: int) -> Float[Tensor, "token n_heads d_model"]:
    """What each head of a layer writes when it attends to each token."""
    point = Hookpoint("z", layer)
    with tap_attention(lm, Tap()), capture(lm, [point]) as seen:
        call_block(lm, alone.base, alone.entering, layer)
    return head_outputs(lm, layer, seen[point])[:, 0]
