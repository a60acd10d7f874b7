"""The file of a traced graph: sound, with its provenance, and with supernodes pinned."""

from importlib.metadata import version

import pytest
from torch import Tensor

from harness.circuits.attributing import Pruning, Traced
from harness.circuits.graph_file import Titled, graph_file
from harness.circuits.replacement import Replacement
from harness.graphs.attribution_graph import AttributionGraph, uncantor
from harness.graphs.validate import validate_graph
from harness.record import HarnessError
from tests.circuits.conftest import TEXT

PRUNING = Pruning(max_features=500)


@pytest.fixture(scope="module")
def graph(replacement: Replacement, tokens: Tensor, traced: Traced) -> AttributionGraph:
    return graph_file(replacement, Titled(TEXT, tokens, "tiny graph"), traced, PRUNING)


def test_the_file_has_no_finding(graph: AttributionGraph) -> None:
    assert [each for each in validate_graph(graph) if each.severity == "error"] == []
    assert graph.metadata.slug == "tiny-graph"
    assert (graph.metadata.prompt, len(graph.metadata.prompt_tokens)) == (TEXT, 9)


def test_nodes_and_links_are_those_of_the_pruned_matrix(
    graph: AttributionGraph, traced: Traced
) -> None:
    places = {tuple(each): row for row, each in enumerate(traced.features.tolist())}
    row_of: dict[str, int] = {}
    for node in graph.nodes:
        if node.feature_type == "cross layer transcoder":
            assert node.feature is not None
            layer, latent = uncantor(node.feature)
            row = places[(layer, node.ctx_idx, latent)]
            assert traced.node_mask[row]
            assert node.activation == pytest.approx(float(traced.activations[row]), rel=1e-5)
            row_of[node.node_id] = row
    between = [each for each in graph.links if {each.source, each.target} <= set(row_of)]
    assert len(row_of) > 5 and len(between) > 5
    for link in between:
        weight = traced.adjacency[row_of[link.target], row_of[link.source]]
        assert link.weight == pytest.approx(float(weight), rel=1e-5)


def test_all_that_is_needed_to_make_the_graph_again_is_in_it(
    graph: AttributionGraph, replacement: Replacement, traced: Traced
) -> None:
    settings = graph.metadata.generation_settings
    assert settings is not None
    lm, transcoders = replacement.lm, replacement.transcoders
    assert settings == {
        "max_n_logits": 10,
        "desired_logit_prob": 0.95,
        "max_feature_nodes": 500,
        "active_features": traced.active_features,
        "dtype": "float32",
        "backend": "nnsight",
        "model": lm.ref,
        "model_sha256": lm.sha256,
        "transcoders": transcoders.ref,
        "transcoders_sha256": transcoders.sha256,
        "packages": {
            name: version(name) for name in ("circuit-tracer", "nnsight", "torch", "transformers")
        },
    }
    info, pruning = graph.metadata.info, graph.metadata.pruning_settings
    assert info is not None and pruning is not None
    assert info.replacement_score == pytest.approx(traced.scores.replacement, abs=1e-6)
    assert info.completeness_score == pytest.approx(traced.scores.completeness, abs=1e-6)
    assert (pruning.node_threshold, pruning.edge_threshold) == (0.8, 0.98)


def test_supernodes_are_pinned_as_far_as_the_graph_has_their_nodes(
    graph: AttributionGraph, replacement: Replacement, tokens: Tensor, traced: Traced
) -> None:
    assert graph.qParams.supernodes == graph.qParams.pinnedIds == ()
    kept = traced.features[traced.node_mask[: len(traced.features)]].tolist()
    there = {node.node_id for node in graph.nodes}
    (l0, p0, i0), (l1, p1, i1) = [
        each for each in kept if f"{each[0]}_{each[2]}_{each[1]}" in there
    ][:2]
    given = {
        "one": [(l0, p0, i0), (2, 8, 10_000)],
        "both": [(l0, p0, i0), (l1, p1, i1)],
        "gone": [(2, 8, 10_000)],
    }
    pinned = graph_file(replacement, Titled(TEXT, tokens, "t"), traced, PRUNING, given)
    first, second = f"{l0}_{i0}_{p0}", f"{l1}_{i1}_{p1}"
    assert pinned.qParams.supernodes == (("one", first), ("both", first, second))
    assert pinned.qParams.pinnedIds == (first, second)
    assert [each for each in validate_graph(pinned) if each.severity == "error"] == []


def test_a_slug_of_which_nothing_is_left_is_refused(
    replacement: Replacement, tokens: Tensor, traced: Traced
) -> None:
    with pytest.raises(HarnessError, match="a name needs a character"):
        graph_file(replacement, Titled(TEXT, tokens, "///"), traced, PRUNING)
