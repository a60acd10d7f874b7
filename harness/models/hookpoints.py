"""Names of places inside a transformer, and where each family keeps them. Free of torch.

| name | what is there | shape |
|---|---|---|
| resid_pre | residual stream entering the block | [batch, seq, d_model] |
| resid_mid | after attention is added, before the MLP | [batch, seq, d_model] |
| resid_post | residual stream leaving the block | [batch, seq, d_model] |
| attn_out, mlp_out | what attention or MLP *adds* to the residual stream | [batch, seq, d_model] |
| mlp_in | input of the MLP, after its norm | [batch, seq, d_model] |
| z | output of each head before W_O | [batch, seq, n_heads, d_head] |
"""

import re
from typing import Literal, NamedTuple, Self, cast, get_args

from harness.problems import did_you_mean
from harness.record import HarnessError

HookpointName = Literal[
    "resid_pre", "resid_mid", "resid_post", "attn_out", "mlp_in", "mlp_out", "z"
]
NAMES: tuple[str, ...] = get_args(HookpointName)
_PATTERN = re.compile(r"blocks\.(?P<layer>\d+)\.(?P<name>\w+)")


class Hookpoint(NamedTuple):
    """One place in one layer, written `blocks.18.resid_post`."""

    name: HookpointName
    layer: int

    def __str__(self) -> str:
        return f"blocks.{self.layer}.{self.name}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read `blocks.<layer>.<name>`. Raises `HarnessError` with the valid names."""
        matched = _PATTERN.fullmatch(text)
        if matched is None:
            raise HarnessError(f"hookpoint {text!r}: expected blocks.<layer>.<name>")
        if matched["name"] not in NAMES:
            raise HarnessError(f"hookpoint {text!r}{did_you_mean(matched['name'], list(NAMES))}")
        return cls(cast(HookpointName, matched["name"]), int(matched["layer"]))


class Site(NamedTuple):
    """Which module of a block is read, and on which side of it."""

    module: str
    """Path below the block; empty for the block itself."""
    side: Literal["input", "output"]
    shared: bool = False
    """Whether the tensor read also flows on past the module, so that a change is made in place."""


Sites = dict[HookpointName, Site]


class Family(NamedTuple):
    """How one architecture is laid out in transformers."""

    blocks: str
    """Path of the list of blocks below the causal language model."""
    final_norm: str
    """Path of the norm before the unembedding, below the causal language model."""
    sites: Sites
    attention: Literal["sdpa", "eager"] = "sdpa"


_STREAM: Sites = {
    "resid_pre": Site("", "input"),
    "resid_post": Site("", "output"),
    "mlp_in": Site("mlp", "input"),
}
_LLAMA = Family(
    blocks="model.layers",
    final_norm="model.norm",
    sites={
        **_STREAM,
        "resid_mid": Site("post_attention_layernorm", "input", shared=True),
        "attn_out": Site("self_attn", "output"),
        "mlp_out": Site("mlp", "output"),
        "z": Site("self_attn.o_proj", "input"),
    },
)
_GPT2 = Family(
    blocks="transformer.h",
    final_norm="transformer.ln_f",
    sites={
        **_STREAM,
        "resid_mid": Site("ln_2", "input", shared=True),
        "attn_out": Site("attn", "output"),
        "mlp_out": Site("mlp", "output"),
        "z": Site("attn.c_proj", "input"),
    },
)
# Attention and MLP read the same residual stream side by side: there is no resid_mid.
_GPT_NEOX = Family(
    blocks="gpt_neox.layers",
    final_norm="gpt_neox.final_layer_norm",
    sites={
        **_STREAM,
        "attn_out": Site("attention", "output"),
        "mlp_out": Site("mlp", "output"),
        "z": Site("attention.dense", "input"),
    },
)
# A norm stands between each sublayer and the residual stream: what is added is the norm's output.
_GEMMA_SITES: Sites = {
    **_STREAM,
    "resid_mid": Site("pre_feedforward_layernorm", "input", shared=True),
    "attn_out": Site("post_attention_layernorm", "output"),
    "mlp_out": Site("post_feedforward_layernorm", "output"),
    "z": Site("self_attn.o_proj", "input"),
}

FAMILIES: dict[str, Family] = {
    "llama": _LLAMA,
    "qwen2": _LLAMA,
    "qwen3": _LLAMA,
    "mistral": _LLAMA,
    "gpt2": _GPT2,
    "gpt_neox": _GPT_NEOX,
    # transformers' sdpa path leaves out gemma2's soft cap on attention scores.
    "gemma2": Family("model.layers", "model.norm", _GEMMA_SITES, attention="eager"),
    "gemma3_text": Family("model.layers", "model.norm", _GEMMA_SITES),
}
"""By `model_type` of the transformers configuration."""


def family_of(model_type: str) -> Family:
    """Raises `HarnessError` for an architecture without a table."""
    if model_type not in FAMILIES:
        raise HarnessError(
            f"architecture {model_type!r} has no table of hookpoints"
            f"{did_you_mean(model_type, sorted(FAMILIES))}"
        )
    return FAMILIES[model_type]


def site_of(family: Family, hookpoint: Hookpoint, n_layers: int) -> Site:
    """Raises `HarnessError` where the family lacks the name or the model the layer."""
    if hookpoint.name not in family.sites:
        choices = sorted(family.sites)
        raise HarnessError(f"{hookpoint}: this family has no {hookpoint.name}; valid: {choices}")
    if not 0 <= hookpoint.layer < n_layers:
        raise HarnessError(f"{hookpoint}: the model has layers 0 to {n_layers - 1}")
    return family.sites[hookpoint.name]
