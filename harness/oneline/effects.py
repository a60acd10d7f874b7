"""What vectors added to the residual stream do to a model's predictions, several in one batch."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import torch
from jaxtyping import Float, Int
from torch import Tensor
from torch.nn.functional import cross_entropy

from harness.models.hookpoints import Hookpoint
from harness.models.hooks import capture, intervene
from harness.models.language_model import LanguageModel
from harness.models.sinks import sink_mask
from harness.models.unembed import logits
from harness.ops.interventions import add


@dataclass(frozen=True)
class Added:
    """One vector a row of a batch, added wherever no sink is; a row of zeros changes nothing."""

    point: Hookpoint
    vectors: Float[Tensor, "row d_model"]

    def edit(self, resid: Tensor, positions: Int[Tensor, "row seq"]) -> Tensor:
        """As `generation.continuations` calls it."""
        return add(resid, self.vectors[:, None], 1.0, ~sink_mask(resid, positions))

    def final_resid(
        self, lm: LanguageModel, ids: Int[Tensor, "1 seq"]
    ) -> Float[Tensor, "row seq d_model"]:
        """The last residual stream of one prompt under each of the vectors."""
        rows = ids.expand(len(self.vectors), -1)
        positions = torch.arange(ids.shape[1], device=lm.device).expand(rows.shape)
        last = Hookpoint("resid_post", lm.n_layers - 1)
        edit = partial(self.edit, positions=positions)
        with torch.inference_mode(), intervene(lm, {self.point: edit}), capture(lm, [last]) as at:
            lm.hf.base_model(input_ids=rows.to(lm.device), use_cache=False)
        return at[last]


@torch.inference_mode()
def next_logits(
    lm: LanguageModel, ids: Int[Tensor, "1 seq"], added: Added
) -> Float[Tensor, "row vocab"]:
    """Of the token after the prompt, under each of the vectors."""
    return logits(lm, added.final_resid(lm, ids)[:, -1]).float().cpu()


def kl_nats(
    base: Float[Tensor, " vocab"], changed: Float[Tensor, "row vocab"]
) -> Float[Tensor, " row"]:
    """From the distribution of one row of logits to that of each other."""
    p, q = base.double().log_softmax(-1), changed.double().log_softmax(-1)
    return (p.exp() * (p - q)).sum(-1).clamp_min(0)


def lean(
    rows: Float[Tensor, "row vocab"], towards: Sequence[int], away: Sequence[int]
) -> Float[Tensor, " row"]:
    """Mean logit of some tokens less that of others; of none, the mean over the vocabulary."""
    sides = [rows[:, list(ids)] if ids else rows for ids in (towards, away)]
    return sides[0].mean(-1) - sides[1].mean(-1)


@torch.inference_mode()
def perplexity(lm: LanguageModel, ids: Int[Tensor, "1 seq"], added: Added) -> Float[Tensor, " row"]:
    """Of one text under each of the vectors: exp of its tokens' mean loss, the first left out."""
    wanted = ids[0, 1:].to(lm.device)
    losses = [
        cross_entropy(logits(lm, resid[:-1]).float(), wanted)
        for resid in added.final_resid(lm, ids)
    ]
    return torch.stack(losses).exp().cpu()


@torch.inference_mode()
def residual_norm(lm: LanguageModel, ids: Int[Tensor, "1 seq"], point: Hookpoint) -> float:
    """Median over the tokens that are no sinks; of a prompt of sinks, over all."""
    with capture(lm, [point]) as at:
        lm.hf.base_model(input_ids=ids.to(lm.device), use_cache=False)
    sinks = sink_mask(at[point])
    kept = sinks if bool(sinks.all()) else ~sinks
    return float(at[point].float().norm(dim=-1)[kept].median())
