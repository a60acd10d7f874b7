"""circuit-tracer's replacement model of a language model and a set of transcoders.

One of the places that import circuit_tracer. Everything is float32 on the nnsight backend, and the
base logits are held against transformers' before anything rests on them.
"""

import copy
import os
import warnings
from typing import TYPE_CHECKING, NamedTuple, cast

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from harness.models.language_model import LanguageModel
from harness.record import HarnessError
from harness.transcoders.sets import CrossLayerSet, TranscoderSet
from harness.transcoders.transcoder import JumpReLU, TopK, Transcoder

if TYPE_CHECKING:
    from circuit_tracer.replacement_model.replacement_model_nnsight import NNSightReplacementModel
    from circuit_tracer.transcoder import SingleLayerTranscoder
    from circuit_tracer.transcoder import TranscoderSet as TheirSet
    from circuit_tracer.transcoder.cross_layer_transcoder import CrossLayerTranscoder
    from transformers import PreTrainedTokenizer

ARCHITECTURES = (
    "LlamaForCausalLM",
    "Qwen3ForCausalLM",
    "Gemma2ForCausalLM",
    "Gemma3ForCausalLM",
    "GptOssForCausalLM",
)
"""That circuit-tracer's nnsight backend knows."""
_PARITY = 1e-3
"""Of the largest logit: what float32 loses between two attention kernels is far less."""


class Replacement(NamedTuple):
    """A language model, its transcoders, and both as circuit-tracer has them."""

    lm: LanguageModel
    transcoders: TranscoderSet | CrossLayerSet
    model: "NNSightReplacementModel"


def open_replacement(lm: LanguageModel, transcoders: TranscoderSet | CrossLayerSet) -> Replacement:
    """The replacement model, on a copy of the weights.

    Raises `HarnessError` for an architecture that circuit-tracer does not know, for weights that
    are not float32, and for a set with another number of layers.
    """
    architecture = type(lm.hf).__name__
    if architecture not in ARCHITECTURES:
        raise HarnessError(f"{lm.ref}: {architecture}; graphs need one of {list(ARCHITECTURES)}")
    if lm.dtype != torch.float32:
        raise HarnessError(f"{lm.ref}: {lm.dtype}; attribution is reproducible in float32 only")
    if transcoders.n_layers != lm.n_layers:
        raise HarnessError(
            f"transcoders {transcoders.ref}: {transcoders.n_layers} layers; {lm.ref} has "
            f"{lm.n_layers}"
        )
    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        from circuit_tracer.replacement_model.replacement_model_nnsight import (
            NNSightReplacementModel,
        )
    hf = copy.deepcopy(lm.hf)
    hf.config._attn_implementation = "eager"  # pyright: ignore[reportPrivateUsage]
    tokenizer = cast("PreTrainedTokenizer", lm.tokenizer)
    model = NNSightReplacementModel(hf, tokenizer=tokenizer, dispatch=True)
    model._hf_config = hf.config  # pyright: ignore[reportPrivateUsage]
    theirs = (
        _as_set(transcoders) if isinstance(transcoders, TranscoderSet) else _as_clt(transcoders)
    )
    model._configure_replacement_model(theirs)  # pyright: ignore[reportPrivateUsage]
    return Replacement(lm, transcoders, model)


def base_logit_error(replacement: Replacement, tokens: Int[Tensor, " seq"]) -> float:
    """Largest difference between the unchanged replacement model's logits and transformers'.

    Raises `HarnessError` where it is more than rounding.
    """
    lm = replacement.lm
    with torch.inference_mode():
        theirs, _ = replacement.model.get_activations(tokens)
        ours = lm.hf(tokens.to(lm.device)[None], use_cache=False).logits
    error = float((theirs - ours).abs().max())
    if error > _PARITY * float(ours.abs().max()):
        raise HarnessError(f"{lm.ref}: the replacement model's logits are off by {error:.3g}")
    return error


class _PositiveTopK(nn.Module):
    """As `transcoder.TopK`; circuit-tracer's own lets negative values through."""

    def __init__(self, k: int) -> None:
        super().__init__()
        self._topk = TopK(k)

    def forward(self, pre: Float[Tensor, "*rows n"]) -> Float[Tensor, "*rows n"]:
        return self._topk(pre)


def _as_set(transcoders: TranscoderSet) -> "TheirSet":
    from circuit_tracer.transcoder import TranscoderSet as TheirSet

    return TheirSet(
        {layer: _as_theirs(each, layer) for layer, each in enumerate(transcoders.layers)},
        feature_input_hook=transcoders.config.feature_input_hook,
        feature_output_hook=transcoders.config.feature_output_hook,
        scan=transcoders.config.scan,
    )


def _as_clt(transcoders: CrossLayerSet) -> "CrossLayerTranscoder":
    """Read again by circuit-tracer itself: thresholds lie in the files."""
    from circuit_tracer.transcoder.cross_layer_transcoder import load_clt

    assert transcoders.folder is not None, transcoders.ref
    return load_clt(
        str(transcoders.folder),
        feature_input_hook=transcoders.config.feature_input_hook,
        feature_output_hook=transcoders.config.feature_output_hook,
        scan=transcoders.config.scan,
        device=torch.device("cpu"),
        dtype=torch.float32,
        lazy_encoder=False,
        lazy_decoder=False,
    )


def _as_theirs(transcoder: Transcoder, layer: int) -> "SingleLayerTranscoder":
    from circuit_tracer.transcoder import SingleLayerTranscoder
    from circuit_tracer.transcoder.activation_functions import JumpReLU as TheirJumpReLU

    n, d = transcoder.W_enc.shape
    match transcoder.activation:
        case TopK(k):
            activation: nn.Module = _PositiveTopK(k)
        case JumpReLU(threshold):
            activation = TheirJumpReLU(threshold.clone(), 0.1)
    skip = transcoder.W_skip is not None
    theirs = SingleLayerTranscoder(
        d, n, activation, layer, skip, device=torch.device("cpu"), dtype=torch.float32
    )
    for name in ("W_enc", "b_enc", "W_dec", "b_dec", *(("W_skip",) if skip else ())):
        getattr(theirs, name).data = getattr(transcoder, name).clone()
    return theirs
