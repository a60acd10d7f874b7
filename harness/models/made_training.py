"""A small Llama trained from nothing on texts that are token ids already.

The same recipe and ids give the same weights on one machine, whatever the process did before.
"""

import math
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from typing import cast

import torch
from jaxtyping import Int
from torch import Tensor, nn
from torch.nn.functional import cross_entropy
from transformers import LlamaConfig, LlamaForCausalLM, PretrainedConfig, PreTrainedTokenizerFast

from harness.models.made_recipe import MadeRecipe

Told = Callable[[int, int], None]
"""Called with the steps done and their number."""
_BETAS = (0.9, 0.98)
_WARMUP_FRACTION = 0.05
_LARGEST_GRADIENT = 1.0
"""Norm that gradients are clipped to."""


def train_llama(
    recipe: MadeRecipe,
    config: LlamaConfig,
    texts: Int[Tensor, "text seq"],
    *,
    told: Told = lambda _done, _total: None,
) -> LlamaForCausalLM:
    """The trained model, in eval mode; every token of a text is learned but the first and padding.

    `texts` are padded on the right with the configuration's padding id.
    """
    with _threads(recipe.threads), torch.inference_mode(mode=False), torch.enable_grad():
        model = _untrained(config, recipe.seed)
        optimizer = _optimizer(model, recipe)
        schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, _fraction_of_rate(recipe.steps))
        drawn = _batches(texts, recipe, padding=_padding(config))
        for done, batch in enumerate(drawn, start=1):
            optimizer.zero_grad()
            next_token_loss(model, batch).backward()
            nn.utils.clip_grad_norm_(model.parameters(), _LARGEST_GRADIENT)
            optimizer.step()
            schedule.step()
            told(done, recipe.steps)
    return model.eval()


def llama_config(recipe: MadeRecipe, tokenizer: PreTrainedTokenizerFast) -> LlamaConfig:
    """Sizes of the model; embedding and unembedding are two matrices."""
    return LlamaConfig(
        vocab_size=len(tokenizer),
        hidden_size=recipe.d_model,
        intermediate_size=recipe.d_mlp,
        num_hidden_layers=recipe.n_layers,
        num_attention_heads=recipe.n_heads,
        max_position_embeddings=recipe.context_length,
        initializer_range=recipe.initial_std,
        tie_word_embeddings=False,
        bos_token_id=cast(int, tokenizer.bos_token_id),
        eos_token_id=cast(int, tokenizer.eos_token_id),
        pad_token_id=cast(int, tokenizer.pad_token_id),
    )


def next_token_loss(model: LlamaForCausalLM, batch: Int[Tensor, "text seq"]) -> Tensor:
    """Mean cross-entropy in nats over all tokens but first ones and padding."""
    logits = model(batch[:, :-1]).logits
    targets = batch[:, 1:]
    return cross_entropy(
        logits.flatten(0, 1), targets.flatten(), ignore_index=_padding(model.config)
    )


def _padding(config: PretrainedConfig) -> int:
    assert config.pad_token_id is not None
    return int(config.pad_token_id)


def _untrained(config: LlamaConfig, seed: int) -> LlamaForCausalLM:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return LlamaForCausalLM(config).train()


def _optimizer(model: LlamaForCausalLM, recipe: MadeRecipe) -> torch.optim.AdamW:
    matrices = [each for each in model.parameters() if each.ndim > 1]
    norms = [each for each in model.parameters() if each.ndim <= 1]
    groups = [
        {"params": matrices, "weight_decay": recipe.weight_decay},
        {"params": norms, "weight_decay": 0.0},
    ]
    return torch.optim.AdamW(groups, lr=recipe.learning_rate, betas=_BETAS, fused=True)


def _fraction_of_rate(steps: int) -> Callable[[int], float]:
    warmup = max(1, round(steps * _WARMUP_FRACTION))
    return lambda step: min(1.0, (step + 1) / warmup) * (1 + math.cos(math.pi * step / steps)) / 2


def _batches(
    texts: Int[Tensor, "text seq"], recipe: MadeRecipe, *, padding: int
) -> Iterator[Int[Tensor, "batch seq"]]:
    """`recipe.steps` of them, each no wider than its longest text; all texts before any again."""
    generator = torch.Generator().manual_seed(recipe.seed)
    lengths = (texts != padding).sum(1)
    order = torch.empty(0, dtype=torch.long)
    for _ in range(recipe.steps):
        while len(order) < recipe.batch:
            order = torch.cat([order, torch.randperm(len(texts), generator=generator)])
        chosen, order = order[: recipe.batch], order[recipe.batch :]
        yield texts[chosen, : int(lengths[chosen].max())]


@contextmanager
def _threads(number: int) -> Generator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(number)
    try:
        yield
    finally:
        torch.set_num_threads(before)
