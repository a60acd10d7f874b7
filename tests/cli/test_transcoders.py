import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from harness.specs.transcoders import RECIPES, TranscoderRecipe
from harness.transcoders.places import set_folder, unfinished_folder
from harness.transcoders.token_file import HELDOUT
from tests.transcoders.planted import ACTIVE, tiny_recipe
from tests.transcoders.test_importing import write_sparsify


@pytest.fixture(scope="module")
def recipe(tiny_model: Path) -> TranscoderRecipe:
    return tiny_recipe(tiny_model)


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Holds the tiny set once it is trained."""
    return tmp_path_factory.mktemp("cache")


@pytest.fixture
def named(
    recipe: TranscoderRecipe, cache: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> TranscoderRecipe:
    """The tiny recipe among those that can be named, and an empty folder to be in."""
    monkeypatch.setenv("HARNESS_CACHE", str(cache))
    monkeypatch.setitem(RECIPES, "tiny", recipe)
    monkeypatch.chdir(tmp_path)
    return recipe


def test_a_recipe_is_listed_as_untrained_then_unfinished_then_trained(
    cli: Any, named: TranscoderRecipe, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HARNESS_CACHE", str(tmp_path / "empty"))

    def listed() -> Any:
        rows = json.loads(cli("transcoders", "list", "--json").out)
        return next(row for row in rows if row["recipe"]["id"] == "tiny")

    assert (listed()["state"], listed()["bytes"]) == ("untrained", None)
    aside = unfinished_folder(named)
    aside.mkdir(parents=True)
    (aside / "layer_0.safetensors").write_bytes(b"0" * 1000)
    assert (listed()["state"], listed()["bytes"]) == ("unfinished", 1000)
    aside.rename(set_folder(named))
    (set_folder(named) / "transcoders.json").write_text("{}")
    assert (listed()["state"], listed()["bytes"]) == ("trained", 1002)
    monkeypatch.delitem(RECIPES, "tiny")
    out = cli("transcoders", "list").out
    assert "smollm2-topk32" in out and "cross_layer" in out and "…" not in out


def test_training_shows_a_person_each_layer_and_a_program_the_manifest(
    cli: Any, named: TranscoderRecipe
) -> None:
    ended = cli("transcoders", "train", "tiny", "--device", "cpu")
    assert ended.code == 0, ended.err
    assert "FVU" in ended.out and "alive" in ended.out and "path:" in ended.out
    assert "training" in ended.err, "bars on standard error"
    again = cli("transcoders", "train", "tiny", "--json")
    assert (again.code, again.err) == (0, "")
    told = json.loads(again.out)
    assert told["manifest"]["recipe"] == named.model_dump(mode="json")
    assert [each["layer"] for each in told["manifest"]["layers"]] == [0, 1, 2]


def test_a_recipe_may_come_from_a_file(cli: Any, named: TranscoderRecipe, tmp_path: Path) -> None:
    own = named.model_copy(update={"id": "own", "latents": 10, "epochs": 1})
    own.dump(tmp_path / "own.json")
    ended = cli("transcoders", "train", "own.json", "--device", "cpu", "--json")
    assert ended.code == 0, ended.err
    assert "transcoders/own." in json.loads(ended.out)["folder"]
    for key, value in (("id", "../../escape"), ("k", 10), ("latents", 0), ("colour", "red")):
        content = {**own.model_dump(mode="json"), key: value}
        (tmp_path / "own.json").write_text(json.dumps(content))
        refused = cli("transcoders", "train", "own.json")
        assert refused.code == 2 and "own.json" in refused.err and key in refused.err
    absent = cli("transcoders", "train", "absent.yaml")
    assert absent.code == 2 and "absent.yaml: cannot be read" in absent.err
    unknown = cli("transcoders", "train", "smollm2-topk31")
    assert unknown.code == 2 and "did you mean 'smollm2-topk32'" in unknown.err


def test_a_new_measurement_finds_what_was_saved(cli: Any, named: TranscoderRecipe) -> None:
    ended = cli("transcoders", "eval", "tiny", "--device", "cpu", "--json")
    assert (ended.code, ended.err) == (0, ""), ended.err
    told = json.loads(ended.out)
    assert told["text"] == "held out" and told["notes"] == []
    for layer in told["layers"]:
        assert layer["fvu"] == pytest.approx(layer["saved_fvu"], rel=1e-5)
        assert layer["l0"] == pytest.approx(layer["saved_l0"], rel=1e-5)
        assert 0 < layer["l0"] <= ACTIVE
    assert told["provenance"]["model"] == named.model
    fewer = json.loads(cli("transcoders", "eval", "tiny", "--tokens", "60", "--json").out)
    assert 30 < fewer["tokens"] < 100 < told["tokens"]
    assert fewer["layers"][0]["fvu"] != told["layers"][0]["fvu"], "the control: other tokens"
    person = cli("transcoders", "eval", "tiny")
    assert "when saved" in person.out and "tokens, held out" in person.out


def test_what_was_held_out_is_made_again_where_it_was_not_kept(
    cli: Any, named: TranscoderRecipe, tmp_path: Path
) -> None:
    kept = json.loads(cli("transcoders", "eval", "tiny", "--json").out)
    shutil.copytree(set_folder(named), tmp_path / "copy")
    (tmp_path / "copy" / HELDOUT).unlink()
    made = json.loads(cli("transcoders", "eval", "path:copy", "--json").out)
    assert made["layers"] == kept["layers"] and made["notes"] == []


def test_another_text_can_be_named(cli: Any, named: TranscoderRecipe) -> None:
    ended = cli("transcoders", "eval", named.id, "--text", "samples", "--tokens", "300", "--json")
    told = json.loads(ended.out)
    assert told["text"] == "samples" and 300 <= told["tokens"] < 340 and told["notes"] == []
    same = cli("transcoders", "eval", named.id, "--text", "facts", "--tokens", "300", "--json")
    assert "was trained on facts too" in json.loads(same.out)["notes"][0]
    wrong = cli("transcoders", "eval", named.id, "--text", "novels")
    assert wrong.code == 2 and "valid: package_text, statements" in wrong.err


def test_a_cross_layer_set_is_measured_too(
    cli: Any, named: TranscoderRecipe, monkeypatch: pytest.MonkeyPatch
) -> None:
    crossing = named.model_copy(update={"id": "tiny-clt", "kind": "cross_layer"})
    monkeypatch.setitem(RECIPES, "tiny-clt", crossing)
    ended = cli("transcoders", "eval", "tiny-clt", "--device", "cpu", "--json")
    assert ended.code == 0, ended.err
    for layer in json.loads(ended.out)["layers"]:
        assert layer["fvu"] == pytest.approx(layer["saved_fvu"], rel=1e-4)
        assert layer["l0"] == pytest.approx(layer["saved_l0"], rel=1e-4)


@pytest.mark.usefixtures("named")
def test_an_import_gives_a_set_whose_text_must_be_named(
    cli: Any, tmp_path: Path, tiny_model: Path
) -> None:
    write_sparsify(tmp_path / "run")
    model = f"path:{tiny_model}"
    ended = cli("transcoders", "import", "run", "--model", model, "--output", "set", "--json")
    assert ended.code == 0, ended.err
    told = json.loads(ended.out)
    assert (told["ref"], told["layers"], told["latents"], told["k"]) == ("path:set", 2, 20, 3)
    unknown = cli("transcoders", "eval", "path:set")
    assert unknown.code == 2 and "name a text (--text)" in unknown.err
    other = cli("transcoders", "eval", "path:set", "--text", "facts", "--tokens", "100")
    assert other.code == 2 and "has 2 layers" in other.err
    wrong = cli("transcoders", "import", "run", "--model", "gpt3", "--output", "other")
    assert wrong.code == 2 and "model 'gpt3' is unknown" in wrong.err
