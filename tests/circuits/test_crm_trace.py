"""llamascopium's attribution with QK tracing, on random weights, made into a graph file."""

from importlib.util import find_spec
from pathlib import Path

import pytest
import torch
from transformers import GPT2Config, GPT2LMHeadModel

from harness.circuits import crm_trace
from harness.circuits.crm_model import hooked_transformer
from harness.circuits.crm_provenance import crm_provenance
from harness.circuits.crm_settings import CrmSettings
from harness.circuits.crm_trace import load_modules, trace_crm
from harness.graphs.crm import CrmAttribution, crm_graph
from harness.graphs.crm_check import validate_crm
from harness.graphs.crm_nodes import node_id
from harness.graphs.validate import validate_graph
from harness.models.language_model import LanguageModel, load_model, wrap_model
from harness.record import HarnessError
from tests.circuits.random_crm import random_modules

pytestmark = pytest.mark.filterwarnings(
    # llamascopium's modules are decorated for CUDA as they are imported.
    "ignore:CUDA is not available or torch_xla is imported:UserWarning"
)
needs_llamascopium = pytest.mark.skipif(
    find_spec("llamascopium") is None, reason="llamascopium is not installed: the extra `crm`"
)
PROMPT = "abcab"
EVERYTHING = CrmSettings(
    batch_size=8, qk_topk=4, qk_top_fraction=1, node_threshold=1, edge_threshold=1
)


@pytest.fixture(scope="module")
def tiny(tiny_model: Path) -> LanguageModel:
    return load_model(f"path:{tiny_model}", device="cpu")


@pytest.fixture(scope="module")
def traced(tiny: LanguageModel) -> CrmAttribution:
    return trace_crm(tiny, random_modules(tiny), PROMPT, EVERYTHING)


@needs_llamascopium
def test_a_graph_of_random_modules_has_no_finding(tiny: LanguageModel) -> None:
    modules = random_modules(tiny)
    settings = CrmSettings(batch_size=8, qk_topk=4, max_feature_nodes=60, node_threshold=0.7)
    about = crm_provenance(tiny, modules, settings, slug="random", description="random weights")
    graph = crm_graph(trace_crm(tiny, modules, PROMPT, settings), about)
    assert validate_graph(graph) == ()
    assert validate_crm(graph) == ()
    assert {node.feature_type for node in graph.nodes} == {
        "cross layer transcoder",
        "lorsa",
        "mlp reconstruction error",
        "lorsa error",
        "embedding",
        "logit",
    }
    assert any(node.qk_tracing_results for node in graph.nodes)
    assert graph.qk_only_nodes
    assert any(node.feature_type == "bias" for node in graph.qk_only_nodes.values())


@needs_llamascopium
def test_effects_on_a_logit_sum_to_the_logit_where_no_bias_is_left_out(
    tiny: LanguageModel,
) -> None:
    """llamascopium attributes logits less their mean; biases are no sources of the attribution."""
    settings = EVERYTHING.model_copy(update={"enable_qk_tracing": False})
    with torch.no_grad():
        logits = tiny.hf(torch.tensor(tiny.tokenizer([PROMPT])["input_ids"])).logits[0, -1]
    for biased in (False, True):
        found = trace_crm(tiny, random_modules(tiny, biased=biased), PROMPT, settings)
        expected = (logits - logits.mean())[list(found.logits.vocab_ids)].numpy()
        sums = found.weights[: len(expected)].sum(axis=1)
        assert (abs(sums - expected).max() < 1e-5) is not biased, (sums, expected)


@needs_llamascopium
def test_contributions_to_an_attention_score_sum_to_the_score(tiny: LanguageModel) -> None:
    """With as many contributors told as there are sources, negative ones are among them."""
    modules, prompt = random_modules(tiny, top_k=1), PROMPT[:2]
    # Of three tokens: embedding, 6 errors, 6 features, 6 biases of the model, 12 of the modules.
    count = 3 * (1 + 6 + 6 + 6 + 12)
    settings = EVERYTHING.model_copy(update={"batch_size": count, "qk_topk": count})
    found = trace_crm(tiny, modules, prompt, settings)
    tokens = torch.tensor(tiny.tokenizer([prompt])["input_ids"])
    _, cache = hooked_transformer(tiny, 16).run_with_cache(tokens)
    traces = [trace for trace in found.qk if trace.queries and trace.keys]
    assert len(traces) > 3
    greatest_alone: list[bool] = []
    for trace in traces:
        lorsa = modules[2 * trace.target.layer]
        _, scores = lorsa.encode(cache[lorsa.cfg.hooks_in[0]], return_attention_score=True)
        head = trace.target.number // lorsa.cfg.ov_group_size
        score = float(scores[head, 0, trace.target.position].max())
        for side in (trace.queries, trace.keys):
            assert sum(weight for _, weight in side) == pytest.approx(score, abs=1e-4)
            greatest_alone.append(side[0].weight == pytest.approx(score, abs=1e-4))
    assert not all(greatest_alone)


@needs_llamascopium
def test_contributors_lie_below_the_score_that_they_are_of(traced: CrmAttribution) -> None:
    assert sum(len(trace.pairs) for trace in traced.qk) > 20
    for trace in traced.qk:
        for node in (*(each.node for each in trace.queries), *(each.node for each in trace.keys)):
            below = node.layer < trace.target.layer or node.kind in ("lorsa_bQ", "lorsa_bK")
            assert below, (trace.target, node)


@needs_llamascopium
def test_no_feature_is_collected_twice_though_more_are_asked_for_than_are_active(
    traced: CrmAttribution, tiny: LanguageModel
) -> None:
    """Three layers of two modules with four active features at each of six tokens."""
    features = [node for node in traced.targets if node.kind in ("lorsa", "transcoder")]
    assert EVERYTHING.max_feature_nodes > 3 * 2 * 4 * 6
    assert len(features) == len(set(features)) == 3 * 2 * 4 * 6

    from llamascopium import TransformerLensLanguageModel

    hooked = TransformerLensLanguageModel.from_hooked_transformer(hooked_transformer(tiny, 16))
    theirs = hooked.attribute(
        PROMPT, random_modules(tiny), batch_size=8, max_n_logits=1, max_features=150
    )
    asked = [(each.key, *each.indices[0].tolist()) for each in theirs.attribution.dimensions[0]]
    assert len(asked) > len(set(asked))


@needs_llamascopium
def test_the_same_trace_twice_is_the_same_to_the_last_digit(
    traced: CrmAttribution, tiny: LanguageModel
) -> None:
    again = trace_crm(tiny, random_modules(tiny), PROMPT, EVERYTHING)
    assert (again.weights == traced.weights).all()
    assert again.qk == traced.qk
    assert list(map(node_id, again.sources)) == list(map(node_id, traced.sources))


@needs_llamascopium
def test_modules_that_were_saved_trace_as_they_did(
    traced: CrmAttribution, tiny: LanguageModel, tmp_path: Path
) -> None:
    modules = random_modules(tiny)
    folders = [tmp_path / str(number) for number in range(len(modules))]
    for module, folder in zip(modules, folders, strict=True):
        module.save_pretrained(folder)
        module.cfg.save_hyperparameters(folder)
    loaded = load_modules(folders, tiny.device)
    assert (trace_crm(tiny, loaded, PROMPT, EVERYTHING).weights == traced.weights).all()
    (folders[1] / "sae_weights.safetensors").unlink()
    with pytest.raises(HarnessError, match=r"1: has no sae_weights\.safetensors"):
        load_modules(folders, tiny.device)


@needs_llamascopium
def test_a_module_for_normalised_activations_is_refused(
    tiny: LanguageModel, tmp_path: Path
) -> None:
    module = random_modules(tiny)[0]
    module.cfg.norm_activation = "dataset-wise"
    module.save_pretrained(tmp_path)
    module.cfg.save_hyperparameters(tmp_path)
    with pytest.raises(HarnessError, match="norm_activation is 'dataset-wise'"):
        load_modules([tmp_path], tiny.device)


@needs_llamascopium
def test_a_prompt_longer_than_a_lorsa_reads_is_refused(tiny: LanguageModel) -> None:
    with pytest.raises(HarnessError, match=r"has 6 tokens; the Lorsa at .* at most 5"):
        trace_crm(tiny, random_modules(tiny, n_ctx=5), PROMPT)


def test_without_llamascopium_the_error_says_what_to_install(
    tiny: LanguageModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(crm_trace, "find_spec", lambda _: None)
    with pytest.raises(HarnessError, match=r"pip install 'interp-replication-harness\[crm\]'"):
        trace_crm(tiny, [], PROMPT)


def test_more_contributors_than_copies_of_the_prompt_are_refused() -> None:
    with pytest.raises(ValueError, match="qk_topk 9 is above batch_size 8"):
        CrmSettings(batch_size=8, qk_topk=9)
    assert CrmSettings(batch_size=8, qk_topk=9, enable_qk_tracing=False).qk_topk == 9


def test_only_float32_llamas_are_converted(tiny: LanguageModel, tiny_model: Path) -> None:
    half = load_model(f"path:{tiny_model}", device="cpu", dtype="bfloat16")
    with pytest.raises(HarnessError, match="load it in float32"):
        hooked_transformer(half, 8)
    config = GPT2Config(n_layer=1, n_embd=8, n_head=1, vocab_size=8)
    other = wrap_model(
        GPT2LMHeadModel(config), tiny.tokenizer, entry=tiny.entry, sha256="of nothing"
    )
    with pytest.raises(HarnessError, match="is of type 'gpt2'"):
        hooked_transformer(other, 8)


def test_the_converted_model_has_our_logits(tiny: LanguageModel) -> None:
    tokens = torch.tensor(tiny.tokenizer([PROMPT])["input_ids"])
    with torch.no_grad():
        ours, theirs = tiny.hf(tokens).logits, hooked_transformer(tiny, 8)(tokens)
    torch.testing.assert_close(theirs, ours, atol=1e-5, rtol=1e-5)
