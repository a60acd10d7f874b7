"""A traced graph as the file that viewers take, with all that is needed to make it again."""

from collections.abc import Mapping, Sequence
from importlib.metadata import version
from typing import NamedTuple

from jaxtyping import Int
from pydantic import JsonValue
from torch import Tensor

from harness.circuits.attributing import Pruning, Traced
from harness.circuits.replacement import Replacement
from harness.graphs.attribution_graph import (
    AttributionGraph,
    Generator,
    Info,
    PruningSettings,
)
from harness.graphs.build import GraphParts, Logits, Pruned, build_graph
from harness.graphs.metadata import Provenance, plain_name

_PACKAGES = ("circuit-tracer", "nnsight", "torch", "transformers")


class Titled(NamedTuple):
    """A prompt and what its graph is called."""

    text: str
    tokens: Int[Tensor, " seq"]
    slug: str


def graph_file(
    replacement: Replacement,
    titled: Titled,
    traced: Traced,
    pruning: Pruning,
    supernodes: Mapping[str, Sequence[tuple[int, int, int]]] | None = None,
) -> AttributionGraph:
    """The pruned graph; supernodes that have nodes in it are pinned.

    Raises `HarnessError` for a slug of which nothing is left.
    """
    lm = replacement.lm
    spoken = [lm.tokenizer.decode([token]) for token in titled.tokens.tolist()]
    graph = build_graph(
        GraphParts(
            prompt=titled.text,
            prompt_tokens=spoken,
            token_ids=titled.tokens.numpy(),
            n_layers=lm.n_layers,
            features=traced.features,
            activations=traced.activations,
            logits=Logits(
                traced.logit_ids,
                [lm.tokenizer.decode([token]) for token in traced.logit_ids],
                traced.probabilities,
            ),
            adjacency=traced.adjacency,
            pruned=Pruned(traced.node_mask, traced.edge_mask, traced.cumulative),
            provenance=_provenance(replacement, titled, traced, pruning),
        )
    )
    return _pinned(graph, supernodes or {})


def _provenance(
    replacement: Replacement, titled: Titled, traced: Traced, pruning: Pruning
) -> Provenance:
    lm, transcoders = replacement.lm, replacement.transcoders
    settings: dict[str, JsonValue] = {
        "max_n_logits": pruning.max_logits,
        "desired_logit_prob": pruning.logit_probability,
        "max_feature_nodes": pruning.max_features,
        "active_features": traced.active_features,
        "dtype": "float32",
        "backend": "nnsight",
        "model": lm.ref,
        "model_sha256": lm.sha256,
        "transcoders": transcoders.ref,
        "transcoders_sha256": transcoders.sha256,
        "packages": {name: version(name) for name in _PACKAGES},
    }
    return Provenance(
        slug=plain_name(titled.slug),
        scan=plain_name(lm.ref),
        info=Info(
            description=f"{lm.ref} with the transcoders {transcoders.ref}",
            generator=Generator(
                name="interp-replication-harness", version=version("interp-replication-harness")
            ),
        ),
        generation_settings=settings,
        pruning_settings=PruningSettings(
            node_threshold=pruning.node_threshold, edge_threshold=pruning.edge_threshold
        ),
        scores=traced.scores,
    )


def _pinned(
    graph: AttributionGraph, supernodes: Mapping[str, Sequence[tuple[int, int, int]]]
) -> AttributionGraph:
    """Supernodes as viewers read them: a name and the ids of nodes that the graph has."""
    present = {node.node_id for node in graph.nodes}
    groups = {
        name: [
            node
            for layer, position, latent in places
            if (node := f"{layer}_{latent}_{position}") in present
        ]
        for name, places in supernodes.items()
    }
    named = tuple((name, *ids) for name, ids in groups.items() if ids)
    if not named:
        return graph
    pinned = tuple(dict.fromkeys(each for group in named for each in group[1:]))
    states = graph.qParams.model_copy(update={"pinnedIds": pinned, "supernodes": named})
    return graph.model_copy(update={"qParams": states})
