import json
from pathlib import Path
from typing import Any

import pytest
import torch

from harness.features.schema import check_details
from harness.transcoders.files import Config, write_config, write_layer
from harness.transcoders.transcoder import TopK, Transcoder

LINES = ["the end is q", "", "no such letter", "[/red] brackets q", "and so on and on"]


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, harness_cache: Path) -> Path:  # noqa: ARG001
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    Path("lines.txt").write_text("\n".join(LINES))
    return tmp_path / "here"


@pytest.fixture
def transcoders(tmp_path: Path, tiny_model: Path) -> str:
    """Random transcoders of the tiny model's three layers, as others may have made them."""
    folder = tmp_path / "made-elsewhere"
    folder.mkdir()
    generator = torch.Generator().manual_seed(0)
    write_config(
        folder,
        Config(model_name=f"path:{tiny_model}", scan="tiny", activation="topk", k=4),
    )
    for layer in range(3):
        write_layer(folder, layer, _random(generator))
    return f"path:{folder}"


def _random(generator: torch.Generator) -> Transcoder:
    weights = torch.randn(2, 20, 32, generator=generator)
    return Transcoder(weights[0], torch.zeros(20), weights[1], torch.zeros(32), TopK(4))


@pytest.fixture
def ask(cli: Any, here: Path) -> Any:  # noqa: ARG001
    return lambda *arguments: cli(
        "features", *arguments, "--corpus", "lines.txt", "--device", "cpu"
    )


def test_show_prints_a_table_with_examples_and_writes_a_page(
    ask: Any, here: Path, transcoders: str
) -> None:
    ended = ask("show", transcoders, "--layer", "1", "--index", "3")
    assert ended.code == 0, ended.err
    assert "┃" in ended.out
    assert "page: runs/feature-made-elsewhere-1-3.html" in ended.out
    (page,) = (here / "runs").iterdir()
    assert "Layer 1 <span>·</span> feature 3" in page.read_text()


def test_show_gives_json_with_provenance(ask: Any, transcoders: str) -> None:
    ended = ask("show", transcoders, "--layer", "1", "--index", "3", "--json")
    assert ended.err == ""
    told = json.loads(ended.out)
    assert (told["layer"], told["index"], told["source"]["corpus"]) == (1, 3, "lines.txt")
    assert told["source"]["windows"] == 4
    assert told["source"]["tokens"] == sum(map(len, LINES))
    assert told["provenance"]["model"].endswith("tiny-llama")


def test_build_writes_files_that_have_no_fault(ask: Any, here: Path, transcoders: str) -> None:
    arguments = ("--layers", "0,2", "--indices", "0-4", "--output", "out", "--json")
    ended = ask("build", transcoders, *arguments)
    assert ended.code == 0, ended.err
    told = json.loads(ended.out)
    assert (told["features"], told["folder"], told["page"]) == (10, "out", "out/index.html")
    files = sorted((here / "out").rglob("*.json"))
    assert [file.relative_to(here / "out").as_posix() for file in files] == [
        f"{layer}/{index}.json" for layer in (0, 2) for index in range(5)
    ]
    for file in files:
        check_details(file)
    assert "/made-elsewhere" not in files[0].read_text().replace('"made-elsewhere/', "")


def test_compare_writes_a_page_and_its_json(ask: Any, here: Path, transcoders: str) -> None:
    ended = ask("compare", transcoders, "1/3", transcoders, "1/3", "--output", "two.html")
    assert ended.code == 0, ended.err
    told = json.loads((here / "two.json").read_text())
    assert told["decoder_cosine"] == pytest.approx(1)
    assert "decoder cosine +1.000" in ended.out
    assert "Two features" in (here / "two.html").read_text()


FAULTS = {
    "layer": (("show", "--layer", "3", "--index", "0"), "the set has layers 0 to 2"),
    "index": (("show", "--layer", "0", "--index", "20"), "valid: 0 to 19"),
    "list": (("build", "--layers", "2-1", "--output", "out"), "2-1 runs backwards"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_what_is_not_there_is_refused_and_nothing_written(
    ask: Any, here: Path, transcoders: str, fault: str
) -> None:
    (command, *arguments), said = FAULTS[fault]
    ended = ask(command, transcoders, *arguments)
    assert ended.code == 2
    assert said in ended.err
    assert [path.name for path in here.iterdir()] == ["lines.txt"]


def test_a_place_that_is_none_is_refused(ask: Any, transcoders: str) -> None:
    ended = ask("compare", transcoders, "1-3", transcoders, "1/3")
    assert ended.code == 2
    assert "expected LAYER/INDEX such as 12/345" in ended.err


def test_a_page_named_as_json_is_refused(ask: Any, transcoders: str) -> None:
    ended = ask("compare", transcoders, "1/3", transcoders, "1/4", "--output", "two.json")
    assert ended.code == 2
    assert "the JSON goes beside it" in " ".join(ended.err.replace("│", " ").split())


def test_transcoders_of_another_width_are_refused(
    ask: Any, transcoders: str, tiny_model: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "narrow"
    folder.mkdir()
    write_config(folder, Config(model_name=f"path:{tiny_model}", scan="tiny"))
    narrow = _random(torch.Generator())
    write_layer(
        folder,
        0,
        narrow._replace(
            W_enc=narrow.W_enc[:, :9].contiguous(),
            W_dec=narrow.W_dec[:, :9].contiguous(),
            b_dec=narrow.b_dec[:9],
        ),
    )
    ended = ask("show", f"path:{folder}", "--layer", "0", "--index", "0")
    assert ended.code == 2
    assert "layers or width differ" in ended.err
    assert ask("show", transcoders, "--layer", "0", "--index", "0").code == 0
