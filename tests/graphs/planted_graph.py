"""A small attribution graph whose every number is known, and files of it with one fault each."""

import json
from collections.abc import Callable
from typing import Any

import numpy as np

from harness.graphs.attribution_graph import AttributionGraph, FeatureDetails, Info, PruningSettings
from harness.graphs.build import GraphParts, Logits, Pruned, build_graph
from harness.graphs.metadata import Provenance, Scores

TOKENS = ("The", " city", " of", " Lyon", " is")
N_LAYERS = 3
FEATURES = ((0, 1, 7), (0, 3, 2), (1, 3, 40), (2, 4, 11), (2, 4, 900))
"""Layer, position, index."""
N_FEATURES, N_POS = len(FEATURES), len(TOKENS)
FIRST_ERROR = N_FEATURES
FIRST_EMBEDDING = FIRST_ERROR + N_LAYERS * N_POS
FIRST_LOGIT = FIRST_EMBEDDING + N_POS
SIZE = FIRST_LOGIT + 2
EDGES = {
    # target, source: weight
    (0, FIRST_EMBEDDING + 1): 0.5,
    (1, FIRST_EMBEDDING + 3): 2.0,
    (2, 1): 1.5,
    (2, FIRST_ERROR + 3): -0.25,
    (3, 2): 1.0,
    (3, 0): -0.5,
    (4, FIRST_EMBEDDING + 3): 0.1,
    (FIRST_LOGIT, 3): 3.0,
    (FIRST_LOGIT, 4): -1.0,
    (FIRST_LOGIT + 1, 3): 0.5,
}


def parts(**changes: Any) -> GraphParts:
    """Five features of three layers, five tokens, two logits; all of `EDGES` kept."""
    adjacency = np.zeros((SIZE, SIZE), dtype=np.float32)
    for (target, source), weight in EDGES.items():
        adjacency[target, source] = weight
    given = GraphParts(
        prompt="The city of Lyon is",
        prompt_tokens=TOKENS,
        token_ids=np.array([10, 11, 12, 13, 14]),
        n_layers=N_LAYERS,
        features=np.array(FEATURES),
        activations=np.array([1.0, 0.3, 2.5, 4.0, 0.7], dtype=np.float32),
        logits=Logits((20, 21), (" in", " a"), np.array([0.6, 0.1], dtype=np.float32)),
        adjacency=adjacency,
        pruned=Pruned(
            np.ones(SIZE, dtype=bool), adjacency != 0, np.linspace(0, 1, SIZE, dtype=np.float32)
        ),
        provenance=Provenance(
            slug="lyon",
            scan="smollm2",
            info=Info(description="planted"),
            generation_settings={"seed": 0, "dtype": "float32"},
            pruning_settings=PruningSettings(node_threshold=0.8, edge_threshold=0.98),
            scores=Scores(0.5, 0.75),
            feature_details=FeatureDetails(neuronpedia_source_set="planted-4k"),
        ),
    )
    return given._replace(**changes)


def sound_graph() -> AttributionGraph:
    return build_graph(parts())


def faulty(change: Callable[[dict[str, Any]], None]) -> str:
    """The sound graph's file after one change."""
    document = json.loads(sound_graph().to_json())
    change(document)
    return json.dumps(document)


def node(document: dict[str, Any], node_id: str) -> dict[str, Any]:
    return next(each for each in document["nodes"] if each["node_id"] == node_id)
