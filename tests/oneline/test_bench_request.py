from typing import Any

import pytest

from harness.oneline.bench_request import Request, jobs_in, require_settings, spec_of
from harness.record import HarnessError
from harness.specs.worlds import WORLDS, resolve_world

USUAL = Request(world="synthsae-2k", architectures=["batchtopk"])


@pytest.mark.parametrize("name", WORLDS)
def test_what_is_not_said_is_the_worlds_own(name: str) -> None:
    world = resolve_world(name)
    spec = spec_of(USUAL._replace(world=name))
    assert (spec.width, spec.samples) == (world.width, world.samples)
    assert spec.learning_rate == world.learning_rate
    assert [l0 for _, _, l0 in jobs_in(spec)] == [world.l0] * 3


def test_each_seed_has_every_architecture_at_every_l0_before_the_next() -> None:
    asked = USUAL._replace(architectures=["batchtopk", "topk"], l0=[8, 9], seeds=2)
    jobs = [(seed, each.name, l0) for seed, each, l0 in jobs_in(spec_of(asked))]
    assert jobs[:4] == [(0, "batchtopk", 8), (0, "batchtopk", 9), (0, "topk", 8), (0, "topk", 9)]
    assert len(jobs) == 8 and {seed for seed, _, _ in jobs[4:]} == {1}


def test_settings_are_read_as_json_or_as_words() -> None:
    given = ["a=true", "b=3", "c=0.5", "d=step", "e=[4, 8]", "f=x=y"]
    (one,) = spec_of(USUAL._replace(config=given)).architectures
    assert one.config == {"a": True, "b": 3, "c": 0.5, "d": "step", "e": (4, 8), "f": "x=y"}


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"world": "synthsae-2"}, "did you mean 'synthsae-2k'"),
        (
            {"architectures": ["batchtop"]},
            "--arch: 'batchtop' is unknown; did you mean 'batchtopk'",
        ),
        ({"architectures": ["topk", "topk"]}, "--arch: topk stands twice"),
        ({"l0": [8, 8]}, "--l0: an entry stands twice"),
        ({"l0": [600]}, "--l0 600: only 512 latents; valid: under 512"),
        ({"l0": [0]}, "--l0: Input should be greater than 0"),
        ({"l0": [float("nan")]}, "--l0: Input should be"),
        ({"l0": [2.5], "architectures": ["topk"]}, "--l0 2.5: topk takes a whole number"),
        ({"width": 99_999}, "--width: 99999: synthsae-2k has 2048 features; valid: 2 to 2048"),
        ({"samples": 10}, "--samples: 10 fill no batch of 1024"),
        ({"eval_samples": 10}, "--eval-samples: 10; ten for each latent are needed; valid: 5120"),
        ({"learning_rate": 0.0}, "--lr: Input should be greater than 0"),
        ({"width": 0}, "--width: Input should be greater than 0"),
        ({"config": ["k"]}, "--config 'k': valid: KEY=VALUE"),
        ({"config": ["d_sae=3"]}, "--config d_sae: valid: --width"),
        ({"config": ["x=null"]}, "--config x: valid: true, false, a finite number"),
        ({"config": ["x=NaN"]}, "--config x: valid: true, false, a finite number"),
    ],
)
def test_a_mistake_is_told_by_its_option(changes: dict[str, Any], said: str) -> None:
    with pytest.raises(HarnessError) as refused:
        spec_of(USUAL._replace(**changes))
    assert said in str(refused.value)


def test_every_problem_is_told_at_once() -> None:
    with pytest.raises(HarnessError) as refused:
        spec_of(USUAL._replace(samples=10, eval_samples=10, architectures=["x"]))
    options = [problem.split(":")[0] for problem in str(refused.value).splitlines()]
    assert options == ["--samples", "--eval-samples", "--arch"]


def test_a_field_that_saelens_does_not_know_is_refused_before_anything_is_built() -> None:
    world = resolve_world(USUAL.world)
    require_settings(spec_of(USUAL._replace(config=["aux_loss_coefficient=0.5"])), world)
    with pytest.raises(HarnessError, match=r"config\.aux_los_coefficient.*aux_loss_coefficient"):
        require_settings(spec_of(USUAL._replace(config=["aux_los_coefficient=0.5"])), world)
