"""The attribution-graph file of Neuronpedia and circuit-tracer: its records, read and written.

Owns the form of the file and how its features are numbered; names are the file's own. Knows no
rule beyond types: those are in `validate`. Source: Neuronpedia's `graph-schema.json` (draft-07) and
circuit-tracer's `frontend/graph_models.py`. Unlike other records of this project these keep keys
that they do not know, for graphs of others carry more, and nothing is lost on the way through.
"""

from collections.abc import Iterable
from math import isqrt
from pathlib import Path
from typing import ClassVar, NamedTuple

from pydantic import ConfigDict, JsonValue, ValidationError
from pydantic_core import ErrorDetails

from harness.record import HarnessError, Record, read_text, write_text

FEATURE_TYPES = ("cross layer transcoder", "lorsa")
"""Types of nodes that are features; per-layer transcoders are called by the first name too."""
ERROR_TYPES = ("mlp reconstruction error", "lorsa error")
KNOWN_TYPES = (*FEATURE_TYPES, *ERROR_TYPES, "embedding", "logit", "bias", "unknown")
_SHOWN = 10
"""Faults of a file that are told at once."""


class OpenRecord(Record):
    """An immutable record that keeps keys it does not know."""

    model_config: ClassVar[ConfigDict] = ConfigDict(extra="allow")


class Generator(OpenRecord):
    """The program that made a graph."""

    name: str | None = None
    version: str | None = None
    url: str | None = None
    email: str | None = None


class Info(OpenRecord):
    """Where a graph comes from, for people."""

    description: str | None = None
    creator_name: str | None = None
    creator_url: str | None = None
    source_urls: tuple[str, ...] | None = None
    """Of the transcoders."""
    generator: Generator | None = None
    create_time_ms: float | None = None
    neuronpedia_source_set: str | None = None
    """Neuronpedia's server reads it here, and its page in `feature_details`."""
    replacement_score: float | None = None
    """Share of the influence on the logits that goes through features, not errors; 0 to 1."""
    completeness_score: float | None = None
    """Share of the inputs of each node, by influence, that are not errors; 0 to 1."""


class FeatureDetails(OpenRecord):
    """Where a page finds what the features are."""

    feature_json_base_url: str | None = None
    neuronpedia_source_set: str | None = None
    neuronpedia_lorsa_source_set: str | None = None


class PruningSettings(OpenRecord):
    """Shares of the total influence that kept nodes and edges bear, 0 to 1."""

    node_threshold: float | None = None
    edge_threshold: float | None = None


class Metadata(OpenRecord):
    """What the graph is of."""

    slug: str
    scan: str
    """The model: Neuronpedia's id of it."""
    prompt_tokens: tuple[str, ...]
    prompt: str
    feature_details: FeatureDetails | None = None
    node_threshold: float | None = None
    """Where the page's pruning by `influence` starts."""
    info: Info | None = None
    generation_settings: dict[str, JsonValue] | None = None
    """Seed, dtype, versions and hashes too: any key is allowed."""
    pruning_settings: PruningSettings | None = None
    schema_version: int | None = None
    """1: `feature` is Cantor-paired and looked up at Neuronpedia, for all `feature_details` say."""


class QParams(OpenRecord):
    """The saved state of the page."""

    pinnedIds: tuple[str, ...] | None = None
    supernodes: tuple[tuple[str, ...], ...] | None = None
    """Each a label, then node ids."""
    linkType: str | None = None
    clickedId: str | None = None
    sg_pos: str | None = None


class QkTracingResults(OpenRecord):
    """What an attention feature's attention score is made of: node ids and contributions."""

    pair_wise_contributors: tuple[tuple[str, str, float], ...] = ()
    """Query side, key side, contribution."""
    top_q_marginal_contributors: tuple[tuple[str, float], ...] = ()
    top_k_marginal_contributors: tuple[tuple[str, float], ...] = ()


class Node(OpenRecord):
    """A feature, error, embedding, logit or bias at one token."""

    node_id: str
    feature: int | None
    """The Cantor pair of layer and index; of a logit its vocabulary id."""
    layer: str | int
    """`E` for embeddings; some write -1. Neuronpedia's page puts logits above all others."""
    ctx_idx: int
    """Position in `prompt_tokens`."""
    feature_type: str
    jsNodeId: str
    clerp: str
    """The label; of a logit `Output "token" (p=0.306)`."""
    influence: float | None = None
    """Cumulative share of all influence, 0 to 1, the greatest first: low is important."""
    activation: float | None = None
    token_prob: float | None = None
    is_target_logit: bool | None = None
    qk_tracing_results: QkTracingResults | None = None


class Link(OpenRecord):
    """A direct effect of one node on another."""

    source: str
    target: str
    weight: float


class AttributionGraph(OpenRecord):
    """One graph of one prompt."""

    metadata: Metadata
    qParams: QParams
    nodes: tuple[Node, ...]
    links: tuple[Link, ...]
    qk_only_nodes: dict[str, Node] | None = None
    """By node id: nodes that were pruned and that `qk_tracing_results` speak of."""

    def to_json(self) -> str:
        """The file's text: the keys that were given, no others."""
        return self.model_dump_json(exclude_unset=True)


def read_graph(path: Path) -> AttributionGraph:
    """Read a graph file of anyone's making.

    Raises `HarnessError` with file, key and what is valid there.
    """
    return parse_graph(read_text(path), path)


def parse_graph(text: str, path: Path) -> AttributionGraph:
    """As `read_graph`, of a text; `path` is for the error."""
    try:
        return AttributionGraph.model_validate_json(text, strict=True)
    except ValidationError as error:
        problems = error.errors(include_url=False)
        lines = [f"{path}: {_told(each)}" for each in problems[:_SHOWN]]
        if len(problems) > _SHOWN:
            lines.append(f"{path}: and {len(problems) - _SHOWN} faults more")
        raise HarnessError("\n".join(lines)) from error


def write_graph(graph: AttributionGraph, path: Path) -> None:
    """Write the file, whole or not at all. Raises `HarnessError` where the disk refuses it."""
    write_text(path, graph.to_json() + "\n")


def cantor(layer: int, index: int) -> int:
    """The number of a feature: layer and index of its latent as one number (Cantor's pairing)."""
    assert layer >= 0, layer
    assert index >= 0, index
    return (layer + index) * (layer + index + 1) // 2 + index


class Numbered(NamedTuple):
    """What the number of a feature says."""

    layer: int
    latent: int


def uncantor(number: int) -> Numbered:
    """Layer and latent of a feature's number: the inverse of `cantor`, exact at any size."""
    assert number >= 0, number
    diagonal = (isqrt(8 * number + 1) - 1) // 2
    latent = number - diagonal * (diagonal + 1) // 2
    return Numbered(diagonal - latent, latent)


def json_path(parts: Iterable[str | int]) -> str:
    """Where a value stands, such as `nodes[3].layer`."""
    return "".join(
        f"[{part}]" if isinstance(part, int) else f".{part}" for part in parts
    ).removeprefix(".")


def _told(problem: ErrorDetails) -> str:
    where = json_path(problem["loc"])
    if problem["type"] == "json_invalid":
        return f"not valid JSON: {problem['msg'].removeprefix('Invalid JSON: ')}"
    if problem["type"] == "missing":
        return f"{where}: this key is required"
    found = "" if isinstance(problem["input"], dict | list) else f", not {problem['input']!r}"
    return f"{where or 'document'}: {problem['msg']}{found}"
