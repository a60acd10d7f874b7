"""Seeded graphs of every writer's form, small enough to know and large enough to be slow."""

import json
import random
from typing import Any

Graph = dict[str, Any]

SIX = ("<bos>", "The", " capital", " of", " France", " is")
LAYERS = 6
WORDS = ("the", "quick", "brown", "fox", "jumps", "over", "a", "lazy", "dog", "philosophers")
TEXAS, FRANCE, FRANCE_TOKEN = "3_77_5", "1_78_4", "E_104_4"
"""Nodes of `planted` whose links are known."""


def cantor(layer: int, index: int) -> int:
    return (layer + index) * (layer + index + 1) // 2 + index


def feature_node(layer: int, index: int, position: int, **fields: object) -> Graph:
    return {
        "node_id": f"{layer}_{index}_{position}",
        "jsNodeId": f"{layer}_{index}-0",
        "feature": cantor(layer, index),
        "layer": str(layer),
        "ctx_idx": position,
        "feature_type": "cross layer transcoder",
        "clerp": "",
        **fields,
    }


def error_node(layer: int, position: int, **fields: object) -> Graph:
    return {
        "node_id": f"{layer}_error_{position}",
        "jsNodeId": f"{layer}_{position}-0",
        "feature": -1,
        "layer": str(layer),
        "ctx_idx": position,
        "feature_type": "mlp reconstruction error",
        "clerp": "",
        **fields,
    }


def token_node(position: int) -> Graph:
    return {
        "node_id": f"E_{100 + position}_{position}",
        "jsNodeId": f"E_{100 + position}-{position}",
        "feature": position,
        "layer": "E",
        "ctx_idx": position,
        "feature_type": "embedding",
        "clerp": "",
    }


def logit_node(layer: int, token: str, probability: float, position: int) -> Graph:
    word = 500 + sum(map(ord, token))
    return {
        "node_id": f"{layer}_{word}_{position}",
        "jsNodeId": f"L_{word}-{position}",
        "feature": word,
        "layer": str(layer),
        "ctx_idx": position,
        "feature_type": "logit",
        "token_prob": probability,
        "clerp": f'Output "{token}" (p={probability:.3f})',
    }


def graph_of(tokens: tuple[str, ...], nodes: list[Graph], links: list[Graph]) -> Graph:
    prompt = "".join(tokens)
    metadata = {"slug": "planted", "scan": "tiny", "prompt": prompt, "prompt_tokens": [*tokens]}
    return {"metadata": metadata, "qParams": {}, "nodes": nodes, "links": links}


def link(source: Graph, target: Graph, weight: float) -> Graph:
    return {"source": source["node_id"], "target": target["node_id"], "weight": weight}


def planted() -> Graph:
    """Six tokens; the feature `Texas` takes from two nodes and gives to two, weights known."""
    rng = random.Random(0)
    words = ("capital city", "say a place", "European country", "located in", "question form")
    embeddings = [token_node(position) for position in range(6)]
    features = [
        feature_node(
            layer,
            100 * layer + position,
            position,
            clerp=words[(layer + position) % len(words)] if (layer + position) % 2 else "",
            activation=round(rng.uniform(0.5, 20), 2),
            influence=round(0.3 + 0.05 * layer + 0.02 * position, 3),
        )
        for position in range(1, 6)
        for layer in range(LAYERS)
    ]
    texas = feature_node(3, 77, 5, clerp="Texas", activation=12.5, influence=0.1)
    below = feature_node(1, 78, 4, clerp="France", activation=8.25, influence=0.12)
    errors = [error_node(layer, 5, influence=0.7) for layer in range(LAYERS)]
    logits = [
        logit_node(LAYERS + 1, token, probability, 5)
        for token, probability in ((" Paris", 0.62), (" Lyon", 0.11), (" a", 0.05), (" the", 0.04))
    ]
    known = [
        link(below, texas, 4.5),
        link(embeddings[4], texas, -1.25),
        link(texas, logits[0], 3.75),
        link(texas, logits[1], -0.5),
        link(embeddings[4], below, 2.5),
    ]
    others = random_links([*embeddings, *features, *errors, *logits], 260, rng)
    nodes = [*embeddings, *features, texas, below, *errors, *logits]
    graph = graph_of(SIX, nodes, [*known, *others])
    graph["metadata"] |= {
        "node_threshold": 0.8,
        "info": {
            "creator_name": "harness",
            "replacement_score": 0.612,
            "completeness_score": 0.874,
        },
        "generation_settings": {"seed": 7, "dtype": "float32", "max_feature_nodes": 300},
        "pruning_settings": {"node_threshold": 0.8, "edge_threshold": 0.98},
    }
    return graph


def logit(token: str) -> str:
    """The node id of one output of `planted`."""
    return logit_node(LAYERS + 1, token, 0.5, 5)["node_id"]


def random_links(nodes: list[Graph], count: int, rng: random.Random) -> list[Graph]:
    """Links from lower to higher rows, heavy-tailed as those of real graphs; none twice."""
    found: dict[tuple[str, str], Graph] = {}
    while len(found) < count:
        source, target = sorted(rng.sample(nodes, 2), key=row)
        goes_up = row(source) < row(target) and source["ctx_idx"] <= target["ctx_idx"]
        if goes_up and "error" not in target["feature_type"]:
            weight = rng.choice((1, 1, 1, -1)) * rng.expovariate(3)
            found[source["node_id"], target["node_id"]] = link(source, target, round(weight, 4))
    return list(found.values())


def row(node: Graph) -> int:
    return -1 if node["layer"] == "E" else int(node["layer"])


def large(tokens: int, features: int, links: int, layers: int = 26) -> Graph:
    """A long prompt; features crowd towards its end, as they do."""
    rng = random.Random(1)
    prompt = ("<bos>", *(f" {rng.choice(WORDS)}" for _ in range(tokens - 1)))
    nodes: dict[str, Graph] = {}
    while len(nodes) < features:
        position = int(tokens * rng.random() ** 0.6)
        influence = round(0.05 + 0.75 * len(nodes) / features, 4)
        node = feature_node(
            int(layers * rng.random()), rng.randrange(16384), position, influence=influence
        )
        nodes[node["node_id"]] = node | {"activation": round(rng.expovariate(0.2), 3)}
    errors = [
        error_node(layer, position, influence=0.75)
        for layer in range(layers)
        for position in range(0, tokens, 6)
    ]
    embeddings = [token_node(position) for position in range(tokens)]
    logits = [
        logit_node(layers + 1, f" {word}", 0.5 / 2**place, tokens - 1)
        for place, word in enumerate(WORDS[1:9])
    ]
    everything = [*nodes.values(), *errors, *embeddings, *logits]
    graph = graph_of(prompt, everything, random_links(everything, links, rng))
    graph["metadata"]["node_threshold"] = 0.8
    return graph


def with_attention() -> Graph:
    """A complete-replacement graph: attention features, biases, and QK tracing of one of them."""
    rng = random.Random(2)
    tokens = SIX
    embeddings = [token_node(position) for position in range(6)]
    crm: list[Graph] = []
    for layer in range(4):
        for position in range(1, 6):
            for kind, type_ in (("cro", "cross layer transcoder"), ("lor", "lorsa")):
                index = 50 * layer + position
                node = feature_node(layer, index, position, activation=1.5, influence=0.4)
                name = f"{layer}_{kind}_{index}_{position}"
                crm.append(node | {"node_id": name, "jsNodeId": name, "feature_type": type_})
    errors = [
        error_node(layer, 5) | {"node_id": f"{layer}_error_{part}_5", "feature_type": type_}
        for layer in range(4)
        for part, type_ in (("mlp", "mlp reconstruction error"), ("attn", "lorsa error"))
    ]
    bias = error_node(2, 5) | {
        "node_id": "2_bias_lorsa_bQ_5",
        "feature_type": "bias",
        "feature": None,
    }
    logits = [logit_node(4, " Paris", 0.7, 5), logit_node(4, " Rome", 0.1, 5)]
    nodes = [*embeddings, *crm, *errors, bias, *logits]
    looks = next(node for node in crm if node["node_id"] == "3_lor_155_5")
    looks["clerp"] = "attends to the country"
    looks["qk_tracing_results"] = {
        "pair_wise_contributors": [
            ["2_cro_105_5", "1_cro_54_4", 0.9],
            ["2_bias_lorsa_bQ_5", "0_cro_9999_4", -0.3],
        ],
        "top_q_marginal_contributors": [["2_cro_105_5", 1.75], ["2_bias_lorsa_bQ_5", -0.25]],
        "top_k_marginal_contributors": [["1_cro_54_4", 1.5], ["0_cro_9999_4", 0.125]],
    }
    pruned = feature_node(0, 9999, 4, clerp="a pruned key") | {"node_id": "0_cro_9999_4"}
    graph = graph_of(tokens, nodes, random_links([n for n in nodes if n != bias], 220, rng))
    return graph | {"qk_only_nodes": {"0_cro_9999_4": pruned}}


def with_twins() -> Graph:
    """As circuit-tracer writes: feature 7 of layer 0 and the error of layer 7 are both `0_7_1`.

    Links come by target, sources in node order. Of those to the logits, the first is the
    feature's and the last the error's; the one to layer 3 can only be the feature's, for the error
    is above it; the one to layer 8 stands after a source later than the feature: the error's.
    """
    feature = feature_node(0, 7, 1, clerp="the feature", influence=0.2)
    third = feature_node(3, 1, 1, clerp="third", influence=0.3)
    eighth = feature_node(8, 1, 1, clerp="eighth", influence=0.3)
    error = error_node(7, 1, influence=0.5) | {"node_id": "0_7_1"}
    embedding = token_node(1)
    logit, other = logit_node(10, " x", 0.5, 1), logit_node(10, " z", 0.25, 1)
    nodes = [feature, third, eighth, error, embedding, logit, other]
    links = [
        link(embedding, feature, 9.0),
        link(feature, third, 1.0),
        link(third, eighth, 2.0),
        link(error, eighth, 3.0),
        link(feature, logit, 4.0),
        link(third, logit, 0.5),
        link(eighth, logit, 0.25),
        link(error, logit, 5.0),
        link(feature, other, 6.0),
        link(error, other, 7.0),
    ]
    return graph_of(("<bos>", " y"), nodes, links)


def feature_details(*, hostile: bool = False) -> str:
    """Feature details of circuit-tracer's form: two bands of examples, logits, a histogram."""
    word = "<img src=x onerror=alert(1)>" if hostile else " Austin"
    example = {
        "tokens": ["The", " city", " of", word, ",", " the", " capital", " of", " Texas", "\n"],
        "tokens_acts_list": [0, 0.5, 0, 12.5, 0, 0, 6.0, 0, 9.5, 0],
    }
    bands = [
        {"quantile_name": "Top activations", "examples": [example, example, example]},
        {"quantile_name": "Subsample 0.5–0.6", "examples": [example]},
    ]
    return json.dumps(
        {
            "index": 77,
            "examples_quantiles": bands,
            "top_logits": [" Austin", " Dallas", word],
            "bottom_logits": [" Paris", " Rome"],
            "histogram": [40, 22, 13, 8, 5, 3, 2, 1, 0, 1],
            "act_min": 0.02,
            "act_max": 12.5,
            "activation_frequency": 0.0034,
        }
    )
