"""TransformerLens on the weights that we loaded: the second implementation, offline."""

import torch
from transformer_lens import HookedTransformer, HookedTransformerConfig
from transformer_lens.pretrained.weight_conversions import convert_llama_weights

from harness.models.language_model import LanguageModel


def hooked_transformer(lm: LanguageModel) -> HookedTransformer:
    """A HookedTransformer of a Llama-family model, weights converted but not folded or centred."""
    config = lm.hf.config
    cfg = HookedTransformerConfig(
        d_model=config.hidden_size,
        d_head=config.head_dim,
        n_heads=config.num_attention_heads,
        d_mlp=config.intermediate_size,
        n_layers=config.num_hidden_layers,
        n_ctx=256,
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
        device="cpu",
    )
    lens = HookedTransformer(cfg)
    lens.set_tokenizer(lm.tokenizer, default_padding_side="right")
    lens.load_and_process_state_dict(
        convert_llama_weights(lm.hf, cfg),
        fold_ln=False,
        center_writing_weights=False,
        center_unembed=False,
        fold_value_biases=False,
    )
    return lens.eval().requires_grad_(False)
