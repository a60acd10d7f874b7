"""An attribution graph of one prompt, as a file, a page to look at, and its numbers."""

from harness.circuits.attributing import Pruning, Traced, trace
from harness.circuits.graph_file import Titled, graph_file
from harness.circuits.replacement import base_logit_error, open_replacement
from harness.graphs.attribution_graph import AttributionGraph
from harness.graphs.findings import Finding
from harness.graphs.validate import validate_graph
from harness.models.device import peak_memory_mib
from harness.models.language_model import LanguageModel
from harness.oneline.next_token import by_name
from harness.oneline.prompt import read_prompt
from harness.record import Record
from harness.transcoders.sets import CrossLayerSet, TranscoderSet


class TopNode(Record):
    """A feature that the prediction rests on."""

    layer: int
    position: int
    token: str
    latent: int
    activation: float
    influence: float
    """On the logits, over all paths."""


class TracedPrompt(Record):
    """The graph in numbers."""

    prompt: str
    tokens: tuple[str, ...]
    transcoders: str
    transcoders_sha256: str
    outputs: dict[str, float]
    """Next tokens whose logits are nodes, with their probabilities."""
    nodes: int
    links: int
    active_features: int
    replacement_score: float
    completeness_score: float
    base_logit_error: float
    """Against transformers' logits."""
    attribution_seconds: float
    peak_memory_mib: float
    top: tuple[TopNode, ...]
    findings: tuple[Finding, ...]
    """What is wrong with the file; empty where it is sound."""


class Graphed(Record):
    """The numbers and the file's content."""

    numbers: TracedPrompt
    graph: AttributionGraph


def trace_prompt(
    lm: LanguageModel,
    transcoders: TranscoderSet | CrossLayerSet,
    prompt: str,
    pruning: Pruning,
    *,
    slug: str,
    top: int = 12,
) -> Graphed:
    """Trace a prompt and validate the file that comes of it.

    Raises `HarnessError` for a model or a set that graphs cannot be made with, and where memory is
    too small.
    """
    read = read_prompt(lm, prompt)
    tokens = read.ids[0]
    replacement = open_replacement(lm, transcoders)
    error = base_logit_error(replacement, tokens)
    traced = trace(replacement, tokens, pruning)
    graph = graph_file(replacement, Titled(prompt, tokens, slug), traced, pruning)
    numbers = TracedPrompt(
        prompt=prompt,
        tokens=read.tokens,
        transcoders=transcoders.ref,
        transcoders_sha256=transcoders.sha256,
        outputs=by_name(lm, traced.logit_ids, traced.probabilities.tolist()),
        nodes=len(graph.nodes),
        links=len(graph.links),
        active_features=traced.active_features,
        replacement_score=traced.scores.replacement,
        completeness_score=traced.scores.completeness,
        base_logit_error=error,
        attribution_seconds=round(traced.seconds, 2),
        peak_memory_mib=round(peak_memory_mib(), 1),
        top=tuple(_top(traced, read.tokens, top)),
        findings=validate_graph(graph),
    )
    return Graphed(numbers=numbers, graph=graph)


def _top(traced: Traced, tokens: tuple[str, ...], count: int) -> list[TopNode]:
    features = len(traced.features)
    order = (-traced.influence[:features]).argsort(kind="stable")[:count]
    return [
        TopNode(
            layer=layer,
            position=position,
            token=tokens[position],
            latent=latent,
            activation=float(traced.activations[node]),
            influence=float(traced.influence[node]),
        )
        for node in order.tolist()
        for layer, position, latent in [traced.features[node].tolist()]
    ]
