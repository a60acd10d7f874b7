"""Sample continuations of many prompts at once, under an edit of the residual stream or none."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from typing import NamedTuple

import torch
from jaxtyping import Int
from torch import Tensor

from harness.models.hookpoints import Hookpoint
from harness.models.hooks import attach
from harness.models.language_model import LanguageModel

Edit = Callable[[Tensor, Tensor], Tensor]
"""Gets an activation [batch, seq, d] and each token's position in its own text [batch, seq], which
is negative for padding; returns the activation that the model goes on with."""


class Sampling(NamedTuple):
    """How continuations are drawn."""

    tokens: int
    """Of each continuation; an end of sequence ends it before."""
    temperature: float = 1.0
    """0 takes the likeliest token each time."""


@torch.inference_mode()
def continuations(
    lm: LanguageModel,
    prompts: Sequence[tuple[int, ...]],
    sampling: Sampling,
    generator: torch.Generator,
    edits: Mapping[Hookpoint, Edit] | None = None,
) -> list[tuple[int, ...]]:
    """New token ids of each prompt, without the end of sequence.

    Prompts are padded on the left and continued in one batch. `edits` act on the prompt and on
    every new token; they tell positions apart by themselves. The same generator state gives the
    same draws wherever the distributions are the same.
    """
    tokens, positions = _padded(prompts, _pad_id(lm))
    ended = torch.zeros(len(prompts), dtype=torch.bool)
    drawn: list[Tensor] = []
    state = _State(positions)
    cache = None
    with ExitStack() as hooks:
        for hookpoint, edit in (edits or {}).items():
            hooks.callback(attach(lm, hookpoint, state.bound(edit)).remove)
        for _ in range(sampling.tokens):
            output = lm.hf(
                input_ids=tokens.to(lm.device),
                attention_mask=(state.all_positions >= 0).long().to(lm.device),
                position_ids=state.positions.clamp(min=0).to(lm.device),
                past_key_values=cache,
                use_cache=True,
                logits_to_keep=1,
            )
            cache = output.past_key_values
            chosen = draw(output.logits[:, -1].float().cpu(), sampling, generator)
            drawn.append(chosen)
            ended |= torch.isin(chosen, _end_ids(lm))
            if bool(ended.all()):
                break
            tokens = chosen[:, None]
            state.step()
    return [_until_end(row, _end_ids(lm)) for row in torch.stack(drawn, 1)]


def draw(logits: Tensor, sampling: Sampling, generator: torch.Generator) -> Int[Tensor, " batch"]:
    """One token of each row of logits [batch, vocab].

    By inverting each row's distribution at a number drawn for the row: where two distributions
    hardly differ, neither do the tokens.
    """
    if sampling.temperature == 0:
        return logits.argmax(-1)
    total = (logits.float() / sampling.temperature).softmax(-1).cumsum(-1)
    at = torch.rand(len(logits), 1, generator=generator) * total[:, -1:]
    return torch.searchsorted(total, at, right=True).clamp(max=logits.shape[-1] - 1).squeeze(1)


class _State:
    """Positions of what is being read, and of all that was."""

    def __init__(self, positions: Tensor) -> None:
        self.positions = self.all_positions = positions

    def step(self) -> None:
        self.positions = self.positions[:, -1:] + 1
        self.all_positions = torch.cat([self.all_positions, self.positions], 1)

    def bound(self, edit: Edit) -> Callable[[Tensor], Tensor]:
        return lambda resid: edit(resid, self.positions.to(resid.device))


def _padded(prompts: Sequence[tuple[int, ...]], pad: int) -> tuple[Tensor, Tensor]:
    width = max(map(len, prompts))
    tokens = torch.full((len(prompts), width), pad)
    positions = torch.full((len(prompts), width), -1)
    for row, prompt in enumerate(prompts):
        tokens[row, width - len(prompt) :] = torch.tensor(prompt)
        positions[row, width - len(prompt) :] = torch.arange(len(prompt))
    return tokens, positions


def _pad_id(lm: LanguageModel) -> int:
    pad = lm.tokenizer.pad_token_id
    return pad if isinstance(pad, int) else 0


def _end_ids(lm: LanguageModel) -> Tensor:
    """Tokens after which nothing more is said; some models have several."""
    given = lm.hf.generation_config.eos_token_id if lm.hf.generation_config else None
    listed = given if isinstance(given, list) else [given]
    known = {each for each in (*listed, lm.tokenizer.eos_token_id) if isinstance(each, int)}
    return torch.tensor(sorted(known))


def _until_end(row: Tensor, ends: Tensor) -> tuple[int, ...]:
    stops = torch.isin(row, ends).nonzero()
    return tuple(row[: int(stops[0])].tolist() if len(stops) else row.tolist())
