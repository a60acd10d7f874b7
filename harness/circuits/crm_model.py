"""A language model as TransformerLens has it, for tools that trace through its hook points.

Owns the conversion of our own weights, so that nothing is downloaded and no name is looked up.
"""

from typing import TYPE_CHECKING

import torch

from harness.models.language_model import LanguageModel
from harness.record import HarnessError

if TYPE_CHECKING:
    from transformer_lens import HookedTransformer, HookedTransformerConfig


def hooked_transformer(lm: LanguageModel, n_ctx: int) -> "HookedTransformer":
    """The model with its weights copied as they are, nothing folded or centred.

    `n_ctx` is the greatest number of tokens that it will read: each layer holds a mask of its
    square. Raises `HarnessError` for what is not a float32 Llama without scaled rotary embedding.
    """
    from transformer_lens import HookedTransformer
    from transformer_lens.pretrained.weight_conversions.llama import convert_llama_weights

    _require_plain_llama(lm)
    config = _config(lm, n_ctx)
    hooked = HookedTransformer(config)
    hooked.set_tokenizer(lm.tokenizer, default_padding_side="right")
    hooked.load_and_process_state_dict(
        convert_llama_weights(lm.hf, config),
        fold_ln=False,
        center_writing_weights=False,
        center_unembed=False,
        fold_value_biases=False,
    )
    return hooked.eval().requires_grad_(False)


def _require_plain_llama(lm: LanguageModel) -> None:
    config = lm.hf.config
    if config.model_type != "llama":
        raise HarnessError(f"{lm.ref} is of type {config.model_type!r}; valid is 'llama'")
    if config.rope_scaling is not None:
        raise HarnessError(
            f"{lm.ref}/config.json: rope_scaling is {config.rope_scaling}; only null is converted"
        )
    if lm.dtype != torch.float32:
        raise HarnessError(
            f"{lm.ref} is in {lm.dtype}: load it in float32, for attributions of lower precision "
            "do not agree with themselves"
        )


def _config(lm: LanguageModel, n_ctx: int) -> "HookedTransformerConfig":
    from transformer_lens import HookedTransformerConfig

    config = lm.hf.config
    return HookedTransformerConfig(
        d_model=config.hidden_size,
        d_head=config.head_dim,
        n_heads=config.num_attention_heads,
        d_mlp=config.intermediate_size,
        n_layers=config.num_hidden_layers,
        n_ctx=n_ctx,
        eps=config.rms_norm_eps,
        d_vocab=config.vocab_size,
        act_fn=config.hidden_act,
        n_key_value_heads=config.num_key_value_heads,
        normalization_type="RMS",
        positional_embedding_type="rotary",
        rotary_adjacent_pairs=False,
        rotary_dim=config.head_dim,
        rotary_base=int(config.rope_theta),
        final_rms=True,
        gated_mlp=True,
        original_architecture="LlamaForCausalLM",
        dtype=torch.float32,
        device=str(lm.device),
    )
