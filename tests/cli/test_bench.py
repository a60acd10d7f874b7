import json
import re
from pathlib import Path
from typing import Any

import pytest

from harness.oneline.bench_request import Request, require_settings, spec_of
from harness.specs.sae_bench import ARCHITECTURES, SAE_METRICS
from harness.specs.worlds import WORLDS, resolve_world
from tests.oneline.benched import TINY

QUICK = ["--world", "tiny", "--batch", "256", "--eval-samples", "1000", "--samples", "5120"]
README = Path(__file__).parents[2] / "README.md"
BOARD = "runs/leaderboard/tiny.jsonl"
LINE = {
    *("world", "world_sha256", "origin", "architecture", "config", "width", "l0", "samples"),
    *("batch", "learning_rate", "seed", "eval_samples", "metrics", "seconds"),
    *("samples_per_second", "device", "threads", "dtype", "packages", "harness", "commit"),
    *("dirty", "finished_utc"),
}


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Holds the tiny world once it is built."""
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cache: Path) -> Path:
    """An empty folder, and the tiny world among those that can be named."""
    monkeypatch.setenv("HARNESS_CACHE", str(cache))
    monkeypatch.setitem(WORLDS, "tiny", TINY)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def bench(cli: Any) -> Any:
    """`harness bench sae` on the processor."""

    def call(*arguments: str) -> Any:
        return cli("bench", "sae", *QUICK, "--device", "cpu", *arguments)

    return call


def test_a_person_gets_tables_a_picture_and_a_leaderboard(bench: Any, here: Path) -> None:
    ended = bench("--arch", "batchtopk", "--arch", "topk", "--seeds", "2")
    assert ended.code == 0, ended.err
    assert "tiny: 4 SAEs trained; 2 seeds" in ended.out
    assert "32 latents, 5,120 samples, batch 256, lr 0.01" in ended.out
    assert re.search(r"│ BatchTopK +│ 3 +│", ended.out) and "±" in ended.out
    assert "…" not in ended.out, "a cell was cut"
    assert f"leaderboard: {BOARD}" in ended.out
    assert (here / "runs/bench-sae-tiny.png").read_bytes().startswith(b"\x89PNG")
    assert len((here / BOARD).read_text().splitlines()) == 4
    again = bench("--arch", "topk", "--seeds", "3")
    assert "tiny: 1 SAE trained, 2 taken from the leaderboard (--again trains them" in again.out


def test_a_program_gets_one_document_with_provenance(bench: Any, here: Path) -> None:
    ended = bench("--seeds", "2", "--l0", "2", "--l0", "4", "--json", "--output", "own.png")
    assert (ended.code, ended.err) == (0, "")
    told = json.loads(ended.out)
    assert [each["l0"] for each in told["saes"]] == [2, 4]
    assert set(told["saes"][0]["scores"]) == set(SAE_METRICS)
    assert {each["model"] for each in told["published"]} >= {"synthsae-16k"}
    assert {each["architecture"] for each in told["published"]} == {"batchtopk"}
    assert (told["picture"], told["leaderboard"]) == ("own.png", BOARD)
    assert (here / "own.png").is_file()
    provenance = told["provenance"]
    assert (provenance["world"], provenance["seeds"]) == ("tiny", [0, 1])
    assert len(provenance["sha256"]) == 64 and provenance["seconds"] > 0
    assert provenance["packages"]["sae-lens"] and provenance["origin"].startswith("built")
    first = json.loads((here / BOARD).read_text().splitlines()[0])
    assert set(first) == LINE
    assert first["world_sha256"] == provenance["sha256"]


def test_a_damaged_line_is_told_of(bench: Any, here: Path) -> None:
    assert bench("--seeds", "1", "--leaderboard", "own.jsonl").code == 0
    whole = (here / "own.jsonl").read_bytes()
    (here / "own.jsonl").write_bytes(whole[:-40])
    ended = bench("--seeds", "1", "--leaderboard", "own.jsonl", "--json")
    told = json.loads(ended.out)
    assert told["trained"] == 1
    assert told["notes"] == ["own.jsonl:1: not a whole line, left out; its SAE is not shown"]


def test_an_sae_that_diverges_ends_with_one_and_the_others_have_numbers(
    bench: Any, here: Path
) -> None:
    ended = bench("--arch", "standard", "--seeds", "1", "--lr", "1e30", "--json")
    assert ended.code == 1
    assert json.loads(ended.out)["failures"] == [
        "standard, L0 3, seed 0: training diverged: weights are not finite"
    ]
    assert not (here / BOARD).exists()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--world", "tinny"], "did you mean 'tiny'"),
        (["--arch", "batchtop"], "--arch: 'batchtop' is unknown; did you mean 'batchtopk'"),
        (["--arch", "json:JSONDecoder"], "not a configuration of a SAELens training SAE"),
        (["--l0", "-1"], "--l0: Input should be greater than 0"),
        (["--l0", "40"], "--l0 40: only 32 latents"),
        (["--seeds", "0"], "'--seeds'"),
        (["--config", "kk=3"], "config.kk"),
        (["--device", "tpu"], "device 'tpu'"),
        (["--leaderboard", "."], "cannot be read"),
    ],
)
def test_a_mistake_ends_with_two_and_writes_nothing(
    bench: Any, here: Path, arguments: list[str], said: str
) -> None:
    ended = bench(*arguments)
    assert (ended.code, ended.out) == (2, "")
    assert said in " ".join(ended.err.replace("│", " ").split())
    told = bench(*arguments, "--json")
    assert told.code == 2
    assert said in " ".join(json.loads(told.out)["error"])
    assert list(here.iterdir()) == []


def test_the_help_names_every_architecture_and_real_worlds(cli: Any) -> None:
    text = "".join(cli("bench", "sae", "--help").out.split())
    assert all(name in text for name in ARCHITECTURES)
    assert set(re.findall(r"synthsae-\d+k", text)) <= set(WORLDS)
    assert "sae" in cli("bench", "--help").out


def test_the_readme_gives_the_sizes_of_every_world_and_commands_that_are_accepted() -> None:
    text = README.read_text()
    for world in (each for each in WORLDS.values() if each.id != "tiny"):
        (row,) = re.findall(rf"\| `{world.id}`[^|]*\|(.*)\|", text)
        sizes = world.features, world.hidden_dim, world.width, world.l0
        assert [int(cell.replace(",", "")) for cell in row.split("|")] == list(sizes)
    commands = re.findall(r"^harness bench sae(.*?)(?:#.*)?$", text, re.MULTILINE)
    assert len(commands) == 4
    for command in commands:
        options = {name: [] for name in ("--world", "--arch", "--l0", "--config", "--seeds")}
        for name, value in zip(*[iter(command.split())] * 2, strict=True):
            options[name].append(value)
        world = (options["--world"] or ["synthsae-2k"])[0]
        levels = list(map(float, options["--l0"]))
        named = options["--arch"] or ["batchtopk"]
        asked = Request(world, named, l0=levels, config=options["--config"])
        require_settings(spec_of(asked), resolve_world(world))
