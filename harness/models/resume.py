"""A forward pass that starts in the middle: at a block and a place, the rest taken from a base run.

Patching changes one place at one layer, so all earlier layers and earlier places stay as they were
in the base run. `resume` computes only what can differ. All prompts of a batch have one length.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple, cast

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from harness.models.attention import Heads, Tap, tap_attention
from harness.models.language_model import LanguageModel


@dataclass(frozen=True)
class Base:
    """One forward pass over prompts of equal length, with all that a later start needs."""

    tokens: Int[Tensor, "batch seq"]
    resid: tuple[Float[Tensor, "batch seq d_model"], ...]
    """Entering block 0, 1, ..., and leaving the last: n_layers + 1 tensors."""
    keys: tuple[Float[Tensor, "batch n_kv_heads seq d_head"], ...]
    values: tuple[Float[Tensor, "batch n_kv_heads seq d_head"], ...]
    calls: tuple[tuple[tuple[Any, ...], dict[str, Any]], ...]
    """What else each block was called with."""

    @property
    def seq(self) -> int:
        """Tokens a prompt."""
        return self.tokens.shape[1]


def run_base(
    lm: LanguageModel,
    tokens: Int[Tensor, "batch seq"],
    *,
    pattern: Callable[[int, Tensor], Tensor] | None = None,
) -> Base:
    """Run whole prompts and keep every block's input, keys and values; on the model's device.

    `pattern` sees each layer's attention pattern on the way, as in a `Tap`.
    """
    resid: list[Tensor] = []
    keys: list[Tensor] = []
    values: list[Tensor] = []
    calls: list[tuple[tuple[Any, ...], dict[str, Any]]] = []

    def keep_heads(_layer: int, heads: Heads) -> Heads:
        keys.append(heads.k)
        values.append(heads.v)
        return heads

    def keep_call(_module: nn.Module, inputs: tuple[Any, ...], named: dict[str, Any]) -> None:
        resid.append(inputs[0])
        calls.append((inputs[1:], named))

    def keep_last(_module: nn.Module, inputs: tuple[Any, ...]) -> None:
        resid.append(inputs[0])

    handles = [
        block.register_forward_pre_hook(keep_call, with_kwargs=True) for block in blocks_of(lm)
    ]
    norm = lm.hf.get_submodule(lm.family.final_norm)
    handles.append(norm.register_forward_pre_hook(keep_last))
    try:
        with torch.inference_mode(), tap_attention(lm, Tap(keep_heads, pattern)):
            lm.hf.base_model(input_ids=tokens.to(lm.device), use_cache=False)
    finally:
        for handle in handles:
            handle.remove()
    return Base(tokens.to(lm.device), tuple(resid), tuple(keys), tuple(values), tuple(calls))


@torch.inference_mode()
def resume(
    lm: LanguageModel,
    base: Base,
    resid: Float[Tensor, "batch rest d_model"],
    *,
    layer: int,
    until: int | None = None,
    tap: Tap | None = None,
) -> Float[Tensor, "batch rest d_model"]:
    """The residual stream after the last block, or entering block `until`, at the last places.

    `resid` is what enters block `layer` at those places; at earlier ones the base run stands. Its
    batch may be several times the base run's, which then stands for each in turn.
    Hooks of `intervene` see the last places only, as `tap` does: its queries are the last places,
    its keys and values all of them.
    """
    start, times = base.seq - resid.shape[1], len(resid) // len(base.tokens)
    inner = tap or Tap()

    def with_earlier(number: int, heads: Heads) -> Heads:
        earlier = (base.keys[number][:, :, :start], base.values[number][:, :, :start])
        k, v = (
            torch.cat([each.repeat(times, 1, 1, 1), later], 2)
            for each, later in zip(earlier, (heads.k, heads.v), strict=True)
        )
        whole = Heads(heads.q, k, v)
        return whole if inner.heads is None else inner.heads(number, whole)

    with tap_attention(lm, Tap(heads=with_earlier, pattern=inner.pattern)):
        for number in range(layer, lm.n_layers if until is None else until):
            resid = call_block(lm, base, resid, number)
    return resid


def call_block(
    lm: LanguageModel, base: Base, resid: Float[Tensor, "batch rest d_model"], layer: int
) -> Float[Tensor, "batch rest d_model"]:
    """One block as the base run called it, on the last places only."""
    share = _Share(len(base.tokens), base.seq, resid.shape[1], len(resid))
    inputs, named = base.calls[layer]
    output = blocks_of(lm)[layer](
        resid,
        *(share.of(each) for each in inputs),
        **{key: share.of(each) for key, each in named.items()},
    )
    return output if isinstance(output, Tensor) else cast(Tensor, output[0])


def blocks_of(lm: LanguageModel) -> nn.ModuleList:
    """The model's blocks, in order."""
    return cast(nn.ModuleList, lm.hf.get_submodule(lm.family.blocks))


class _Share(NamedTuple):
    """What a call on some places needs of the arguments of the base run's call."""

    rows: int
    seq: int
    rest: int
    batch: int

    def of(self, given: Any) -> Any:
        """Of masks the rows of the last places, of positions and rotations theirs."""
        if isinstance(given, tuple):
            return tuple(self.of(each) for each in given)
        if not isinstance(given, Tensor):
            return given
        if given.ndim == 1:
            assert len(given) == self.seq, f"{tuple(given.shape)} is not over {self.seq} places"
            return given[-self.rest :]
        place = 2 if given.ndim == 4 else 1
        assert given.shape[place] == self.seq, f"{tuple(given.shape)}: not {self.seq} places"
        tail = given.narrow(place, self.seq - self.rest, self.rest)
        if len(tail) == 1:
            return tail
        return tail.repeat(self.batch // self.rows, *[1] * (tail.ndim - 1))
