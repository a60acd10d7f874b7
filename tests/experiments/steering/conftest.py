"""Models for the family `steering`: a random one, and one built by hand to carry a sentiment."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import pytest
import torch
from torch import nn
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerBase

from harness.data.review_words import (
    NEGATIVE_ADJECTIVES,
    NEGATIVE_ANSWERS,
    NEGATIVE_VERBS,
    POSITIVE_ADJECTIVES,
    POSITIVE_ANSWERS,
    POSITIVE_VERBS,
)
from harness.experiments import steering
from harness.experiments.context import Context
from harness.measurement import Measurement, Quantity
from harness.models.language_model import LanguageModel, load_model, wrap_model
from harness.models.registry import ModelEntry
from harness.specs import SteeringSpec

WIDTH, LAYERS = 32, 3
SENTIMENT, WEDDING, HOPE = 0, 1, 2
"""Axes of the residual stream that mean something in the planted model."""
Run = Callable[..., list[Measurement]]


@pytest.fixture(autouse=True, scope="module")
def one_thread() -> Iterator[None]:
    """Tiny products gain nothing from more, and wait for each other on a busy machine."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="session")
def tokenizer() -> PreTrainedTokenizerBase:
    return load_model("smollm2-135m-instruct", device="cpu").tokenizer


@pytest.fixture(scope="session")
def random_lm(tokenizer: PreTrainedTokenizerBase) -> LanguageModel:
    hf = _llama()
    for parameter in hf.parameters():
        nn.init.normal_(parameter, std=0.3, generator=torch.Generator().manual_seed(1))
    return _wrapped(hf, tokenizer, "random")


@pytest.fixture(scope="session")
def planted_lm(tokenizer: PreTrainedTokenizerBase) -> LanguageModel:
    """Block 1 spreads the mean of all earlier positions; nothing else does anything.

    Words of liking and disliking lie on either side along one axis, which the answers read.
    " weddings" lies along another axis, which makes " wedding" likely; words of hope and of worry
    lie along a third, which makes themselves likely.
    """
    return _wrapped(_planted(tokenizer, carries=True), tokenizer, "planted")


@pytest.fixture(scope="session")
def unplanted_lm(tokenizer: PreTrainedTokenizerBase) -> LanguageModel:
    """The same without the block that carries anything to the end."""
    return _wrapped(_planted(tokenizer, carries=False), tokenizer, "unplanted")


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Run]:
    """The family on a model in memory: task and other fields → rows."""
    artifacts = tmp_path_factory.mktemp("artifacts") / "x"

    def call(lm: LanguageModel, task: dict[str, Any], **more: Any) -> list[Measurement]:
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(steering, "load_model", lambda *_, **__: lm)
            context = Context(artifacts, device="cpu", use_cache=False)
            return list(steering.run(made(task, **more), context))

    return call


def made(task: dict[str, Any], **more: Any) -> SteeringSpec:
    given = {"family": "steering", "id": "x", "model": "smollm2-135m-instruct", "seeds": [0, 1]}
    return SteeringSpec.model_validate({**given, "task": task, "neutral_texts": 2, **more})


def one(rows: list[Measurement], metric: str, control: str | None = None, **where: Any) -> float:
    """The mean over seeds of the one setting that is meant."""
    found = [
        row
        for row in rows
        if row.metric == metric
        and row.control == control
        and all(row.conditions.get(key) == value for key, value in where.items())
    ]
    settings = {tuple(sorted(row.conditions.items())) for row in found}
    assert len(settings) == 1, settings
    return sum(row.value for row in found) / len(found)


def names(given: Iterable[Quantity]) -> set[str]:
    """Quantities as text, whatever the order of their conditions."""
    ordered = (
        each.model_copy(update={"where": dict(sorted(each.where.items()))}) for each in given
    )
    return set(map(str, ordered))


def quantities(rows: list[Measurement]) -> set[str]:
    """What was measured, as `names` writes it."""
    return names(
        Quantity(metric=row.metric, where=row.conditions, control=row.control) for row in rows
    )


def _llama() -> LlamaForCausalLM:
    config = LlamaConfig(
        vocab_size=49152,
        hidden_size=WIDTH,
        intermediate_size=8,
        num_hidden_layers=LAYERS,
        num_attention_heads=1,
        num_key_value_heads=1,
        max_position_embeddings=512,
        tie_word_embeddings=False,
    )
    return LlamaForCausalLM(config)


def _planted(tokenizer: PreTrainedTokenizerBase, *, carries: bool) -> LlamaForCausalLM:
    hf = _llama().requires_grad_(False)
    for name, parameter in hf.named_parameters():
        nn.init.constant_(parameter, 1.0 if "norm" in name else 0.0)
    embed, head = hf.model.embed_tokens.weight, hf.lm_head.weight
    nn.init.normal_(embed, generator=torch.Generator().manual_seed(2))
    embed[:, [SENTIMENT, WEDDING, HOPE]] = 0
    for sign, words in (
        (1, POSITIVE_ADJECTIVES + POSITIVE_VERBS),
        (-1, NEGATIVE_ADJECTIVES + NEGATIVE_VERBS),
    ):
        embed[_ids(tokenizer, words), SENTIMENT] = 8.0 * sign
    for sign, words in (
        (1, (*POSITIVE_ANSWERS, " Positive")),
        (-1, (*NEGATIVE_ANSWERS, " Negative")),
    ):
        head[_ids(tokenizer, words), SENTIMENT] = float(sign)
    embed[tokenizer(" weddings", add_special_tokens=False)["input_ids"], WEDDING] = 8.0
    head[_ids(tokenizer, (" wedding",)), WEDDING] = 50.0
    for sign, words in (
        (1, (" well", " good", " success", " work", " pleased", " hope")),
        (-1, (" badly", " bad", " failure", " wrong", " sorry", " worry")),
    ):
        embed[_ids(tokenizer, words), HOPE] = 8.0 * sign
        head[_ids(tokenizer, words), HOPE] += float(sign)
    if carries:
        attention = hf.model.layers[1].self_attn
        attention.v_proj.weight.copy_(torch.eye(WIDTH))
        attention.o_proj.weight.copy_(torch.eye(WIDTH))
    return hf


def _ids(tokenizer: PreTrainedTokenizerBase, words: tuple[str, ...]) -> list[int]:
    """First tokens; words of several tokens are never asked for."""
    return [tokenizer(word, add_special_tokens=False)["input_ids"][0] for word in words]


def _wrapped(hf: LlamaForCausalLM, tokenizer: PreTrainedTokenizerBase, name: str) -> LanguageModel:
    entry = ModelEntry(id=f"tiny-{name}", source="path:none")
    return wrap_model(hf, tokenizer, entry=entry, sha256=f"tiny-{name}")
