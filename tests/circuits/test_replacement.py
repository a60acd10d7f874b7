"""circuit-tracer's model of ours: the same logits and latents, and what is refused."""

import copy

import pytest
import torch
from torch import Tensor
from torch.testing import assert_close

from harness.circuits.replacement import (
    Replacement,
    _PositiveTopK,
    base_logit_error,
    open_replacement,
)
from harness.models.hooks import hooked_modules
from harness.models.language_model import LanguageModel
from harness.record import HarnessError
from harness.transcoders.sets import TranscoderSet
from harness.transcoders.transcoder import TopK
from tests.circuits.random_transcoders import K, as_set, jumping, random_transcoders


def test_base_logits_are_those_of_transformers(replacement: Replacement, tokens: Tensor) -> None:
    assert 0 <= base_logit_error(replacement, tokens) < 1e-5


def test_weights_that_were_changed_are_noticed(
    lm: LanguageModel, transcoders: TranscoderSet, tokens: Tensor
) -> None:
    opened = open_replacement(lm, transcoders)
    with torch.no_grad():
        weight = opened.model._model.model.layers[1].mlp.down_proj.weight
        weight += 0.1 * torch.randn(weight.shape, generator=torch.Generator().manual_seed(0))
    with pytest.raises(HarnessError, match="logits are off by"):
        base_logit_error(opened, tokens)


def test_the_language_model_is_left_as_it_was(lm: LanguageModel, replacement: Replacement) -> None:
    assert replacement.model._model is not lm.hf
    assert lm.hf.config._attn_implementation != "eager" or lm.family.attention == "eager"
    assert all(parameter.requires_grad is False for parameter in replacement.model.parameters())
    assert hooked_modules(lm.hf) == []


@pytest.mark.parametrize("skip", [False, True])
def test_a_topk_set_has_the_same_latents_and_output_there(lm: LanguageModel, skip: bool) -> None:
    own = random_transcoders(lm, skip=skip)
    x = torch.randn(50, lm.d_model, generator=torch.Generator().manual_seed(1)) * 2
    theirs = open_replacement(lm, own).model.transcoders._module
    for layer, transcoder in enumerate(own.layers):
        with torch.no_grad():
            latents = theirs.encode_layer(x, layer)
            output = theirs[layer](x)
        assert_close(latents, transcoder.encode(x), atol=1e-5, rtol=0)
        assert_close(output, transcoder.decode(transcoder.encode(x), x), atol=1e-5, rtol=0)
        assert float((latents != 0).sum(-1).double().mean()) == transcoder.l0(x) <= K


def test_negative_pre_activations_are_not_active_as_they_are_in_circuit_tracers_topk() -> None:
    from circuit_tracer.transcoder.activation_functions import TopK as TheirTopK

    pre = torch.tensor([[3.0, -1.0, -2.0, -5.0]])
    assert _PositiveTopK(2)(pre).tolist() == TopK(2)(pre).tolist() == [[3, 0, 0, 0]]
    assert TheirTopK(2)(pre).tolist() == [[3, -1, 0, 0]], "the control"


def test_thresholds_are_kept(lm: LanguageModel) -> None:
    own = jumping(random_transcoders(lm), threshold=1.5)
    x = torch.randn(50, lm.d_model, generator=torch.Generator().manual_seed(1))
    theirs = open_replacement(lm, own).model.transcoders._module
    with torch.no_grad():
        latents = theirs.encode_layer(x, 1)
    assert_close(latents, own.layers[1].encode(x), atol=1e-5, rtol=0)
    assert float(latents[latents != 0].min()) > 1.5


def test_models_and_sets_that_do_not_fit_are_refused(
    lm: LanguageModel, transcoders: TranscoderSet
) -> None:
    class GPTBigCodeForCausalLM(type(lm.hf)): ...

    other = copy.copy(lm.hf)
    other.__class__ = GPTBigCodeForCausalLM
    with pytest.raises(HarnessError, match=r"GPTBigCodeForCausalLM; graphs need one of .*Llama"):
        open_replacement(_with(lm, other), transcoders)
    half = copy.deepcopy(lm.hf).bfloat16()
    with pytest.raises(HarnessError, match=r"bfloat16; .*float32 only"):
        open_replacement(_with(lm, half), transcoders)
    with pytest.raises(HarnessError, match=r"2 layers; .*has 3"):
        open_replacement(lm, as_set(transcoders.layers[:2]))


def _with(lm: LanguageModel, hf: object) -> LanguageModel:
    from dataclasses import replace

    return replace(lm, hf=hf)
