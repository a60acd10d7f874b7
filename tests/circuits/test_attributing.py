"""Graphs of the tiny model: their parts, another backend's, and what is refused."""

from types import SimpleNamespace
from typing import Any

import numpy as np
import psutil
import pytest
import torch
from torch import Tensor
from torch.testing import assert_close

from harness.circuits.attributing import Pruning, Traced, matrix_bytes, trace
from harness.circuits.changes import active_latents
from harness.circuits.replacement import Replacement
from harness.models.language_model import LanguageModel
from harness.record import HarnessError
from harness.transcoders.sets import TranscoderSet
from tests.models.lens import hooked_transformer

LAYERS, POSITIONS = 3, 9


def test_nodes_are_the_active_features_errors_embeddings_and_logits(
    lm: LanguageModel, transcoders: TranscoderSet, tokens: Tensor, traced: Traced
) -> None:
    active = torch.stack([each[0] for each in active_latents(lm, transcoders, tokens[None])])
    assert sorted(map(tuple, traced.features.tolist())) == sorted(
        map(tuple, active.nonzero().tolist())
    )
    for place, activation in zip(traced.features.tolist(), traced.activations, strict=True):
        assert activation == pytest.approx(float(active[tuple(place)]), abs=1e-5)
    features, logits = len(traced.features), len(traced.logit_ids)
    assert features == traced.active_features
    assert len(traced.adjacency) == features + LAYERS * POSITIONS + POSITIONS + logits
    assert len(traced.logit_tokens) == len(traced.probabilities) == logits


def test_logit_nodes_are_the_likeliest_next_tokens(
    lm: LanguageModel, tokens: Tensor, traced: Traced
) -> None:
    with torch.inference_mode():
        likeliest = lm.hf(tokens[None]).logits[0, -1].softmax(-1).topk(len(traced.logit_ids))
    assert list(traced.logit_ids) == likeliest.indices.tolist()
    assert_close(torch.from_numpy(traced.probabilities), likeliest.values, atol=1e-6, rtol=0)


def test_effects_go_up_and_forward_only(traced: Traced) -> None:
    features = len(traced.features)
    target, source = np.nonzero(traced.adjacency[:features, :features])
    layers, positions = traced.features[:, 0], traced.features[:, 1]
    assert len(target) > 1_000
    assert bool((layers[source] < layers[target]).all())
    assert bool((positions[source] <= positions[target]).all())
    ends = slice(features, features + (LAYERS + 1) * POSITIONS)
    assert not traced.adjacency[ends].any(), "nothing leads to errors and embeddings"


def test_pruning_keeps_less_and_scores_stay(
    replacement: Replacement, tokens: Tensor, traced: Traced
) -> None:
    strict = trace(replacement, tokens, Pruning(500, node_threshold=0.4, edge_threshold=0.6))
    assert strict.node_mask.sum() < traced.node_mask.sum()
    assert strict.edge_mask.sum() < traced.edge_mask.sum()
    assert strict.scores == traced.scores
    assert np.array_equal(strict.adjacency, traced.adjacency)
    for score in traced.scores:
        assert 0 < score < 1


def test_features_of_most_influence_are_those_that_are_kept(
    replacement: Replacement, tokens: Tensor, traced: Traced
) -> None:
    """circuit-tracer ranks while it attributes; its choice is near that of the whole graph."""
    few = trace(replacement, tokens, Pruning(max_features=30))
    count = len(traced.features)
    order = (-traced.influence[:count]).argsort()
    best = {tuple(traced.features[at].tolist()) for at in order[:30]}
    kept = {tuple(each) for each in few.features.tolist()}
    worst = {tuple(traced.features[at].tolist()) for at in order[-30:]}
    assert len(kept & best) > 15 > 3 > len(kept & worst)


def test_the_same_prompt_gives_the_same_graph_and_another_prompt_another(
    replacement: Replacement, tokens: Tensor, traced: Traced
) -> None:
    again = trace(replacement, tokens, Pruning(max_features=500))
    assert np.array_equal(again.adjacency, traced.adjacency)
    assert np.array_equal(again.features, traced.features)
    other = trace(replacement, tokens[:6], Pruning(max_features=500))
    assert other.adjacency.shape != traced.adjacency.shape


@pytest.mark.filterwarnings(
    # circuit-tracer hooks modules whose inputs need no gradient.
    "ignore:Full backward hook is firing when gradients are computed:UserWarning"
)
def test_the_transformer_lens_backend_gives_the_same_graph(
    replacement: Replacement, tokens: Tensor, traced: Traced
) -> None:
    through_lens = Replacement(replacement.lm, replacement.transcoders, _by_lens(replacement))
    theirs = trace(through_lens, tokens, Pruning(max_features=500))
    ours, other = _in_order(traced), _in_order(theirs)
    assert_close(other, ours, atol=1e-5 * float(ours.abs().max()), rtol=0)
    assert float(ours.abs().max()) > 0.1, "the control: there are effects to compare"
    assert theirs.scores == pytest.approx(traced.scores, abs=1e-4)
    assert theirs.logit_ids == traced.logit_ids


def _by_lens(replacement: Replacement) -> Any:
    """circuit-tracer's other implementation, on the same weights and transcoders."""
    from circuit_tracer.replacement_model.replacement_model_transformerlens import (
        TransformerLensReplacementModel,
    )

    from harness.circuits.replacement import _as_set

    lens = hooked_transformer(replacement.lm)
    model = TransformerLensReplacementModel(lens.cfg)
    model.set_tokenizer(replacement.lm.tokenizer, default_padding_side="right")
    model.load_state_dict(lens.state_dict())
    assert isinstance(replacement.transcoders, TranscoderSet)
    model._configure_replacement_model(_as_set(replacement.transcoders))
    return model


def _in_order(traced: Traced) -> Tensor:
    """The adjacency matrix with features sorted by place, whatever order they came in."""
    order = np.lexsort(traced.features.T[::-1])
    rest = np.arange(len(order), len(traced.adjacency))
    chosen = np.concatenate([order, rest])
    return torch.from_numpy(traced.adjacency[np.ix_(chosen, chosen)])


def test_memory_of_the_matrix_is_counted_by_hand() -> None:
    # 10 features, 2 layers' errors and embeddings of 5 tokens, 3 logits: 28 nodes.
    assert matrix_bytes(10, 2, 5, 3) == 4 * 28**2


def test_a_graph_that_does_not_fit_into_memory_is_refused(
    replacement: Replacement, tokens: Tensor, monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted = Pruning(max_features=500)
    needed = 4 * matrix_bytes(500, LAYERS, POSITIONS, wanted.max_logits)
    monkeypatch.setattr(psutil, "virtual_memory", lambda: SimpleNamespace(available=needed))
    with pytest.raises(HarnessError, match=r"9 tokens and 500 features .*lower max_features"):
        trace(replacement, tokens, wanted)
    monkeypatch.setattr(psutil, "virtual_memory", lambda: SimpleNamespace(available=2 * needed))
    assert trace(replacement, tokens, wanted).features.shape == (144, 3)
