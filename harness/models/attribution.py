"""Attribution patching: a first-order guess at every patch from two runs and one gradient.

Source: Nanda, "Attribution patching" (2023); Syed, Rager and Conmy, arXiv:2310.10348.
"""

from collections.abc import Callable

import torch
from jaxtyping import Float
from torch import Tensor

from harness.models.hookpoints import Hookpoint
from harness.models.hooks import intervene
from harness.models.language_model import LanguageModel
from harness.models.patching import Component, Direction, Pairs, logit_difference, record


def attribution_map(
    lm: LanguageModel, pairs: Pairs, component: Component, *, direction: Direction = "denoise"
) -> Float[Tensor, "layer place *head pair"]:
    """Estimated change of the logit difference by each patch, at every place.

    (source - activation) times the gradient of the logit difference at the activation.
    """
    tokens = (pairs.corrupted, pairs.clean)
    into, source = tokens if direction == "denoise" else reversed(tokens)
    kept, gradients = _gradients(lm, pairs, into, component)
    other = record(lm, source, component).at
    changes = [
        ((new - old) * gradient).sum(-1)
        for new, old, gradient in zip(other, kept, gradients, strict=False)
    ]
    return torch.stack(changes).movedim(1, -1).cpu()


def _gradients(
    lm: LanguageModel, pairs: Pairs, tokens: Tensor, component: Component
) -> tuple[list[Tensor], tuple[Tensor, ...]]:
    """Activations by layer, and the gradient of the summed logit differences at each."""
    kept: dict[Hookpoint, Tensor] = {}

    def keep(point: Hookpoint) -> Callable[[Tensor], Tensor]:
        """The rest goes on from the very tensor that is kept, so that its gradient exists."""

        def edit(activation: Tensor) -> Tensor:
            kept[point] = activation if activation.requires_grad else activation.requires_grad_()
            return kept[point]

        return edit

    points = [Hookpoint(component, layer) for layer in range(lm.n_layers)]
    start, end = Hookpoint("resid_pre", 0), Hookpoint("resid_post", lm.n_layers - 1)
    with intervene(lm, {point: keep(point) for point in (start, *points, end)}):
        lm.hf.base_model(input_ids=tokens.to(lm.device), use_cache=False)
    total = logit_difference(lm, kept[end][:, -1], pairs.answers, pairs.foils).sum()
    found = [kept[point] for point in points]
    gradients = torch.autograd.grad(total, found)
    return [each.detach() for each in found], gradients
