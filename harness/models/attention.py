"""Read and change what happens inside attention: queries, keys, values and patterns.

Every family of transformers calls one function with its queries, keys and values (positions already
rotated in). Inside `tap_attention` that function is ours; outside nothing is changed.
"""

from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple, cast

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn
from transformers.masking_utils import ALL_MASK_ATTENTION_FUNCTIONS
from transformers.modeling_utils import ALL_ATTENTION_FUNCTIONS

from harness.models.language_model import LanguageModel
from harness.record import HarnessError

_NAME = "harness"
"""Under which our attention function is registered while a tap is on."""


class Heads(NamedTuple):
    """What the heads of one layer work with; keys and values may be shared between heads."""

    q: Float[Tensor, "batch n_heads query d_head"]
    k: Float[Tensor, "batch n_kv_heads key d_head"]
    v: Float[Tensor, "batch n_kv_heads key d_head"]


class Tap(NamedTuple):
    """What is done at every layer's attention; called with the layer's number."""

    heads: Callable[[int, Heads], Heads] | None = None
    """Gets queries, keys and values, returns what attention goes on with. Queries are taken to
    stand at the last places of the keys."""
    pattern: Callable[[int, Float[Tensor, "batch n_heads query key"]], Tensor] | None = None
    """Gets the softmax of the scores, returns the pattern that mixes the values."""


@contextmanager
def tap_attention(lm: LanguageModel, tap: Tap) -> Generator[None, None, None]:
    """Inside the context every forward's attention goes through `tap`.

    A tap that returns what it gets changes nothing beyond rounding. Raises `HarnessError` inside
    another tap: two would hide each other.
    """
    before = _in_use(lm)
    if before == _NAME:
        raise HarnessError("attention is tapped already; leave that context first")

    def attend(module: nn.Module, q: Tensor, k: Tensor, v: Tensor, mask: Any, **rest: Any) -> Any:
        layer = cast(int, module.layer_idx)
        heads = Heads(q, k, v) if tap.heads is None else tap.heads(layer, Heads(q, k, v))
        return _attend(layer, heads, mask, tap, _Scores.of(q, rest)), None

    ALL_ATTENTION_FUNCTIONS[_NAME] = attend
    ALL_MASK_ATTENTION_FUNCTIONS[_NAME] = ALL_MASK_ATTENTION_FUNCTIONS["sdpa"]
    _use(lm, _NAME)
    try:
        yield
    finally:
        _use(lm, before)
        del ALL_ATTENTION_FUNCTIONS[_NAME]
        del ALL_MASK_ATTENTION_FUNCTIONS[_NAME]


def patterns(
    lm: LanguageModel, tokens: Int[Tensor, "batch seq"], layers: Sequence[int] | None = None
) -> dict[int, Float[Tensor, "batch n_heads query key"]]:
    """Attention patterns by layer, of all layers where none are named; rows sum to 1."""
    wanted = range(lm.n_layers) if layers is None else layers
    found: dict[int, Tensor] = {}

    def keep(layer: int, pattern: Tensor) -> Tensor:
        if layer in wanted:
            found[layer] = pattern
        return pattern

    with torch.inference_mode(), tap_attention(lm, Tap(pattern=keep)):
        lm.hf.base_model(input_ids=tokens.to(lm.device), use_cache=False)
    return found


def frozen(saved: Mapping[int, Float[Tensor, "batch n_heads query key"]]) -> Tap:
    """A tap that puts saved patterns in the place of those computed; of other layers none."""

    def put(layer: int, pattern: Tensor) -> Tensor:
        return saved.get(layer, pattern)

    return Tap(pattern=put)


def _in_use(lm: LanguageModel) -> str:
    return str(lm.hf.config._attn_implementation)  # pyright: ignore[reportPrivateUsage]


def _use(lm: LanguageModel, name: str) -> None:
    """transformers looks the function up by this name at every call."""
    lm.hf.config._attn_implementation = name  # pyright: ignore[reportPrivateUsage]


class _Scores(NamedTuple):
    """How a family turns products of queries and keys into scores."""

    scaling: float
    softcap: float | None

    @classmethod
    def of(cls, q: Tensor, given: Mapping[str, Any]) -> "_Scores":
        """GPT-2 names no scaling: it is one over the root of the head's width."""
        scaling = given.get("scaling")
        return cls(q.shape[-1] ** -0.5 if scaling is None else scaling, given.get("softcap"))


def _attend(layer: int, heads: Heads, mask: Tensor | None, tap: Tap, how: _Scores) -> Tensor:
    """Output of each head before W_O, [batch, query, n_heads, d_head]."""
    groups = heads.q.shape[1] // heads.k.shape[1]
    k, v = (each.repeat_interleave(groups, 1) for each in (heads.k, heads.v))
    visible = _visible(heads.q, k, mask)
    if tap.pattern is None and how.softcap is None:
        mixed = nn.functional.scaled_dot_product_attention(
            heads.q, k, v, attn_mask=visible, scale=how.scaling
        )
        return mixed.transpose(1, 2).contiguous()
    scores = heads.q @ k.transpose(-1, -2) * how.scaling
    if how.softcap is not None:
        scores = torch.tanh(scores / how.softcap) * how.softcap
    scores = scores.masked_fill(~visible, torch.finfo(scores.dtype).min)
    pattern = scores.softmax(-1, dtype=torch.float32).to(heads.q.dtype)
    if tap.pattern is not None:
        pattern = tap.pattern(layer, pattern)
    return (pattern @ v).transpose(1, 2).contiguous()


def _visible(q: Tensor, k: Tensor, mask: Tensor | None) -> Tensor:
    """bool [.., query, key]: the given mask, else each query sees all up to its own place."""
    queries, keys = q.shape[-2], k.shape[-2]
    if mask is None:
        square = torch.ones(queries, keys, dtype=torch.bool, device=q.device)
        return square.tril(keys - queries)
    allowed = mask if mask.dtype == torch.bool else mask > -1
    return allowed[..., -queries:, :keys]
