"""One prompt traced through a complete replacement model by OpenMOSS' llamascopium.

The only module that imports llamascopium. Owns loading its modules and running its attribution with
QK tracing; `crm_result` reads what comes out. Attention patterns, norms and what the modules do not
explain are held as they are on this prompt.
Source: interp.open-moss.com/posts/complete-replacement.
"""

from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import torch

from harness.circuits.crm_model import hooked_transformer
from harness.circuits.crm_result import ACTS, NodeNames, read_result
from harness.circuits.crm_settings import CrmSettings
from harness.graphs.crm import CrmAttribution
from harness.models.language_model import LanguageModel
from harness.models.tokenization import tokenize
from harness.record import HarnessError

if TYPE_CHECKING:
    from llamascopium import AttributionResult, TransformerLensLanguageModel
    from llamascopium.models.sparse_dictionary import SparseDictionary

_PARITY = 1e-3
"""Of the largest logit: float32 loses far less between two implementations."""


def load_modules(folders: Sequence[Path], device: torch.device) -> list["SparseDictionary"]:
    """Lorsas and transcoders from folders of `config.json` and `sae_weights.safetensors`.

    In float32 on `device`, which must be the model's. Raises `HarnessError` where a file is
    missing, llamascopium is not installed, or a module expects activations that are normalised
    first.
    """
    _require_llamascopium()
    return [_load_module(folder, device) for folder in folders]


def trace_crm(
    lm: LanguageModel,
    modules: Sequence["SparseDictionary"],
    prompt: str,
    settings: CrmSettings | None = None,
) -> CrmAttribution:
    """Attribute the last token's logits to features, errors and embeddings, and prune.

    `modules` stand in for attention and MLPs where they say so; other components stay. Raises
    `HarnessError` where the model is of another kind, llamascopium is not installed, the prompt is
    too long for a module, no feature is active, or llamascopium's model gives other logits.
    """
    _require_llamascopium()
    from llamascopium import TransformerLensLanguageModel, prune_attribution

    settings = settings or CrmSettings()
    tokens = torch.tensor(tokenize(lm, [prompt])[0], device=lm.device)
    _require_fit(modules, len(tokens))
    model = TransformerLensLanguageModel.from_hooked_transformer(
        hooked_transformer(lm, len(tokens))
    )
    result = _attribute(model, modules, tokens, settings)
    _require_parity(lm, tokens, result)
    pruned = prune_attribution(
        result.attribution,
        result.probs,
        node_threshold=settings.node_threshold,
        edge_threshold=settings.edge_threshold,
    )
    names = NodeNames(_lorsa_hooks(modules), tuple(result.prompt_token_ids), model.cfg.n_layers)
    return read_result(prompt, result, kept=pruned.data != 0, names=names)


def _require_llamascopium() -> None:
    if find_spec("llamascopium") is None:
        raise HarnessError(
            "complete replacement models need llamascopium: pip install "
            "'interp-replication-harness[crm]'"
        )


def _load_module(folder: Path, device: torch.device) -> "SparseDictionary":
    from llamascopium import SparseDictionary

    for name in ("config.json", "sae_weights.safetensors"):
        if not (folder / name).is_file():
            raise HarnessError(f"{folder}: has no {name}")
    module = SparseDictionary.from_pretrained(str(folder), device=str(device), dtype=torch.float32)
    if module.cfg.norm_activation != "inference":
        raise HarnessError(
            f"{folder}/config.json: norm_activation is {module.cfg.norm_activation!r}; save the "
            "module with fold_activation_scale=True, so that it takes activations as they are"
        )
    return module.eval().requires_grad_(False)


def _require_fit(modules: Sequence["SparseDictionary"], length: int) -> None:
    from llamascopium import LowRankSparseAttention

    if not modules:
        raise HarnessError("no module: a replacement model needs at least one Lorsa or transcoder")
    for module in modules:
        if isinstance(module, LowRankSparseAttention) and length > module.cfg.n_ctx:
            raise HarnessError(
                f"the prompt has {length} tokens; the Lorsa at {module.cfg.hook_point_out} reads "
                f"at most {module.cfg.n_ctx}"
            )


def _attribute(
    model: "TransformerLensLanguageModel",
    modules: Sequence["SparseDictionary"],
    tokens: torch.Tensor,
    settings: CrmSettings,
) -> "AttributionResult":
    active = _active(model, modules, tokens, settings.batch_size)
    if active == 0:
        raise HarnessError("no feature of the modules is active on the prompt: nothing to trace")
    return model.attribute(
        tokens,
        list(modules),
        max_n_logits=settings.max_n_logits,
        desired_logit_prob=settings.desired_logit_prob,
        batch_size=settings.batch_size,
        # Asked for more than there are, llamascopium collects some twice.
        max_features=min(settings.max_feature_nodes, active),
        enable_qk_tracing=settings.enable_qk_tracing,
        qk_top_fraction=settings.qk_top_fraction,
        qk_topk=settings.qk_topk,
    )


def _active(
    model: "TransformerLensLanguageModel",
    modules: Sequence["SparseDictionary"],
    tokens: torch.Tensor,
    batch_size: int,
) -> int:
    """How many features are active on the prompt, counted at each position."""
    names = [module.cfg.hooks_out[0] + ACTS for module in modules]
    with torch.no_grad(), model.apply_saes(list(modules)):
        # The same batch as in the attribution, so that no activation is rounded otherwise.
        _, cache = model.run_with_cache(tokens.repeat(batch_size, 1), names_filter=names)
    return sum(int((cache[name][0] != 0).sum()) for name in names)


def _require_parity(lm: LanguageModel, tokens: torch.Tensor, result: "AttributionResult") -> None:
    """What modules do not explain is added back, so the logits are those of the model itself."""
    with torch.no_grad():
        ours = lm.hf(tokens[None]).logits[0, -1]
    error = float((ours[result.logit_token_ids] - result.logits[0]).abs().max())
    if error > _PARITY * float(ours.abs().max()):
        raise HarnessError(
            f"{lm.ref}: the traced model's logits are off by {error:.3g}: its configuration is not "
            "converted right"
        )


def _lorsa_hooks(modules: Sequence["SparseDictionary"]) -> frozenset[str]:
    from llamascopium import LowRankSparseAttention

    return frozenset(
        module.cfg.hook_point_out
        for module in modules
        if isinstance(module, LowRankSparseAttention)
    )
