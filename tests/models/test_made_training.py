from collections.abc import Iterator

import pytest
import torch
from torch.testing import assert_close
from transformers import LlamaForCausalLM

from harness.data.fact_texts import fact_texts
from harness.models.made_recipe import MadeRecipe, capitals_recipe
from harness.models.made_tokenizer import token_rows, word_tokenizer
from harness.models.made_training import llama_config, next_token_loss, train_llama
from harness.models.registry import resolve

# Each first word is followed by its own last word, whatever stands between.
TEXTS = tuple(f"{a} {x} {b}." for a, b in ("uv", "wz", "ab", "cd") for x in ("m", "n", "o", "p"))
TINY = MadeRecipe(
    id="tiny",
    texts_sha256="of no matter",
    n_layers=1,
    n_heads=2,
    d_model=16,
    d_mlp=32,
    context_length=8,
    batch=16,
    steps=150,
    learning_rate=2e-2,
    threads=1,
)


def trained(recipe: MadeRecipe = TINY) -> LlamaForCausalLM:
    tokenizer = word_tokenizer(TEXTS, context_length=8)
    return train_llama(recipe, llama_config(recipe, tokenizer), token_rows(tokenizer, TEXTS))


def recalled(model: LlamaForCausalLM) -> float:
    """How often the third word is right after two."""
    rows = token_rows(word_tokenizer(TEXTS, context_length=8), TEXTS)
    with torch.inference_mode():
        return float((model(rows[:, :3]).logits[:, -1].argmax(-1) == rows[:, 3]).double().mean())


@pytest.fixture(scope="module")
def model() -> Iterator[LlamaForCausalLM]:
    yield trained()


def test_planted_rule_is_learned(model: LlamaForCausalLM) -> None:
    assert recalled(model) == 1.0


def test_control_one_step_of_training_does_not_learn_it() -> None:
    assert recalled(trained(TINY.model_copy(update={"steps": 1}))) < 0.6


def test_same_recipe_gives_the_same_weights_whatever_went_before(model: LlamaForCausalLM) -> None:
    torch.rand(7)
    with torch.inference_mode():
        again = trained()
    for one, other in zip(model.parameters(), again.parameters(), strict=True):
        assert torch.equal(one, other)


def test_control_another_seed_gives_other_weights(model: LlamaForCausalLM) -> None:
    other = trained(TINY.model_copy(update={"seed": 1}))
    assert not torch.equal(model.lm_head.weight, other.lm_head.weight)


def test_global_generator_and_threads_are_as_before() -> None:
    before = torch.get_rng_state(), torch.get_num_threads()
    trained(TINY.model_copy(update={"steps": 1, "threads": 2}))
    assert torch.equal(torch.get_rng_state(), before[0])
    assert torch.get_num_threads() == before[1]


def test_every_step_is_told() -> None:
    told: list[tuple[int, int]] = []
    tokenizer = word_tokenizer(TEXTS, context_length=8)
    recipe = TINY.model_copy(update={"steps": 3})
    rows = token_rows(tokenizer, TEXTS)
    train_llama(recipe, llama_config(recipe, tokenizer), rows, told=lambda *at: told.append(at))
    assert told == [(1, 3), (2, 3), (3, 3)]


def test_padding_changes_no_loss(model: LlamaForCausalLM) -> None:
    rows = token_rows(word_tokenizer(TEXTS, context_length=8), TEXTS)
    padded = torch.cat([rows, torch.zeros_like(rows[:, :1])], dim=1)
    with torch.inference_mode():
        assert_close(next_token_loss(model, padded), next_token_loss(model, rows))


def test_loss_is_the_mean_of_each_next_tokens_surprisal(model: LlamaForCausalLM) -> None:
    rows = token_rows(word_tokenizer(TEXTS, context_length=8), TEXTS)[:1]
    with torch.inference_mode():
        logs = model(rows).logits.log_softmax(-1)[0]
        by_hand = -sum(logs[i, rows[0, i + 1]] for i in range(rows.shape[1] - 1)) / (
            rows.shape[1] - 1
        )
        assert_close(next_token_loss(model, rows), by_hand)


def test_capitals_has_the_parameters_that_the_registry_says() -> None:
    recipe = capitals_recipe()
    tokenizer = word_tokenizer(fact_texts(), context_length=recipe.context_length)
    with torch.device("meta"):
        model = LlamaForCausalLM(llama_config(recipe, tokenizer))
    counted = sum(parameter.numel() for parameter in model.parameters())
    assert counted == resolve("capitals-4l").parameters
    assert model.lm_head.weight is not model.get_input_embeddings().weight


def test_changed_recipe_has_another_digest() -> None:
    recipe = capitals_recipe()
    assert recipe.digest != recipe.model_copy(update={"steps": recipe.steps + 1}).digest
    assert recipe.digest != recipe.model_copy(update={"texts_sha256": "0"}).digest
    assert recipe.digest == capitals_recipe().digest
