"""What llamascopium found, read into plain arrays and records, which `graphs.crm` writes.

Owns which node of a graph each element of a hook point is. Imports llamascopium for types only.
"""

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple, cast

import numpy as np
import torch

from harness.graphs.build import Logits
from harness.graphs.crm import CrmAttribution
from harness.graphs.crm_nodes import BiasKind, CrmNode
from harness.graphs.crm_qk import QkMarginal, QkPair, QkTrace

if TYPE_CHECKING:
    from llamascopium import AttributionResult, NodeDimension, NodeIndexed
    from llamascopium.circuits.attribution import QKTracingResult

ACTS = ".sae.hook_feature_acts"
"""What follows the hook point that a module writes to, where its features' activations are."""
_ERROR = ".error"
_DECODER_BIAS = ".sae.hook_b_D"
_SCORE_BIAS: dict[str, BiasKind] = {".sae.hook_b_Q": "lorsa_bQ", ".sae.hook_b_K": "lorsa_bK"}
_MODEL_BIAS: dict[str, BiasKind] = {"attn.hook_b_O": "attn_bO", "mlp.hook_b_out": "mlp_bout"}


class NodeNames(NamedTuple):
    """What is needed to tell which node a hook point's element is."""

    lorsas: frozenset[str]
    """Hook points that a Lorsa writes to."""
    token_ids: tuple[int, ...]
    n_layers: int

    def node(self, key: str, indices: Sequence[int]) -> CrmNode:
        """`indices`: position and latent; of logits, the vocabulary id alone."""
        if key == "hook_embed":
            return CrmNode("embedding", -1, indices[0], self.token_ids[indices[0]])
        if key == "logits":
            return CrmNode("logit", self.n_layers, len(self.token_ids) - 1, indices[0])
        match = re.match(r"blocks\.(\d+)\.", key)
        assert match is not None, key
        layer = int(match[1])
        if key.endswith(ACTS):
            lorsa = key.removesuffix(ACTS) in self.lorsas
            return CrmNode("lorsa" if lorsa else "transcoder", layer, indices[0], indices[1])
        if key.endswith(_ERROR):
            lorsa = key.removesuffix(_ERROR) in self.lorsas
            return CrmNode("attn_error" if lorsa else "mlp_error", layer, indices[0])
        return CrmNode(self._bias(key, match[0]), layer, indices[0])

    def _bias(self, key: str, block: str) -> BiasKind:
        for suffix, kind in _SCORE_BIAS.items():
            if key.endswith(suffix):
                return kind
        if key.endswith(_DECODER_BIAS):
            return "lorsa_bD" if key.removesuffix(_DECODER_BIAS) in self.lorsas else "tc_bD"
        return _MODEL_BIAS[key.removeprefix(block)]

    def of(self, dimension: "NodeDimension") -> list[CrmNode]:
        """The nodes of one axis, in its order."""
        found: dict[int, CrmNode] = {}
        for key, node in dimension.node_mappings.items():
            places = cast("list[int]", node.offsets.tolist())
            indices = cast("list[list[int]]", node.indices.tolist())
            nodes = [self.node(str(key), each) for each in indices]
            found.update(zip(places, nodes, strict=True))
        return [found[place] for place in range(len(found))]


def read_result(
    prompt: str, result: "AttributionResult", *, kept: torch.Tensor, names: NodeNames
) -> CrmAttribution:
    """What llamascopium found, as plain arrays and records.

    `kept` has the shape of the attribution: targets by sources.
    """
    targets, sources = (names.of(dimension) for dimension in result.attribution.dimensions)
    activations = zip(
        names.of(result.activations.dimensions[0]), result.activations.data.tolist(), strict=True
    )
    return CrmAttribution(
        prompt=prompt,
        tokens=tuple(result.prompt_tokens),
        logits=Logits(
            tuple(result.logit_token_ids), tuple(result.logit_tokens), _array(result.probs)
        ),
        targets=targets,
        sources=sources,
        weights=_array(result.attribution.data),
        kept=_array(kept),
        activations={
            node: value for node, value in activations if node.kind in ("lorsa", "transcoder")
        },
        qk=_traces(result.qk_trace_results, names),
    )


def _traces(traced: "QKTracingResult | None", names: NodeNames) -> list[QkTrace]:
    """llamascopium traces the score at the key position where it is highest."""
    if traced is None:
        return []
    targets = names.of(traced.pairs.dimensions[0])
    return [
        QkTrace(
            target=target,
            pairs=tuple(
                QkPair(query, key, weight)
                for query, key, weight in zip(
                    *(names.of(dimension) for dimension in pairs.dimensions),
                    pairs.value.tolist(),
                    strict=True,
                )
            ),
            queries=_marginals(queries, names),
            keys=_marginals(keys, names),
        )
        for target, pairs, queries, keys in zip(
            targets,
            traced.pairs.value,
            traced.q_marginal.value,
            traced.k_marginal.value,
            strict=True,
        )
    ]


def _marginals(found: "NodeIndexed[torch.Tensor]", names: NodeNames) -> tuple[QkMarginal, ...]:
    nodes, weights = names.of(found.dimensions[0]), found.value.tolist()
    return tuple(QkMarginal(node, weight) for node, weight in zip(nodes, weights, strict=True))


def _array(tensor: torch.Tensor) -> np.ndarray:
    return tensor.detach().cpu().numpy()
