"""How many facts a model completes rightly, on the prompts that the made model was made for."""

from collections.abc import Sequence

import torch
from transformers import PreTrainedModel, PreTrainedTokenizerBase

from harness.data.fact_prompts import FactPrompt, one_step_prompts, two_step_prompts
from harness.record import Record


class Recall(Record):
    """Fractions of prompts about capitals whose likeliest next token is the answer."""

    one_step: float
    two_step: float
    """Of prompts that were learned from."""
    held_out: float
    """Of two-step prompts that were not: right only by way of the country."""


def measure_recall(model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase) -> Recall:
    """Recall of a model whose tokens are whole words."""
    prompts = two_step_prompts()
    return Recall(
        one_step=recalled(model, tokenizer, one_step_prompts()),
        two_step=recalled(model, tokenizer, [each for each in prompts if not each.held_out]),
        held_out=recalled(model, tokenizer, [each for each in prompts if each.held_out]),
    )


def recalled(
    model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase, prompts: Sequence[FactPrompt]
) -> float:
    """Fraction of prompts, all of one length, whose likeliest next token is the answer's."""
    ids = torch.tensor(tokenizer([each.text for each in prompts])["input_ids"])
    answers = torch.tensor(
        tokenizer([each.answer for each in prompts], add_special_tokens=False)["input_ids"]
    )
    with torch.inference_mode():
        found = model(ids).logits[:, -1].argmax(-1)
    return float((found == answers[:, 0]).double().mean())
