"""Graphs with a set whose latents write to all later layers, trained on a few sentences."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor
from torch.testing import assert_close

from harness.circuits.attributing import Pruning, Traced, trace
from harness.circuits.graph_file import Titled, graph_file
from harness.circuits.replacement import Replacement, base_logit_error, open_replacement
from harness.graphs.validate import validate_graph
from harness.models.language_model import LanguageModel
from harness.transcoders.sets import CrossLayerSet, load_set
from tests.transcoders.planted import tiny_recipe

WHOLE = Pruning(max_features=500, node_threshold=1, edge_threshold=1)
"""Random latents do so little that a stricter graph has but one layer of them."""


@pytest.fixture(scope="module")
def crossing(tiny_model: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[CrossLayerSet]:
    from harness.transcoders.build import build_set

    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("HARNESS_CACHE", str(tmp_path_factory.mktemp("cache")))
        folder = build_set(tiny_recipe(tiny_model, id="clt", kind="cross_layer"), device="cpu")
    found = load_set(f"path:{folder}")
    assert isinstance(found, CrossLayerSet)
    yield found


@pytest.fixture(scope="module")
def opened(lm: LanguageModel, crossing: CrossLayerSet) -> Replacement:
    return open_replacement(lm, crossing)


@pytest.fixture(scope="module")
def across(opened: Replacement, tokens: Tensor) -> Traced:
    return trace(opened, tokens, WHOLE)


def test_it_traces_and_the_file_is_sound(
    opened: Replacement, tokens: Tensor, across: Traced
) -> None:
    assert base_logit_error(opened, tokens) < 1e-5
    assert {layer for layer, _, _ in across.features.tolist()} == {0, 1, 2}
    file = graph_file(opened, Titled("hello wo", tokens, "clt"), across, WHOLE)
    assert [each for each in validate_graph(file) if each.severity == "error"] == []


def test_its_active_features_are_those_of_the_set(
    lm: LanguageModel, crossing: CrossLayerSet, tokens: Tensor, across: Traced
) -> None:
    from harness.models.hookpoints import Hookpoint
    from harness.models.hooks import capture

    points = [Hookpoint("mlp_in", layer) for layer in range(lm.n_layers)]
    with torch.inference_mode(), capture(lm, points) as at:
        lm.hf(tokens[None])
        latents = crossing.transcoder.encode(torch.stack([at[each][0] for each in points]))
        latents[:, 0] = 0
    places = torch.from_numpy(across.features)
    assert across.active_features == int((latents != 0).sum())
    assert_close(
        torch.from_numpy(across.activations),
        latents[places[:, 0], places[:, 1], places[:, 2]],
        atol=1e-4,
        rtol=1e-4,
    )


def test_effects_of_its_features_on_logits_go_by_all_layers_that_they_write_to(
    opened: Replacement, crossing: CrossLayerSet, tokens: Tensor, across: Traced
) -> None:
    """With decoders to later layers taken away, effects of early features are others."""
    from dataclasses import replace

    logits = slice(-len(across.logit_ids), None)
    features = len(across.features)
    early = np.flatnonzero(across.features[:, 0] == 0)
    late = np.flatnonzero(across.features[:, 0] == 2)
    assert len(early) and len(late)
    own = crossing.transcoder
    cut = tuple(
        torch.cat([each[:, :1], torch.zeros_like(each[:, 1:])], dim=1) for each in own.W_dec
    )
    folder = _written(crossing, cut)
    alone = trace(open_replacement(opened.lm, replace(crossing, folder=folder)), tokens, WHOLE)
    assert np.array_equal(np.sort(alone.features, axis=0), np.sort(across.features, axis=0))
    order = {tuple(each): row for row, each in enumerate(alone.features.tolist())}
    moved = np.array([order[tuple(each)] for each in across.features.tolist()])
    before, after = across.adjacency[logits, :features], alone.adjacency[logits][:, moved]
    scale = float(np.abs(before).max())
    assert float(np.abs(before[:, late] - after[:, late]).max()) < 1e-5 * scale
    assert float(np.abs(before[:, early] - after[:, early]).max()) > 1e-2 * scale


def _written(crossing: CrossLayerSet, decoders: tuple[Tensor, ...]) -> Path:
    from harness.transcoders.cross_layer_files import write_cross_layer

    assert crossing.folder is not None
    folder = crossing.folder.with_name("cut")
    write_cross_layer(folder, crossing.transcoder._replace(W_dec=decoders))
    return folder
