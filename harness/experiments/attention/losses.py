"""How well the next token is predicted, by the whole model and with heads ablated."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple, Self

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from harness.models.attention import frozen
from harness.models.head_sets import Head
from harness.models.heads import output_weight
from harness.models.hookpoints import Hookpoint
from harness.models.hooks import capture, intervene
from harness.models.language_model import LanguageModel
from harness.models.resume import Base, resume, run_base
from harness.models.unembed import logits
from harness.specs.attention import Patterns

Windows = Mapping[str, range]
"""Places whose tokens are predicted, by name."""
Losses = Mapping[str, Float[Tensor, " sequence"]]
"""Mean cross-entropy in nats over each window."""
Outputs = Mapping[int, Float[Tensor, "n_heads d_head"]]
"""What stands in for the output of an ablated head, by layer."""
BATCH_TOKENS = 1100
"""Tokens run at once."""


class Cut(NamedTuple):
    """Heads to ablate, and what becomes of the attention behind them."""

    heads: tuple[Head, ...]
    """In rising order: which head was found first makes no other cut."""
    patterns: Patterns

    @classmethod
    def of(cls, heads: Sequence[Head], patterns: Patterns) -> Self:
        """The cut of these heads in whatever order."""
        return cls(tuple(sorted(heads)), patterns)


class Measured(NamedTuple):
    """Losses of the whole model and of each cut."""

    whole: Losses
    cut: Mapping[Cut, Losses]


def measure(
    lm: LanguageModel,
    tokens: Int[Tensor, "sequence seq"],
    windows: Windows,
    progress: Callable[[int, int], None],
    *,
    cuts: Sequence[Cut] = (),
    outputs: Outputs | None = None,
) -> Measured:
    """Run every sequence once whole, and once for each cut from its first ablated block on."""
    parts = tokens.split(max(BATCH_TOKENS // tokens.shape[1], 1))
    found: list[list[Losses]] = []
    steps = len(parts) * (1 + len(cuts))
    for number, batch in enumerate(parts):
        runs = list[Losses]()
        for done, last in enumerate(_last_streams(lm, batch, cuts, outputs)):
            progress(number * (1 + len(cuts)) + done, steps)
            runs.append(_window_losses(lm, last, batch, windows))
        found.append(runs)
    progress(steps, steps)
    whole, *others = [_joined(runs) for runs in zip(*found, strict=True)]
    return Measured(whole, dict(zip(cuts, others, strict=True)))


def zeros(lm: LanguageModel) -> Outputs:
    """For zero ablation: nothing."""
    shapes = {layer: output_weight(lm, layer).shape[:2] for layer in range(lm.n_layers)}
    return {layer: torch.zeros(shape, device=lm.device) for layer, shape in shapes.items()}


@torch.inference_mode()
def mean_outputs(lm: LanguageModel, tokens: Int[Tensor, "sequence seq"], start: int) -> Outputs:
    """For mean ablation: each head's mean over sequences and places, start tokens left out."""
    points = [Hookpoint("z", layer) for layer in range(lm.n_layers)]
    with capture(lm, points) as seen:
        lm.hf.base_model(input_ids=tokens, use_cache=False)
    return {point.layer: seen[point][:, start:].mean((0, 1)) for point in points}


def _last_streams(
    lm: LanguageModel, batch: Tensor, cuts: Sequence[Cut], outputs: Outputs | None
) -> Iterator[Float[Tensor, "batch seq d_model"]]:
    """The residual stream after the last block: of the whole model, then of each cut."""
    saved: dict[int, Tensor] = {}

    def keep(layer: int, pattern: Tensor) -> Tensor:
        saved[layer] = pattern
        return pattern

    keeps = any(cut.patterns == "kept" for cut in cuts)
    base = run_base(lm, batch, pattern=keep if keeps else None)
    yield base.resid[-1]
    for cut in cuts:
        assert outputs is not None, cut
        yield _ablated(lm, base, cut, outputs, saved)


def _ablated(
    lm: LanguageModel, base: Base, cut: Cut, outputs: Outputs, saved: Mapping[int, Tensor]
) -> Float[Tensor, "batch seq d_model"]:
    """The last residual stream with the heads' outputs replaced at every place.

    With kept patterns all later heads attend as in the whole model, so that only what they move
    changes ("pattern-preserving", Olsson et al. 2022).
    """
    by_layer: dict[int, list[int]] = {}
    for layer, head in cut.heads:
        by_layer.setdefault(layer, []).append(head)
    edits = {
        Hookpoint("z", layer): _replaced(heads, outputs[layer]) for layer, heads in by_layer.items()
    }
    first, tap = min(by_layer), frozen(saved) if cut.patterns == "kept" else None
    with intervene(lm, edits):
        return resume(lm, base, base.resid[first], layer=first, tap=tap)


def _replaced(heads: list[int], outputs: Tensor) -> Callable[[Tensor], Tensor]:
    def edit(z: Tensor) -> Tensor:
        changed = z.clone()
        changed[..., heads, :] = outputs[heads].to(z.dtype)
        return changed

    return edit


@torch.inference_mode()
def _window_losses(lm: LanguageModel, last: Tensor, tokens: Tensor, windows: Windows) -> Losses:
    """One mean a sequence and window; only the logits that are needed are computed."""
    found: dict[str, Tensor] = {}
    for name, places in windows.items():
        scores = logits(lm, last[:, places.start - 1 : places.stop - 1]).float()
        wanted = tokens[:, places.start : places.stop]
        each = nn.functional.cross_entropy(scores.transpose(1, 2), wanted, reduction="none")
        found[name] = each.double().mean(1).cpu()
    return found


def _joined(runs: Sequence[Losses]) -> Losses:
    return {name: torch.cat([losses[name] for losses in runs]) for name in runs[0]}
