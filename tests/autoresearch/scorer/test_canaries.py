import pytest
import torch

from harness.autoresearch.sandbox.place import RunFailed
from harness.autoresearch.scorer import canaries
from harness.autoresearch.scorer.synthetic import SyntheticBench
from tests.autoresearch.scorer.small import copied, honest, random_rows


def test_silent_features_never_fire_and_others_do(bench: SyntheticBench) -> None:
    world = bench.world("dev")
    silent = list(world.silent)
    assert len(silent) == 2
    active = world.sampler.sample(50_000, world.generator(0)).dense(128) > 0
    assert int(active[:, silent].sum()) == 0
    others = [feature for feature in range(32) if feature not in silent]
    assert bool((active[:, others].sum(0) > 0).all())


def test_they_are_leaves_among_the_frequent_and_stand_in_no_file(bench: SyntheticBench) -> None:
    world = bench.world("dev")
    structure = world.sampler.structure
    assert max(world.silent) < world.entry.width
    assert bool((structure.children[list(world.silent)] < 0).all())
    plain = type(world)(world.entry, world.built, world.device)
    active = plain.sampler.sample(50_000, world.generator(0)).dense(128) > 0
    assert bool((active[:, list(world.silent)].sum(0) > 0).all()), "the world that is kept"


def test_another_draw_of_the_canaries_is_another_choice(bench: SyntheticBench) -> None:
    structure = bench.world("dev").sampler.structure
    chosen = {
        tuple(canaries.choose(structure, 32, torch.Generator().manual_seed(i)).tolist())
        for i in range(20)
    }
    assert len(chosen) > 5


def test_the_limit_lies_above_chance_in_many_dimensions() -> None:
    assert canaries.limit(256, 16, 224) == 0.5
    assert canaries.limit(256, 16, 160) == pytest.approx(0.5339, abs=1e-3)
    assert canaries.limit(32, 2, 16) == 0.9
    generator = torch.Generator().manual_seed(0)
    rows, others = (
        torch.nn.functional.normalize(torch.randn(n, 160, generator=generator), dim=1)
        for n in (25_600, 16)
    )
    most = float((rows @ others.T).abs().max())
    assert 0.3 < most < canaries.limit(256, 16, 160)


def test_whoever_copies_the_dictionary_is_caught(bench: SyntheticBench) -> None:
    world = bench.world("dev")
    known = world.vectors[list(world.silent)]
    copy = copied(world).directions
    for name, tensor in (("W_dec", copy), ("W_enc", copy.T), ("W_dec", -1e-30 * copy)):
        with pytest.raises(RunFailed, match=name) as failed:
            canaries.require_unknown({name: tensor}, known, 32)
        assert failed.value.cause == "canary"
    for control in (honest(world).directions, random_rows(world).directions):
        canaries.require_unknown({"W_dec": control, "W_enc": control.T}, known, 32)


def test_tensors_of_other_shapes_are_no_dictionaries(bench: SyntheticBench) -> None:
    world = bench.world("dev")
    known = world.vectors[list(world.silent)]
    canaries.require_unknown({"mean": known[0], "b_enc": torch.ones(32)}, known, 32)
