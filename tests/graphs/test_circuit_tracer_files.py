"""Files as circuit-tracer itself writes them, of a graph whose links are known."""

from pathlib import Path

import pytest
import torch

from harness.graphs.attribution_graph import AttributionGraph
from harness.graphs.error_ids import open_graph
from harness.graphs.validate import validate_graph

N_LAYERS, N_POS = 3, 4
FEATURES = ((0, 3, 2), (0, 3, 9), (1, 3, 5), (2, 3, 1))
"""Layer, position, latent: the first has the id of the error of layer 2 at position 3."""
F = len(FEATURES)
ERROR, TOKEN, LOGIT = F, F + N_LAYERS * N_POS, F + N_LAYERS * N_POS + N_POS
COLLIDING_ERROR = ERROR + 2 * N_POS + 3
EDGES = {
    (0, TOKEN + 3): 1.0,
    (2, 0): 0.5,
    (2, ERROR + 3): 0.25,
    (3, 2): 1.5,
    (LOGIT, 3): 2.0,
    (LOGIT, 0): -0.75,
    (LOGIT, COLLIDING_ERROR): 0.125,
    (LOGIT + 1, COLLIDING_ERROR): 3.0,
    (LOGIT + 1, 3): 1.0,
}


@pytest.fixture(scope="module")
def written(tiny_model: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    pytest.importorskip("circuit_tracer")
    from circuit_tracer.attribution.targets import LogitTarget
    from circuit_tracer.graph import Graph
    from circuit_tracer.utils.create_graph_files import create_graph_files
    from circuit_tracer.utils.tl_nnsight_mapping import UnifiedConfig

    adjacency = torch.zeros(LOGIT + 2, LOGIT + 2)
    for (target, source), weight in EDGES.items():
        adjacency[target, source] = weight
    config = UnifiedConfig(
        n_layers=N_LAYERS,
        d_model=32,
        d_head=8,
        n_heads=4,
        d_mlp=48,
        d_vocab=258,
        tokenizer_name=str(tiny_model),
        model_name="tiny",
        original_architecture="LlamaForCausalLM",
    )
    graph = Graph(
        input_string="abc",
        input_tokens=torch.tensor([0, 66, 67, 68]),
        active_features=torch.tensor(FEATURES),
        adjacency_matrix=adjacency,
        cfg=config,
        selected_features=torch.arange(F),
        activation_values=torch.tensor([1.0, 2.0, 3.0, 4.0]),
        logit_targets=[LogitTarget("d", 69), LogitTarget("e", 70)],
        logit_probabilities=torch.tensor([0.6, 0.2]),
        scan="tiny-llama",
        vocab_size=258,
    )
    folder = tmp_path_factory.mktemp("written")
    create_graph_files(graph, "abc", str(folder), node_threshold=1.0, edge_threshold=1.0)
    return folder / "abc.json"


def weights(graph: AttributionGraph) -> dict[tuple[str, str], float]:
    return {(link.source, link.target): link.weight for link in graph.links if link.weight}


def test_the_shared_id_is_the_only_error_that_is_found(written: Path) -> None:
    found = validate_graph(written.read_text())
    assert {(each.rule, each.where) for each in found if each.severity == "error"} == {
        ("id", "nodes[4].node_id")
    }
    assert "circuit-tracer gives error nodes ids" in found[0].message


def test_each_link_goes_to_the_node_that_circuit_tracer_meant(written: Path) -> None:
    opened = open_graph(written)
    assert opened.renamed == ("0_2_3",)
    assert opened.ambiguous == 0
    assert weights(opened.graph) == {
        ("E_68_3", "0_2_3"): 1.0,
        ("0_2_3", "1_5_3"): 0.5,
        ("0_0_3", "1_5_3"): 0.25,
        ("1_5_3", "2_1_3"): 1.5,
        ("2_1_3", "4_69_3"): 2.0,
        ("0_2_3", "4_69_3"): -0.75,
        ("2_error_3", "4_69_3"): 0.125,
        ("2_error_3", "4_70_3"): 3.0,
        ("2_1_3", "4_70_3"): 1.0,
    }
