"""Training that is killed, or runs out of disk, loses nothing that was done."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

from harness.specs.transcoders import TranscoderRecipe
from harness.transcoders.build import build_set
from harness.transcoders.manifest import TranscoderManifest
from harness.transcoders.places import NAME, set_folder, unfinished_folder
from harness.transcoders.token_file import HELDOUT, read_tokens

CHECKOUT = Path(__file__).parents[2]
SIGKILL = int(signal.SIGKILL)
WAYS = ("reading", "training", "writing", "sealing", "disk full")

VICTIMS = """
import json, os, resource, signal, sys
from pathlib import Path

import torch

from harness.record import HarnessError
from harness.specs.transcoders import TranscoderRecipe
from harness.transcoders import build

torch.set_num_threads(1)
FOLDER, RECIPES = Path(sys.argv[1]), [TranscoderRecipe.load(Path(p)) for p in sys.argv[2].split()]


def kill_oneself(*_):
    os.kill(os.getpid(), signal.SIGKILL)


def victim(recipe, way):
    os.environ["HARNESS_CACHE"] = str(FOLDER / f"{recipe.id}, {way}")
    flush, flushes = os.fsync, []

    def fsync(descriptor):
        path = os.readlink(f"/proc/self/fd/{descriptor}")
        probe = way == "writing" and "probe_1" in path
        return kill_oneself() if probe else flush(descriptor)

    def told(step, done, total):
        if way == "reading" and step == "activations, held out" and done == total:
            kill_oneself()
        if way == "training" and step == "training" and done > total * 0.6:
            kill_oneself()

    os.fsync = fsync
    if way == "sealing":
        build._seal = kill_oneself
    if way == "disk full":
        resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))
    try:
        build.build_set(recipe, device="cpu", progress=told)
    except HarnessError as error:
        print(error, file=sys.stderr)
        os._exit(7)


def end_of(recipe, way):
    child = os.fork()
    if not child:
        victim(recipe, way)
        os._exit(0)
    return os.waitpid(child, 0)[1]


print(json.dumps({f"{r.id}, {w}": end_of(r, w) for r in RECIPES for w in sys.argv[3].split(";")}))
"""


class Ended(NamedTuple):
    folder: Path
    states: dict[str, int]
    told: str


@pytest.fixture(scope="module")
def ended(
    tmp_path_factory: pytest.TempPathFactory,
    recipe: TranscoderRecipe,
    crossing: TranscoderRecipe,
) -> Ended:
    folder = tmp_path_factory.mktemp("killed")
    files = [folder / f"{each.id}.json" for each in (recipe, crossing)]
    for file, each in zip(files, (recipe, crossing), strict=True):
        each.dump(file)
    done = subprocess.run(
        [sys.executable, "-c", VICTIMS, str(folder), " ".join(map(str, files)), ";".join(WAYS)],
        cwd=CHECKOUT,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return Ended(folder, json.loads(done.stdout.splitlines()[-1]), done.stderr)


def test_every_victim_was_killed_and_a_full_disk_was_told(ended: Ended) -> None:
    for name, state in ended.states.items():
        if name.endswith("disk full"):
            assert os.waitstatus_to_exitcode(state) == 7
        else:
            assert os.WTERMSIG(state) == SIGKILL, name
    assert "heldout-00000.safetensors: cannot be written: File too large" in ended.told


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("kind", ["topk", "cross_layer"])
def test_the_same_call_goes_on_and_gives_the_very_same_set(
    way: str,
    kind: str,
    ended: Ended,
    built: Path,
    recipe: TranscoderRecipe,
    crossing: TranscoderRecipe,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked = recipe if kind == "topk" else crossing
    expected = {path.name: path for path in set_folder(asked).iterdir()}
    monkeypatch.setenv("HARNESS_CACHE", str(ended.folder / f"{asked.id}, {way}"))
    assert not set_folder(asked).exists(), "the control: it was not finished"
    assert unfinished_folder(asked).exists()
    steps: list[tuple[str, int, int]] = []
    folder = build_set(asked, device="cpu", progress=lambda *step: steps.append(step))
    found = {path.name: path for path in folder.iterdir()}
    assert found.keys() == expected.keys()
    for name, path in found.items():
        if name != NAME:
            assert path.read_bytes() == expected[name].read_bytes(), name
    first, second = (TranscoderManifest.load(each[NAME]) for each in (expected, found))
    timeless = [
        [layer.model_copy(update={"seconds": 0.0}) for layer in manifest.layers]
        for manifest in (first, second)
    ]
    assert timeless[0] == timeless[1]
    assert not unfinished_folder(asked).exists()
    assert built.is_dir()
    _went_on(way, steps)


def _went_on(way: str, steps: list[tuple[str, int, int]]) -> None:
    """The control: what was done before is not done again."""
    trained = [done / total for step, done, total in steps if step == "training"]
    assert not any(step.startswith("reading") for step, _, _ in steps)
    match way:
        case "sealing":
            assert steps == []
        case "training" | "writing":
            assert min(trained, default=1) > 0.3
        case _:
            assert min(trained) < 0.1


def test_a_finished_set_is_not_trained_again(built: Path, recipe: TranscoderRecipe) -> None:
    steps: list[str] = []
    before = (set_folder(recipe) / NAME).stat().st_mtime_ns
    folder = build_set(recipe, device="cpu", progress=lambda step, *_: steps.append(step))
    assert steps == [] and folder.is_relative_to(built)
    assert (folder / NAME).stat().st_mtime_ns == before


def test_what_is_unfinished_of_other_texts_is_begun_anew(
    built: Path, recipe: TranscoderRecipe, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    finished = set_folder(recipe)
    monkeypatch.setenv("HARNESS_CACHE", str(tmp_path / "other"))
    aside = unfinished_folder(recipe)
    aside.mkdir(parents=True)
    manifest = TranscoderManifest.load(finished / NAME)
    stale = {"model_sha256": "0" * 64, "corpus": manifest.corpus.model_dump(mode="json")}
    (aside / "origin.json").write_text(json.dumps(stale))
    (aside / "layer_0.json").write_text(manifest.layers[1].model_dump_json())
    folder = build_set(recipe, device="cpu")
    assert (folder / "layer_0.safetensors").read_bytes() == (
        finished / "layer_0.safetensors"
    ).read_bytes()
    assert built.is_dir()


def test_a_set_keeps_what_was_held_out_and_no_working_files(
    built: Path, recipe: TranscoderRecipe, crossing: TranscoderRecipe
) -> None:
    for asked in (recipe, crossing):
        folder = set_folder(asked)
        manifest = TranscoderManifest.load(folder / NAME)
        sequences = read_tokens(folder / HELDOUT)
        assert sum(len(each) - 1 for each in sequences) == manifest.corpus.heldout_tokens > 0
        names = {path.name for path in folder.iterdir()}
        assert not any(name.startswith((".", "train", "heldout-", "origin")) for name in names)
    assert built.is_dir()
