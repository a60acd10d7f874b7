"""The difference of two prompts, position by position, and how it is added to others.

Follows activation addition (Turner et al. 2023): both prompts are padded to one length, and the
difference at each position is added at the same position of what is steered. The first position is
a sink and stays as it is.
"""

from collections.abc import Sequence

import torch
from jaxtyping import Float
from torch import Tensor

from harness.data.topics import PromptPair
from harness.experiments.steering.streams import Edit
from harness.models.generation import Edit as GenerationEdit
from harness.models.language_model import LanguageModel
from harness.models.resume import run_base
from harness.models.sinks import sink_mask
from harness.models.tokenization import tokenize
from harness.ops.interventions import add

Vector = Float[Tensor, "position d"]


def pair_vectors(lm: LanguageModel, pair: PromptPair) -> list[Vector]:
    """By block: what leaves it on the positive prompt less the negative one, [position, d].

    The shorter prompt is padded with spaces. Positions that are sinks in either have vector 0, the
    first one among them.
    """
    positive, negative = tokenize(lm, [pair.positive, pair.negative])
    length = max(len(positive), len(negative))
    space = tokenize(lm, [" "])[0][-1]
    padded = [(*each, *[space] * (length - len(each))) for each in (positive, negative)]
    base = run_base(lm, torch.tensor(padded))
    return [_without_sinks(resid) for resid in base.resid[1:]]


def adding_at_front(vector: Vector, coefficient: float) -> Edit:
    """The edit that adds to the first positions of prompts that are read whole."""

    def edit(resid: Tensor, mask: Tensor) -> Tensor:
        return add(resid, _along(vector, resid.shape[1]).to(resid), coefficient, mask)

    return edit


def adding_by_row(vectors: Sequence[Vector | None]) -> GenerationEdit:
    """The edit that adds to each row of a batch its own vector at its first positions.

    `None` leaves a row as it is.
    """
    length = max(len(each) for each in vectors if each is not None)
    d = next(each.shape[1] for each in vectors if each is not None)
    none = torch.zeros(length + 1, d)
    table = torch.stack([none if each is None else _along(each, length + 1) for each in vectors])
    steered = torch.tensor([each is not None for each in vectors])

    def edit(resid: Tensor, positions: Tensor) -> Tensor:
        inside = (positions >= 0) & (positions < length) & ~sink_mask(resid, positions)
        inside &= steered.to(resid.device)[:, None]
        if not bool(inside.any()):
            return resid
        places = positions.clamp(0, length)[..., None].expand(*positions.shape, d)
        return torch.where(inside[..., None], resid + table.to(resid).gather(1, places), resid)

    return edit


def _along(vector: Vector, length: int) -> Vector:
    """The vector with 0 at the positions after its own."""
    out = torch.zeros(length, vector.shape[1])
    out[: len(vector)] = vector[:length].cpu()
    return out


def _without_sinks(resid: Float[Tensor, "2 position d"]) -> Vector:
    difference = (resid[0] - resid[1]).float().cpu()
    difference[sink_mask(resid).any(0).cpu()] = 0
    return difference
