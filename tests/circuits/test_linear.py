"""Rows of graphs against the linear map, with graphs that were tampered with as the control."""

import copy
from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import Tensor
from torch.testing import assert_close

from harness.circuits import linear
from harness.circuits.attributing import Pruning, Traced, trace
from harness.circuits.linear import agreement, linearised
from harness.circuits.replacement import Replacement, open_replacement
from harness.models.hooks import hooked_modules
from harness.models.language_model import LanguageModel
from harness.transcoders.sets import TranscoderSet
from tests.circuits.random_transcoders import as_set, jumping, random_transcoders

IDENTITY, ROW = 1e-4, 1e-5


def test_at_every_node_contributions_sum_to_the_pre_activation(
    lm: LanguageModel, transcoders: TranscoderSet, tokens: Tensor, traced: Traced
) -> None:
    nodes = range(len(traced.features))
    assert len(nodes) > 100
    held = agreement(lm, transcoders, tokens, traced, nodes)
    assert 0 < held.identity_error < IDENTITY
    assert 0 < held.row_error < ROW


def test_features_left_out_of_a_graph_count_as_constants(
    lm: LanguageModel, replacement: Replacement, tokens: Tensor
) -> None:
    small = trace(replacement, tokens, Pruning(max_features=40))
    assert (len(small.features), small.active_features) == (40, 144)
    assert isinstance(replacement.transcoders, TranscoderSet)
    held = agreement(lm, replacement.transcoders, tokens, small, range(40))
    assert held.identity_error < IDENTITY
    assert held.row_error < ROW


def test_latents_above_a_threshold_obey_it_too(lm: LanguageModel, tokens: Tensor) -> None:
    jump = jumping(random_transcoders(lm), threshold=1.5)
    found = trace(open_replacement(lm, jump), tokens, Pruning(max_features=500))
    held = agreement(lm, jump, tokens, found, range(len(found.features)))
    assert len(found.features) > 20
    assert held.identity_error < IDENTITY
    assert held.row_error < ROW


def test_a_linear_path_beside_the_latents_is_part_of_the_map(
    lm: LanguageModel, tokens: Tensor
) -> None:
    skipping = random_transcoders(lm, skip=True)
    found = trace(open_replacement(lm, skipping), tokens, Pruning(max_features=500))
    held = agreement(lm, skipping, tokens, found, range(len(found.features)))
    assert held.identity_error < IDENTITY
    assert held.row_error < ROW
    without = as_set(tuple(each._replace(W_skip=None) for each in skipping.layers))
    control = agreement(lm, without, tokens, found, range(len(found.features)))
    assert control.row_error > 10 * ROW


def test_an_entry_that_was_changed_is_noticed(
    lm: LanguageModel, transcoders: TranscoderSet, tokens: Tensor, traced: Traced
) -> None:
    node = int(np.abs(traced.adjacency[: len(traced.features)]).max(axis=1).argmax())
    tampered = traced.adjacency.copy()
    largest = np.abs(tampered).max()
    tampered[node, np.abs(tampered[node]).argmax()] += 0.01 * largest
    wrong = traced._replace(adjacency=tampered)
    held = agreement(lm, transcoders, tokens, wrong, [node])
    assert held.row_error == pytest.approx(0.01, rel=0.1)
    assert held.identity_error > 10 * IDENTITY
    others = [each for each in range(len(traced.features)) if each != node]
    assert agreement(lm, transcoders, tokens, wrong, others).row_error < ROW


def test_a_row_of_the_wrong_node_is_noticed(
    lm: LanguageModel, transcoders: TranscoderSet, tokens: Tensor, traced: Traced
) -> None:
    rolled = traced._replace(adjacency=np.roll(traced.adjacency, 1, axis=0))
    held = agreement(lm, transcoders, tokens, rolled, range(60, 80))
    assert held.row_error > 100 * ROW
    assert held.identity_error > 100 * IDENTITY


def test_a_constant_that_was_dropped_is_noticed(
    lm: LanguageModel, transcoders: TranscoderSet, tokens: Tensor, traced: Traced
) -> None:
    """The same graph held against transcoders without their decoders' biases."""
    layers = tuple(each._replace(b_dec=torch.zeros_like(each.b_dec)) for each in transcoders.layers)
    without = TranscoderSet("without", transcoders.config, layers, "0", None)
    held = agreement(lm, without, tokens, traced, range(len(traced.features)))
    assert held.row_error > 10 * ROW


def test_what_is_written_without_a_node_is_noticed_where_it_is_left_out(
    lm: LanguageModel,
    transcoders: TranscoderSet,
    tokens: Tensor,
    traced: Traced,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    whole = linear._Parts.of

    def without_constants(*given: object) -> linear._Parts:
        parts = whole(*given)  # pyright: ignore[reportArgumentType]
        return parts._replace(rest=torch.zeros_like(parts.rest))

    monkeypatch.setattr(linear._Parts, "of", without_constants)
    held = agreement(lm, transcoders, tokens, traced, range(len(traced.features)))
    assert held.identity_error > 10 * IDENTITY
    assert held.row_error < ROW


def test_the_linear_pass_reads_what_the_model_reads_and_leaves_no_hook(
    lm: LanguageModel, transcoders: TranscoderSet, tokens: Tensor
) -> None:
    from harness.models.hookpoints import Hookpoint
    from harness.models.hooks import capture

    points = [Hookpoint("mlp_in", layer) for layer in range(lm.n_layers)]
    with torch.no_grad(), capture(lm, points) as at:
        lm.hf(tokens[None])
    with linearised(lm, transcoders, tokens) as flow:
        for point, found in zip(points, flow.mlp_in, strict=True):
            assert_close(found, at[point], atol=1e-5, rtol=0)
    assert hooked_modules(lm.hf) == []


def test_the_map_is_linear_in_what_mlps_write(
    lm: LanguageModel, transcoders: TranscoderSet, tokens: Tensor
) -> None:
    """Attention frozen and norms as factors: halves of the inputs give halves of the product."""
    encoder = torch.randn(lm.d_model, generator=torch.Generator().manual_seed(0))
    with linearised(lm, transcoders, tokens) as flow:
        embedded, written = flow.gradients(2, 8, encoder)
        product = float(flow.mlp_in[2][0, 8].detach() @ encoder)
        parts = float((embedded * flow.embeddings[0].detach()).sum())
        parts += float((written * torch.cat(flow.mlp_out).detach()).sum())
    assert parts == pytest.approx(product, rel=1e-4)
    assert not bool(written[2].any()), "a layer's own MLP comes after what it reads"
    assert bool(written[1, :8].any()), "what stood before reaches it by attention"


def test_embeddings_with_zeros_as_dequantised_ones_have_are_no_trouble(
    lm: LanguageModel, tokens: Tensor
) -> None:
    holed = copy.deepcopy(lm.hf)
    holed.get_input_embeddings().weight.data[:, ::3] = 0
    other = replace(lm, hf=holed)
    transcoders = random_transcoders(other)
    found = trace(open_replacement(other, transcoders), tokens, Pruning(max_features=500))
    held = agreement(other, transcoders, tokens, found, range(len(found.features)))
    assert held.identity_error < IDENTITY
    assert held.row_error < ROW
