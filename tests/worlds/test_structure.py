from dataclasses import replace

import pytest
import torch
from sae_lens.synthetic import ActivationGenerator, HierarchyNode, SyntheticModel

from harness.record import HarnessError
from harness.worlds.build import configuration
from harness.worlds.sampler import Sampler
from harness.worlds.structure import structure_of
from tests.worlds.small import entry


def bare() -> SyntheticModel:
    return SyntheticModel(replace(configuration(entry()), orthogonalization=None))


def test_trees_have_four_children_a_parent_down_to_depth_three() -> None:
    s = structure_of(bare())
    sizes = [int((s.depth[s.parent >= 0] == depth).sum()) for depth in (1, 2, 3)]
    assert sizes == [2 * 4, 2 * 16, 2 * 64]
    assert len(s.free) == 2 + 86
    for parent in range(2 + 8 + 32):
        children = s.children[parent].tolist()
        assert len(children) == 4
        assert s.parent[children].tolist() == [parent] * 4
        assert bool(s.exclusive[parent])
        assert bool(s.scaled[parent])
    assert bool((s.children[42:] == -1).all())
    assert not bool(s.exclusive[42:].any())


def test_chances_to_fire_are_what_thresholds_leave_above_them() -> None:
    model = bare()
    s = structure_of(model)
    chance = torch.special.ndtr(-s.threshold.double())
    expected = model.activation_generator.firing_probabilities.double()
    torch.testing.assert_close(chance, expected, rtol=1e-3, atol=1e-6)
    unit = s.factor.square().sum(dim=1) + s.noise.square()
    torch.testing.assert_close(unit, torch.ones(256), rtol=1e-4, atol=1e-4)


def test_a_world_without_correlation_shares_nothing() -> None:
    model = SyntheticModel(
        replace(configuration(entry()), orthogonalization=None, correlation=None, hierarchy=None)
    )
    s = structure_of(model)
    assert s.factor.shape == (256, 0)
    assert s.children.shape == (256, 0)
    assert torch.equal(s.noise, torch.ones(256))
    assert len(s.free) == 256


def test_a_dense_correlation_matrix_is_refused() -> None:
    model = bare()
    model.activation_generator = ActivationGenerator(256, 0.1, correlation_matrix=torch.eye(256))
    with pytest.raises(HarnessError, match="dense correlation matrix; valid: low rank, or none"):
        structure_of(model)


def test_a_node_that_is_no_feature_is_refused() -> None:
    model = bare()
    assert model.hierarchy is not None
    model.hierarchy.roots.append(HierarchyNode(children=[HierarchyNode(feature_index=200)]))
    with pytest.raises(HarnessError, match="a node of the hierarchy is no feature"):
        structure_of(model)


def test_silenced_features_and_what_is_below_them_never_fire() -> None:
    usual = structure_of(bare())
    parent = int((usual.children[:, 0] >= 0).nonzero()[2])
    below = usual.children[parent].tolist()
    silenced = usual.silenced([parent])
    both = [
        Sampler(each).sample(20_000, torch.Generator().manual_seed(0)).dense(256)
        for each in (usual, silenced)
    ]
    rates = [(each > 0).float().mean(0) for each in both]
    assert bool((rates[0][[parent, *below]] > 0).all()), "the control"
    assert not bool((rates[1][[parent, *below]] > 0).any())
    assert float(rates[1].sum()) > 0.8 * float(rates[0].sum())
    assert torch.isfinite(both[1]).all()
    assert not bool((usual.threshold == torch.inf).any()), "the structure itself is as it was"
