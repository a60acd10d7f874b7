"""A prompt traced from a command's point of view: numbers, top nodes and the file."""

import pytest
import torch

from harness.circuits.attributing import Pruning
from harness.graphs.attribution_graph import uncantor
from harness.models.language_model import LanguageModel
from harness.oneline.trace import Graphed, trace_prompt
from harness.record import HarnessError
from harness.transcoders.sets import TranscoderSet
from tests.circuits.random_transcoders import as_set, random_transcoders

TEXT = "hello wo"
WHOLE = Pruning(max_features=500, node_threshold=1, edge_threshold=1)


@pytest.fixture(scope="module")
def transcoders(tiny: LanguageModel) -> TranscoderSet:
    return random_transcoders(tiny)


@pytest.fixture(scope="module")
def graphed(tiny: LanguageModel, transcoders: TranscoderSet) -> Graphed:
    return trace_prompt(tiny, transcoders, TEXT, Pruning(500), slug="hello", top=5)


def test_numbers_are_those_of_the_file(graphed: Graphed, transcoders: TranscoderSet) -> None:
    numbers, graph = graphed.numbers, graphed.graph
    assert (numbers.nodes, numbers.links) == (len(graph.nodes), len(graph.links))
    assert numbers.tokens == ("<bos>", *TEXT)
    assert (numbers.transcoders, numbers.transcoders_sha256) == ("random", transcoders.sha256)
    assert graph.metadata.slug == "hello"
    info = graph.metadata.info
    assert info is not None
    assert info.replacement_score == pytest.approx(numbers.replacement_score, abs=1e-5)
    assert numbers.active_features == 144
    assert numbers.base_logit_error < 1e-5
    assert numbers.attribution_seconds > 0 and numbers.peak_memory_mib > 100
    assert [each for each in numbers.findings if each.severity == "error"] == []


def test_outputs_are_the_models_own_probabilities(tiny: LanguageModel, graphed: Graphed) -> None:
    ids = torch.tensor([tiny.tokenizer.encode(TEXT)])
    with torch.inference_mode():
        best = float(tiny.hf(ids).logits[0, -1].softmax(-1).max())
    assert max(graphed.numbers.outputs.values()) == pytest.approx(best, rel=1e-4)


def test_every_output_keeps_its_probability_where_tokens_look_alike(graphed: Graphed) -> None:
    """Bytes that are part of a character all show as one sign, and are nodes of their own."""
    logits = [node for node in graphed.graph.nodes if node.feature_type == "logit"]
    assert len(graphed.numbers.outputs) == len(logits) == 10


def test_top_nodes_are_features_of_most_influence(graphed: Graphed) -> None:
    top = graphed.numbers.top
    assert len(top) == 5
    shares = [node.influence for node in top]
    assert shares == sorted(shares, reverse=True)
    assert shares[0] > 0
    there = {
        (uncantor(node.feature).layer, node.ctx_idx, uncantor(node.feature).latent): node
        for node in graphed.graph.nodes
        if node.feature_type == "cross layer transcoder" and node.feature is not None
    }
    for node in top:
        in_file = there[(node.layer, node.position, node.latent)]
        assert in_file.activation == pytest.approx(node.activation, rel=1e-5)
        assert node.token == graphed.numbers.tokens[node.position]


def test_a_looser_threshold_keeps_more(
    tiny: LanguageModel, transcoders: TranscoderSet, graphed: Graphed
) -> None:
    whole = trace_prompt(tiny, transcoders, TEXT, WHOLE, slug="hello").numbers
    assert whole.nodes > graphed.numbers.nodes
    assert whole.links > graphed.numbers.links
    assert whole.replacement_score == pytest.approx(graphed.numbers.replacement_score, abs=1e-6)


def test_a_prompt_or_a_set_that_does_not_fit_is_refused(
    tiny: LanguageModel, transcoders: TranscoderSet
) -> None:
    with pytest.raises(HarnessError, match="reads 1 to 256"):
        trace_prompt(tiny, transcoders, "x" * 300, Pruning(10), slug="long")
    with pytest.raises(HarnessError, match=r"2 layers; .*has 3"):
        trace_prompt(tiny, as_set(transcoders.layers[:2]), TEXT, Pruning(10), slug="short")
