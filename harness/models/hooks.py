"""Read and change activations with plain PyTorch hooks that are gone when their context ends.

Where `capture` and `intervene` name the same place, nest `capture` inside `intervene` to read what
the rest of the model sees.
"""

from collections.abc import Callable, Generator, Iterable, Mapping
from contextlib import ExitStack, contextmanager
from typing import Any, cast

from torch import Tensor, nn
from torch.utils.hooks import RemovableHandle

from harness.models.hookpoints import Hookpoint, Site, site_of
from harness.models.language_model import LanguageModel

Visit = Callable[[Tensor], Tensor | None]
"""Gets an activation, returns its replacement, or None to leave it as it is."""


@contextmanager
def capture(
    lm: LanguageModel, hookpoints: Iterable[Hookpoint]
) -> Generator[dict[Hookpoint, Tensor], None, None]:
    """Activations of the last forward inside the context, by hookpoint.

    Shapes [batch, seq, d_model], for `z` [batch, seq, n_heads, d_head]; attached to the graph
    where gradients flow. Raises `HarnessError` for a place that the model does not have.
    """
    captured: dict[Hookpoint, Tensor] = {}

    def keep(hookpoint: Hookpoint) -> Visit:
        return lambda activation: captured.update({hookpoint: activation})

    with ExitStack() as hooks:
        for hookpoint in hookpoints:
            hooks.callback(attach(lm, hookpoint, keep(hookpoint)).remove)
        yield captured


@contextmanager
def intervene(
    lm: LanguageModel, edits: Mapping[Hookpoint, Callable[[Tensor], Tensor]]
) -> Generator[None, None, None]:
    """Inside the context every forward goes on with what the functions return.

    A function gets and returns the shapes of `capture`. Raises `HarnessError` for a place that
    the model does not have.
    """
    with ExitStack() as hooks:
        for hookpoint, edit in edits.items():
            hooks.callback(attach(lm, hookpoint, edit).remove)
        yield


def attach(lm: LanguageModel, hookpoint: Hookpoint, visit: Visit) -> RemovableHandle:
    """Call `visit` at every pass through the hookpoint until the handle is removed."""
    site = site_of(lm.family, hookpoint, lm.n_layers)
    blocks = cast(nn.ModuleList, lm.hf.get_submodule(lm.family.blocks))
    module = blocks[hookpoint.layer].get_submodule(site.module)
    if hookpoint.name == "z":
        visit = _by_head(visit, lm.n_heads)
    if site.side == "output":
        return module.register_forward_hook(_on_output(visit))
    return module.register_forward_pre_hook(_on_input(visit, site))


def hooked_modules(module: nn.Module) -> list[str]:
    """Names of the modules below `module` that carry any forward hook."""
    return [
        name
        for name, each in module.named_modules()
        if each._forward_hooks or each._forward_pre_hooks  # pyright: ignore[reportPrivateUsage]
    ]


def _by_head(visit: Visit, n_heads: int) -> Visit:
    """Heads are an axis of their own for `visit`, and joined again for the model."""

    def visit_heads(joined: Tensor) -> Tensor | None:
        changed = visit(joined.unflatten(-1, (n_heads, -1)))
        return None if changed is None else changed.flatten(-2)

    return visit_heads


def _on_output(visit: Visit) -> Callable[[nn.Module, Any, Any], Any]:
    """Blocks and attentions return a tensor, or a tuple that starts with it."""

    def hook(_module: nn.Module, _inputs: Any, output: Any) -> Any:
        if isinstance(output, Tensor):
            return visit(output)
        changed = visit(output[0])
        return None if changed is None else (changed, *output[1:])

    return hook


def _on_input(visit: Visit, site: Site) -> Callable[[nn.Module, Any], Any]:
    def hook(_module: nn.Module, inputs: tuple[Any, ...]) -> Any:
        if site.shared:
            # The clone keeps what `visit` reads apart from what is overwritten.
            changed = visit(inputs[0].clone())
            return None if changed is None else (inputs[0].copy_(changed), *inputs[1:])
        changed = visit(inputs[0])
        return None if changed is None else (changed, *inputs[1:])

    return hook
