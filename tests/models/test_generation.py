from collections.abc import Callable

import pytest
import torch
from torch import Tensor

from harness.models.generation import Sampling, continuations, draw
from harness.models.hookpoints import Hookpoint
from harness.models.hooks import hooked_modules
from harness.models.language_model import LanguageModel

MakeTiny = Callable[..., LanguageModel]
PROMPTS = [(7, 8, 9, 10), (11, 12), (13, 14, 15)]
PLACE = Hookpoint("resid_post", 1)


@pytest.fixture(scope="module")
def llama(make_tiny: MakeTiny) -> LanguageModel:
    return make_tiny("llama")


def generator(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def greedy(lm: LanguageModel, prompt: tuple[int, ...], tokens: int) -> tuple[int, ...]:
    """Without batch, padding or cache: the whole text read anew for every token."""
    ids = list(prompt)
    for _ in range(tokens):
        with torch.inference_mode():
            ids.append(int(lm.hf(torch.tensor([ids])).logits[0, -1].argmax()))
    return tuple(ids[len(prompt) :])


@pytest.mark.parametrize("family", ["llama", "gpt2", "gpt_neox", "gemma2"])
def test_a_padded_batch_continues_as_each_prompt_alone(make_tiny: MakeTiny, family: str) -> None:
    lm = make_tiny(family)
    found = continuations(lm, PROMPTS, Sampling(5, 0), generator())
    assert found == [greedy(lm, prompt, 5) for prompt in PROMPTS]


def test_an_edit_that_returns_what_it_gets_changes_nothing(llama: LanguageModel) -> None:
    sampling = Sampling(6, temperature=1.0)
    plain = continuations(llama, PROMPTS, sampling, generator())
    same = continuations(llama, PROMPTS, sampling, generator(), {PLACE: lambda x, _: x})
    assert plain == same
    assert hooked_modules(llama.hf) == []


def test_an_edit_sees_the_position_of_every_token_in_its_own_text(llama: LanguageModel) -> None:
    seen: list[list[list[int]]] = []

    def note(resid: Tensor, positions: Tensor) -> Tensor:
        seen.append(positions.tolist())
        return resid

    continuations(llama, PROMPTS[:2], Sampling(3, 0), generator(), {PLACE: note})
    assert seen == [[[0, 1, 2, 3], [-1, -1, 0, 1]], [[4], [2]], [[5], [3]]]


def test_an_edit_changes_what_is_said(llama: LanguageModel) -> None:
    plain = continuations(llama, PROMPTS, Sampling(6, 0), generator())
    moved = continuations(llama, PROMPTS, Sampling(6, 0), generator(), {PLACE: lambda x, _: -3 * x})
    assert plain != moved


def test_hooks_are_gone_after_a_crash(llama: LanguageModel) -> None:
    def crash(_resid: Tensor, _positions: Tensor) -> Tensor:
        raise RuntimeError("on purpose")

    with pytest.raises(RuntimeError, match="on purpose"):
        continuations(llama, PROMPTS, Sampling(2), generator(), {PLACE: crash})
    assert hooked_modules(llama.hf) == []


def test_the_same_seed_gives_the_same_text_and_another_seed_another(llama: LanguageModel) -> None:
    runs = [continuations(llama, PROMPTS, Sampling(8), generator(seed)) for seed in (1, 1, 2)]
    assert runs[0] == runs[1] != runs[2]


def test_tokens_are_drawn_as_often_as_they_are_likely() -> None:
    logits = torch.log(torch.tensor([0.5, 0.3, 0.2])).expand(20_000, 3)
    drawn = draw(logits, Sampling(1), generator())
    shares = torch.bincount(drawn, minlength=3) / len(drawn)
    torch.testing.assert_close(shares, torch.tensor([0.5, 0.3, 0.2]), atol=0.015, rtol=0)


def test_a_low_temperature_takes_the_likeliest(llama: LanguageModel) -> None:
    cold = continuations(llama, PROMPTS, Sampling(5, temperature=1e-3), generator())
    assert cold == continuations(llama, PROMPTS, Sampling(5, 0), generator())


def test_nothing_is_said_after_the_end(llama: LanguageModel) -> None:
    end = llama.tokenizer.eos_token_id
    assert isinstance(end, int)
    weights = llama.hf.get_output_embeddings().weight
    before = weights[end].clone()
    found = continuations(llama, PROMPTS, Sampling(4, 0), generator())
    try:
        with torch.no_grad():  # the first token said becomes the end of sequence's double
            weights[end] = 2 * weights[found[0][0]]
        ended = continuations(llama, PROMPTS[:1], Sampling(4, 0), generator())
    finally:
        with torch.no_grad():
            weights[end] = before
    assert ended == [()] and len(found[0]) == 4
