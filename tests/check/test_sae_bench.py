import shutil
from pathlib import Path
from typing import Any

import pytest

from harness.check import check
from harness.check.sae_bench import sae_bench_problems
from harness.deviations import detect
from harness.paper import PaperSpec
from harness.record import HarnessError, write_text
from harness.replication import Replication
from harness.scaffold import scaffold
from harness.specs import ReplicationSpec, SaeBenchSpec
from harness.specs.worlds import World, resolve_world

CHECKOUT = Path(__file__).parents[2]
WORLD = resolve_world("synthsae-2k")


def bench(world: World = WORLD, **changes: Any) -> SaeBenchSpec:
    """All that the paper's general claims need."""
    given: dict[str, Any] = {
        "family": "sae_bench",
        "id": "saes",
        "model": world.id,
        "seeds": [0, 1],
        "architectures": [
            "batchtopk",
            {"name": "matryoshka_batchtopk", "config": {"matryoshka_widths": [8, 32]}},
            "matching_pursuit",
            "standard",
            "jumprelu",
        ],
        "relative_l0": [0.8, 1.0],
        "width": world.width,
        "samples": world.samples,
        "learning_rate": world.learning_rate,
        "probe_samples": 100_000,
    }
    return SaeBenchSpec.model_validate({**given, **changes})


@pytest.mark.parametrize("world", ["synthsae-1k", "synthsae-2k", "synthsae-4k", "synthsae-16k"])
def test_the_papers_l0s_are_possible_on_every_world(world: str) -> None:
    assert list(sae_bench_problems(bench(resolve_world(world)))) == []


def test_a_class_of_ones_own_is_not_imported_to_be_checked() -> None:
    own = [{"name": "not_installed.saes:LeapConfig"}]
    assert list(sae_bench_problems(bench(architectures=own))) == []


def levels(*widths: object) -> dict[str, Any]:
    config = {"matryoshka_widths": widths}
    return {"architectures": [{"name": "matryoshka_batchtopk", "config": config}]}


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        (
            {"width": 1, "relative_l0": [0.05], "architectures": ["standard"]},
            "width: 1: synthsae-2k has",
        ),
        ({"width": WORLD.features + 1}, f"valid: 2 to {WORLD.features}"),
        ({"relative_l0": [WORLD.width / WORLD.l0]}, f"only {WORLD.width} latents; valid: under"),
        ({"architectures": ["batchtpk"]}, "did you mean 'batchtopk'"),
        ({"architectures": ["package.module"]}, "MODULE:CONFIG_CLASS"),
        (levels(8, 8), f"rising numbers from 1 to {WORLD.width - 1}"),
        (levels(8, WORLD.width), f"the whole width {WORLD.width} is added"),
        (levels(0, 8), "rising numbers"),
        ({"samples": 100}, "samples: 100 fill no batch of 1024"),
        ({"eval_samples": 1000}, f"valid: {10 * WORLD.width} and more"),
        ({"probe_samples": 10}, f"valid: 0 (no probes), or {10 * WORLD.hidden_dim} and more"),
        ({"seeds": [0]}, "no interval"),
        ({"data": "original"}, "valid: generated"),
    ],
)
def test_a_setting_that_no_sae_can_have_or_nothing_can_judge_is_named(
    changes: dict[str, Any], words: str
) -> None:
    (problem,) = sae_bench_problems(bench(**changes))
    assert words in problem


@pytest.mark.parametrize("architecture", ["topk", "matching_pursuit"])
def test_a_broken_l0_is_refused_with_the_nearest_whole_ones(architecture: str) -> None:
    world = resolve_world("synthsae-16k")
    broken = {"architectures": [architecture], "relative_l0": [0.85]}
    (problem,) = sae_bench_problems(bench(world, **broken))
    assert problem.startswith(f"architectures[0]: {architecture} needs a whole L0")
    assert "0.84 (L0 21) or 0.88 (L0 22)" in problem
    for mended in ({"relative_l0": [0.84]}, {"architectures": ["batchtopk"]}):
        assert list(sae_bench_problems(bench(world, **{**broken, **mended}))) == []


def test_one_seed_is_enough_where_nothing_is_judged() -> None:
    assert list(sae_bench_problems(bench(seeds=[0], judged=False))) == []


def test_no_probes_are_fine() -> None:
    assert list(sae_bench_problems(bench(probe_samples=0))) == []


def written(project: Path, experiment: SaeBenchSpec, *, declared: bool = True) -> Replication:
    """A replication of the paper in a folder of its own."""
    shutil.copytree(CHECKOUT / "papers/synthsaebench", project / "papers/synthsaebench")
    paper = PaperSpec.load(project / "papers/synthsaebench/paper.yaml")
    spec = ReplicationSpec(id="mine", paper=paper.id, experiments=(experiment,))
    found = detect(paper.setup, spec)
    deviations = [{**each._asdict(), "why": "runs on a processor"} for each in found]
    content = {**spec.model_dump(mode="json"), "deviations": deviations if declared else []}
    given = ReplicationSpec.model_validate(content)
    root = project / "replications/synthsaebench/mine"
    # JSON is YAML.
    write_text(root / "replication.yaml", given.model_dump_json(exclude_none=True))
    return Replication.open(root)


def test_a_replication_on_a_smaller_world_is_ready_once_it_owns_up(tmp_path: Path) -> None:
    with pytest.raises(HarnessError, match="synthsae-2k") as refused:
        check(written(tmp_path / "silent", bench(), declared=False))
    told = [line.strip(" -{")[:16] for line in str(refused.value).splitlines()[1:]]
    assert told == ["what: model, pap", *["what: scale, pap"] * 2, "what: hyperparam"]
    check(written(tmp_path / "open", bench()))


def test_a_claim_whose_architecture_nobody_trains_is_named(tmp_path: Path) -> None:
    others = [each for each in bench().architectures if each.name != "jumprelu"]
    with pytest.raises(HarnessError, match="claim jumprelu-detects-as-batchtopk"):
        check(written(tmp_path, bench(architectures=others)))


def test_the_papers_own_world_and_scale_are_checked_for_its_own_numbers_too(
    tmp_path: Path,
) -> None:
    check(written(tmp_path / "whole", bench(resolve_world("synthsae-16k"))))
    lacking = bench(resolve_world("synthsae-16k"), probe_samples=0)
    with pytest.raises(HarnessError, match="claim probe-ceiling"):
        check(written(tmp_path / "lacking", lacking))


def test_a_language_model_is_no_world(tmp_path: Path) -> None:
    replication = written(tmp_path, bench())
    wrong = replication.spec.model_copy(update={"experiments": (bench(WORLD, model="gpt2"),)})
    with pytest.raises(HarnessError, match=r"world 'gpt2' is unknown; valid: synthsae-16k"):
        check(Replication(replication.root, wrong, replication.paper))


def test_a_scaffold_on_another_world_takes_its_scale_and_is_ready(tmp_path: Path) -> None:
    widths = bench(architectures=["batchtopk", "matryoshka_batchtopk", "matching_pursuit",
                                  "standard", "jumprelu"])  # fmt: skip
    written(tmp_path, widths)
    root = scaffold(tmp_path, "synthsaebench", model="synthsae-1k")
    made = Replication.open(root)
    assert root.name == "synthsae-1k"
    world = resolve_world("synthsae-1k")
    assert [each.model for each in made.spec.experiments] == [world.id]
    assert f"samples: {world.samples}" in {each.here for each in made.spec.deviations}
    check(made)
    with pytest.raises(HarnessError, match=r"world 'smollm2' is unknown.*synthsae-2k"):
        scaffold(tmp_path, "synthsaebench", model="smollm2")
