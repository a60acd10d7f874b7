"""A small attribution through a complete replacement model whose every number is known."""

from typing import Any

import numpy as np

from harness.graphs.attribution_graph import AttributionGraph, Info, PruningSettings
from harness.graphs.build import Logits
from harness.graphs.crm import CrmAttribution, crm_graph
from harness.graphs.crm_nodes import CrmNode
from harness.graphs.crm_qk import QkMarginal, QkPair, QkTrace
from harness.graphs.metadata import Provenance

EMBEDDINGS = tuple(CrmNode("embedding", -1, pos, 10 + pos) for pos in range(3))
ATTN_ERROR, MLP_ERROR = CrmNode("attn_error", 0, 1), CrmNode("mlp_error", 1, 2)
LORSA, TRANSCODER = CrmNode("lorsa", 0, 1, 5), CrmNode("transcoder", 0, 1, 5)
"""Of one latent number at one layer and position."""
TRACED = CrmNode("lorsa", 1, 2, 3)
PRUNED = CrmNode("lorsa", 1, 1, 8)
LOGITS = (CrmNode("logit", 2, 2, 20), CrmNode("logit", 2, 2, 21))
AWAY = CrmNode("transcoder", 0, 0, 77)
"""Never attributed: it is known only as a contributor."""
QUERY_BIAS, KEY_BIAS = CrmNode("lorsa_bQ", 1, 2), CrmNode("lorsa_bK", 1, 1)
SOURCES = (*EMBEDDINGS, ATTN_ERROR, MLP_ERROR, LORSA, TRANSCODER, TRACED, PRUNED)
TARGETS = (*LOGITS, LORSA, TRANSCODER, TRACED, PRUNED)
EFFECTS = {
    (LOGITS[0], TRACED): 3.0,
    (LOGITS[0], MLP_ERROR): -1.0,
    (LOGITS[1], TRACED): 2.0,
    (TRACED, TRANSCODER): 1.0,
    (TRACED, EMBEDDINGS[1]): -1.0,
    (TRANSCODER, LORSA): 0.25,
    (TRANSCODER, ATTN_ERROR): 0.75,
    (LORSA, EMBEDDINGS[0]): 2.0,
    (PRUNED, EMBEDDINGS[1]): 1.0,
}
TRACE = QkTrace(
    TRACED,
    pairs=(QkPair(TRANSCODER, LORSA, 0.5), QkPair(QUERY_BIAS, AWAY, 0.25)),
    queries=(QkMarginal(TRANSCODER, 0.75),),
    keys=(QkMarginal(EMBEDDINGS[1], 0.5), QkMarginal(KEY_BIAS, 0.125)),
)
LOST = QkTrace(PRUNED, (), (QkMarginal(CrmNode("transcoder", 0, 1, 99), 1.0),), ())
ABOUT = Provenance(
    slug="planted-crm",
    scan="tiny",
    info=Info(description="planted"),
    generation_settings={
        "enable_qk_tracing": True,
        "batch_size": 4,
        "qk_topk": 2,
        "qk_top_fraction": 0.6,
    },
    pruning_settings=PruningSettings(node_threshold=0.8, edge_threshold=0.98),
)


def attribution(**changes: Any) -> CrmAttribution:
    """Two layers, three tokens, two logits; all effects kept but those on `PRUNED`."""
    weights = np.zeros((len(TARGETS), len(SOURCES)), dtype=np.float32)
    for (target, source), weight in EFFECTS.items():
        weights[TARGETS.index(target), SOURCES.index(source)] = weight
    kept = np.ones(weights.shape, dtype=bool)
    kept[TARGETS.index(PRUNED)] = False
    return CrmAttribution(
        prompt="a b c",
        tokens=("a", " b", " c"),
        logits=Logits((20, 21), (" x", " y"), np.array([0.5, 0.25], dtype=np.float32)),
        targets=TARGETS,
        sources=SOURCES,
        weights=weights,
        kept=kept,
        activations={LORSA: 1.5, TRANSCODER: 2.5, TRACED: -0.5, PRUNED: 0.25},
        qk=(TRACE, LOST),
    )._replace(**changes)


def sound_crm() -> AttributionGraph:
    return crm_graph(attribution(), ABOUT)
