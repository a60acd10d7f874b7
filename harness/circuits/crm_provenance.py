"""How a graph of a complete replacement model was made, for its metadata."""

import hashlib
from collections.abc import Sequence
from importlib.metadata import version
from typing import TYPE_CHECKING

from pydantic import JsonValue

from harness.circuits.crm_settings import CrmSettings
from harness.graphs.attribution_graph import Generator, Info, PruningSettings
from harness.graphs.metadata import Provenance
from harness.models.language_model import LanguageModel

if TYPE_CHECKING:
    from llamascopium.models.sparse_dictionary import SparseDictionary

_PRUNING = ("node_threshold", "edge_threshold")
_LIBRARIES = ("llamascopium", "torch", "transformer-lens", "transformers")


def crm_provenance(
    lm: LanguageModel,
    modules: Sequence["SparseDictionary"],
    settings: CrmSettings,
    *,
    slug: str,
    description: str,
) -> Provenance:
    """Settings, versions, and hashes of model and modules. Scores are left to the writer."""
    asked: dict[str, JsonValue] = settings.model_dump(mode="json", exclude=set(_PRUNING))
    if not settings.enable_qk_tracing:
        asked = {key: value for key, value in asked.items() if not key.startswith("qk_")}
    return Provenance(
        slug=slug,
        scan=lm.ref,
        info=Info(
            description=description,
            generator=Generator(
                name="interp-replication-harness with llamascopium",
                version=version("interp-replication-harness"),
                url="https://github.com/OpenMOSS/Language-Model-SAEs",
            ),
        ),
        generation_settings={
            **asked,
            "dtype": str(lm.dtype).removeprefix("torch."),
            "model": lm.ref,
            "model_sha256": lm.sha256,
            "modules": [f"{each.cfg.sae_type} at {each.cfg.hooks_out[0]}" for each in modules],
            "modules_sha256": _sha256(modules),
            "versions": {name: version(name) for name in _LIBRARIES},
        },
        pruning_settings=PruningSettings(
            node_threshold=settings.node_threshold, edge_threshold=settings.edge_threshold
        ),
    )


def _sha256(modules: Sequence["SparseDictionary"]) -> str:
    """Of configurations and parameters, as they are used."""
    digest = hashlib.sha256()
    for module in modules:
        digest.update(module.cfg.model_dump_json().encode())
        for name, tensor in sorted(module.named_parameters()):
            digest.update(name.encode())
            digest.update(tensor.detach().cpu().contiguous().numpy().tobytes())
    return digest.hexdigest()
