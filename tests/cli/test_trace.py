"""`harness trace` and `harness change` on the tiny model with random transcoders."""

import json
from pathlib import Path
from typing import Any

import pytest

from harness.graphs.attribution_graph import read_graph, write_graph

PROMPT = "hello wo"


@pytest.fixture(scope="module")
def folder(tiny_model: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Random transcoders as a set on disk."""
    from harness.models.language_model import load_model
    from harness.transcoders.files import Config, write_config, write_layer
    from tests.circuits.random_transcoders import K, random_layers

    lm = load_model(f"path:{tiny_model}", device="cpu")
    made = tmp_path_factory.mktemp("random-set")
    write_config(made, Config(model_name=lm.ref, scan="random", activation="topk", k=K))
    for layer, transcoder in enumerate(random_layers(lm)):
        write_layer(made, layer, transcoder)
    return made


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, harness_cache: Path) -> Path:
    """An empty folder, with a cache of its own."""
    assert not harness_cache.exists()
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    return tmp_path / "here"


@pytest.fixture
def ask(cli: Any, tiny_model: Path, folder: Path) -> Any:
    """A command on the prompt, with the random transcoders."""

    def call(command: str, *arguments: str) -> Any:
        given = [f"path:{tiny_model}", PROMPT, "--transcoders", f"path:{folder}"]
        return cli(command, *given, "--device", "cpu", *arguments)

    return call


@pytest.fixture
def strongest(tiny_model: Path, folder: Path) -> str:
    """The latent of layer 0 that is most active at token 3, as commands write it."""
    import torch

    from harness.circuits.changes import active_latents
    from harness.models.language_model import load_model
    from harness.models.tokenization import tokenize
    from harness.transcoders.sets import TranscoderSet, read_set

    lm = load_model(f"path:{tiny_model}", device="cpu")
    transcoders = read_set(folder, "random")
    assert isinstance(transcoders, TranscoderSet)
    active = active_latents(lm, transcoders, torch.tensor(tokenize(lm, [PROMPT])))
    return f"0/{int(active[0][0, 3].argmax())}@3"


def test_a_program_gets_the_graph_its_page_and_one_document(ask: Any, here: Path) -> None:
    ended = ask("trace", "--output", "own.json", "--json")
    assert (ended.code, ended.err) == (0, "")
    told = json.loads(ended.out)
    assert (told["graph"], told["page"]) == ("own.json", "own.html")
    graph = read_graph(here / "own.json")
    assert (len(graph.nodes), len(graph.links)) == (told["nodes"], told["links"])
    assert graph.metadata.slug == "own"
    page = (here / "own.html").read_text()
    assert page.lstrip().lower().startswith("<!doctype html")
    assert graph.nodes[0].node_id in page
    assert told["provenance"]["seed"] is None
    assert len(told["provenance"]["sha256"]) == 64
    assert len(told["transcoders_sha256"]) == 64
    assert [each for each in told["findings"] if each["severity"] == "error"] == []
    assert {path.name for path in here.iterdir()} == {"own.json", "own.html"}


def test_a_person_gets_tables_and_the_places_of_both_files(ask: Any, here: Path) -> None:
    ended = ask("trace")
    assert ended.code == 0, ended.err
    assert "┃" in ended.out
    assert "replacement score 0." in ended.out
    assert "of 144 active features" in ended.out
    for name in ("graph: runs/trace-hello-wo.json", "page: runs/trace-hello-wo.html"):
        assert name in ended.out
        assert (here / name.split()[1]).is_file()


def test_options_reach_the_attribution(ask: Any, here: Path) -> None:
    few = json.loads(ask("trace", "--max-features", "20", "--json").out)
    strict = json.loads(
        ask("trace", "--node-threshold", "0.3", "--edge-threshold", "0.5", "--json").out
    )
    plain = json.loads(ask("trace", "--json").out)
    assert few["nodes"] < plain["nodes"] > strict["nodes"] > 0
    settings = read_graph(here / "runs/trace-hello-wo.json").metadata.generation_settings
    assert settings is not None and settings["max_feature_nodes"] == 1000


def test_a_graph_that_a_viewer_cannot_show_is_written_told_and_ends_with_1(
    ask: Any, here: Path
) -> None:
    """With one percent of the influence no feature above layer 0 is left."""
    ended = ask("trace", "--node-threshold", "0.01", "--edge-threshold", "0.01")
    assert ended.code == 1
    assert "error: nodes: no node but logits lies above layer 0" in ended.err
    assert (here / "runs/trace-hello-wo.json").is_file()


def test_a_change_is_shown_in_both_models_beside_random_latents(ask: Any, strongest: str) -> None:
    ended = ask("change", "--scale", f"{strongest}=-30", "--json")
    assert (ended.code, ended.err) == (0, "")
    told = json.loads(ended.out)
    (change,) = told["changes"]
    assert change["latent"] == strongest
    assert change["after"] == pytest.approx(-30 * change["before"])
    assert [(each["run"], each["changed"]) for each in told["said"]] == [
        (run, changed)
        for run in ("replacement", "original")
        for changed in ("nothing", "latents", "random latents")
    ]
    assert told["provenance"]["seed"] == 0
    assert told == json.loads(ask("change", "--scale", f"{strongest}=-30", "--json").out) | {
        "provenance": told["provenance"]
    }
    shown = ask("change", "--scale", f"{strongest}=-30")
    assert shown.code == 0
    assert strongest in shown.out
    for word in ("before", "after", "replacement", "original", "random latents"):
        assert word in shown.out


def test_set_scale_and_ablate_go_together(ask: Any, strongest: str) -> None:
    options = ["--set", "1/5@4=2.5", "--scale", f"{strongest}=2", "--ablate", "2/7@8"]
    told = json.loads(ask("change", *options, "--json").out)
    after = {each["latent"]: each["after"] for each in told["changes"]}
    before = {each["latent"]: each["before"] for each in told["changes"]}
    assert after == {
        "1/5@4": 2.5,
        strongest: pytest.approx(2 * before[strongest]),
        "2/7@8": 0,
    }


def test_a_supernode_of_a_graph_file_is_changed_as_a_whole(
    ask: Any, here: Path, strongest: str
) -> None:
    ask("trace", "--node-threshold", "1", "--edge-threshold", "1", "--output", "g.json", "--json")
    graph = read_graph(here / "g.json")
    layer, rest = strongest.split("/")
    latent, position = rest.split("@")
    node = f"{layer}_{latent}_{position}"
    assert node in {each.node_id for each in graph.nodes}
    states = graph.qParams.model_copy(update={"supernodes": (("mine", node, "E_73_1"),)})
    write_graph(graph.model_copy(update={"qParams": states}), here / "named.json")
    by_name = ["--graph", "named.json", "--supernode", "mine=-4"]
    told = json.loads(ask("change", *by_name, "--json").out)
    by_hand = json.loads(ask("change", "--scale", f"{strongest}=-4", "--json").out)
    assert told["changes"] == by_hand["changes"]
    assert told["said"] == by_hand["said"]


@pytest.mark.parametrize(
    ("command", "arguments", "said"),
    [
        ("change", ["--set", "1-5@4=2"], "expected LAYER/LATENT@POSITION=NUMBER, such as 3/120@5"),
        ("change", ["--ablate", "1/5@4=2"], "expected LAYER/LATENT@POSITION, such as 3/120@5"),
        ("change", ["--scale", "9/5@4=2"], "layer 9 of 9/5@4: valid: 0 to 2"),
        ("change", ["--scale", "0/5@40=2"], "position 40 of 0/5@40: valid: 0 to 8"),
        ("change", [], "nothing to change: give --set, --scale, --ablate or --supernode"),
        ("change", ["--supernode", "mine=2"], "--supernode needs --graph FILE"),
        ("change", ["--supernode", "mine=2", "--graph", "gone.json"], "gone.json"),
        ("trace", ["--max-features", "0"], "--max-features"),
        ("trace", ["--transcoders", "smollm2-topk3"], "did you mean 'smollm2-topk32'"),
        ("trace", ["--transcoders", "path:gone"], "gone/config.yaml"),
    ],
)
def test_a_mistake_ends_with_two_and_says_what_is_valid(
    ask: Any, here: Path, command: str, arguments: list[str], said: str
) -> None:
    ended = ask(command, *arguments)
    assert (ended.code, ended.out) == (2, "")
    assert said in " ".join(ended.err.replace("│", " ").split())
    told = ask(command, *arguments, "--json")
    assert told.code == 2
    assert said in " ".join(" ".join(json.loads(told.out)["error"]).split())
    assert list(here.iterdir()) == []


def test_a_model_without_transcoders_of_its_own_needs_some_to_be_named(
    cli: Any, tiny_model: Path
) -> None:
    for command in ("trace", "change"):
        ended = cli(command, f"path:{tiny_model}", PROMPT, "--device", "cpu")
        assert ended.code == 2
        assert "give --transcoders: capitals-clt16, capitals-topk16, smollm2-topk32" in ended.err


def test_a_set_that_writes_across_layers_is_traced_and_not_changed(
    cli: Any, tiny_model: Path, harness_cache: Path
) -> None:
    from harness.transcoders.build import build_set
    from tests.transcoders.planted import tiny_recipe

    made = build_set(tiny_recipe(tiny_model, id="clt", kind="cross_layer"), device="cpu")
    assert made.is_relative_to(harness_cache)
    given = [f"path:{tiny_model}", PROMPT, "--transcoders", f"path:{made}", "--device", "cpu"]
    loose = ["--node-threshold", "1", "--edge-threshold", "1"]
    assert cli("trace", *given, *loose, "--json").code == 0
    ended = cli("change", *given, "--ablate", "0/1@2")
    assert ended.code == 2
    assert "writes across layers; give a set with one transcoder a layer" in ended.err
