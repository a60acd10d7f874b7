import json
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from sae_lens.synthetic import SyntheticModel

from harness.worlds import build
from harness.worlds.build import build_world, configuration, largest_cosines, make_model
from harness.worlds.structure import Structure, structure_of
from tests.worlds.small import entry

HUB = "hf:someone/world"


@pytest.fixture(autouse=True)
def _offline(harness_cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: ARG001
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")


@pytest.fixture(scope="module")
def both() -> Iterator[tuple[SyntheticModel, SyntheticModel]]:
    wanted = configuration(entry())
    yield make_model(wanted), SyntheticModel(wanted)


def worlds_kept(cache: Path) -> list[str]:
    return sorted(path.name for path in (cache / "worlds").iterdir())


def test_a_built_world_is_saelens_own_but_for_rounding_of_the_dictionary(
    both: tuple[SyntheticModel, SyntheticModel],
) -> None:
    ours, theirs = both
    assert ours.cfg == theirs.cfg
    assert ours.hierarchy is not None
    assert theirs.hierarchy is not None
    assert ours.hierarchy.to_dict() == theirs.hierarchy.to_dict()
    for name, tensor in structure_of(theirs)._asdict().items():
        assert torch.equal(getattr(structure_of(ours), name), tensor), name
    assert torch.equal(ours.feature_dict.bias, theirs.feature_dict.bias)
    moved = (ours.feature_dict.feature_vectors - theirs.feature_dict.feature_vectors).abs()
    assert float((moved < 1e-5).float().mean()) > 0.99
    # The control: the vectors before they were made orthogonal are elsewhere.
    start = SyntheticModel(replace(ours.cfg, orthogonalization=None)).feature_dict
    apart = (start.feature_vectors - theirs.feature_dict.feature_vectors).abs()
    assert float((apart < 1e-5).float().mean()) < 0.01


def test_another_size_is_another_world() -> None:
    one, other = (structure_of(make_model(configuration(entry(roots=r)))) for r in (2, 3))
    assert isinstance(one, Structure)
    assert not torch.equal(one.parent, other.parent)


def test_a_world_is_built_once_and_then_taken_from_the_cache(
    harness_cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[tuple[str, int, int]] = []
    first = build_world(entry(), progress=lambda *step: told.append(step))
    assert told[-1] == ("orthogonalising features", 100, 100)
    monkeypatch.setattr(build, "make_model", lambda *_, **__: pytest.fail("built again"))
    second = build_world(entry())
    assert first.sha256 == second.sha256
    assert first.origin == second.origin == "built from its configuration"
    for name, tensor in structure_of(first.model)._asdict().items():
        assert torch.equal(getattr(structure_of(second.model), name), tensor), name
    assert torch.equal(
        first.model.feature_dict.feature_vectors, second.model.feature_dict.feature_vectors
    )
    assert worlds_kept(harness_cache) == [f"small.{entry().digest[:8]}"]


def test_another_entry_of_the_same_name_is_not_taken_for_it() -> None:
    assert build_world(entry()).sha256 != build_world(entry(hidden_dim=40)).sha256


def test_a_seed_makes_another_world_of_the_same_sizes() -> None:
    usual, other = (build_world(entry(seed=seed)) for seed in (42, 7))
    assert usual.sha256 == build_world(entry()).sha256
    assert usual.sha256 != other.sha256
    vectors = [each.model.feature_dict.feature_vectors for each in (usual, other)]
    assert vectors[0].shape == vectors[1].shape
    assert float(largest_cosines(torch.cat(tuple(vectors))).max()) < 0.9, (
        "they have no feature in common"
    )


def test_in_a_folder_of_its_own_a_world_is_built_whatever_the_hub_and_the_cache_have(
    harness_cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(build, "why_not_hub", lambda *_, **__: pytest.fail("the hub was asked"))
    own = tmp_path / "truth"
    first = build_world(entry(hub=HUB), folder=own)
    assert first.origin == "built from its configuration"
    assert not (harness_cache / "worlds").exists()
    monkeypatch.setattr(build, "make_model", lambda *_, **__: pytest.fail("built again"))
    assert build_world(entry(hub=HUB), folder=own).sha256 == first.sha256


def test_branching_and_depth_are_the_worlds_own() -> None:
    deep = structure_of(make_model(configuration(entry(roots=1, branching=3, depth=4))))
    usual = structure_of(make_model(configuration(entry(roots=1))))
    assert deep.depth.bincount().tolist() == [1 + 256 - 121, 3, 9, 27, 81]
    assert usual.depth.bincount().tolist() == [1 + 256 - 85, 4, 16, 64]


def test_a_world_half_written_by_a_build_that_was_cut_off_is_not_taken_for_one(
    harness_cache: Path,
) -> None:
    whole = build_world(entry()).sha256
    shutil.rmtree(harness_cache / "worlds")

    def cut_off(path: Path, _weights: object) -> None:
        path.write_text("{")
        raise KeyboardInterrupt

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(SyntheticModel, "save", lambda self, path: cut_off(path / "x", self))
        # What a killed process leaves: nothing cleans up behind it.
        patched.setattr(build.shutil, "rmtree", lambda *_, **__: None)
        with pytest.raises(KeyboardInterrupt):
            build_world(entry())
    (left,) = worlds_kept(harness_cache)
    assert left.startswith(".small."), "the control: something was left half written"
    assert build_world(entry()).sha256 == whole


def test_a_published_world_that_cannot_be_reached_is_built() -> None:
    assert build_world(entry(hub=HUB)).origin == "built from its configuration"


def test_a_published_world_that_can_be_reached_is_used_and_recorded(
    monkeypatch: pytest.MonkeyPatch, harness_cache: Path
) -> None:
    published = make_model(replace(configuration(entry()), seed=7))
    asked: list[str] = []
    monkeypatch.setattr(build, "why_not_hub", lambda *_, **__: None)
    monkeypatch.setattr(
        SyntheticModel, "from_pretrained", lambda repo: asked.append(repo) or published
    )
    found = build_world(entry(hub=HUB))
    assert asked == ["someone/world"]
    assert found.origin == HUB
    assert found.model is published
    assert found.sha256 != build_world(entry()).sha256
    assert len(worlds_kept(harness_cache)) == 1, "what the hub's cache holds is not kept twice"


def test_the_settings_are_synthsaebenchs() -> None:
    made = configuration(entry(features=16_384, hidden_dim=768, roots=128)).to_dict()
    expected = {
        "num_features": 16_384,
        "hidden_dim": 768,
        "bias": 0.5,
        "correlation": {"rank": 25, "correlation_scale": 0.1, "seed": None},
    }
    assert {key: made[key] for key in expected} == expected
    assert made["hierarchy"]["scale_children_by_parent"]
    shape = [made["hierarchy"][key] for key in ("branching_factor", "max_depth")]
    assert (made["seed"], *shape) == (42, 4, 3)
    v1 = configuration(entry(scale_children_by_parent=False)).to_dict()
    assert not v1["hierarchy"]["scale_children_by_parent"]
    json.dumps(made)


def test_the_largest_cosine_of_each_vector_is_not_that_with_itself() -> None:
    vectors = torch.tensor([[1.0, 0, 0], [0, 1, 0], [0, 0.6, 0.8], [-0.8, 0, 0.6]])
    expected = torch.tensor([0.8, 0.6, 0.6, 0.8])
    for rows in (1, 3, 1024):
        torch.testing.assert_close(largest_cosines(vectors, rows), expected)
