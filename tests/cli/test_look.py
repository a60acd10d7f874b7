import json
import struct
from pathlib import Path
from typing import Any

import pytest

PROMPT = "when a and b"
COMMANDS = {
    "lens": [PROMPT],
    "attend": [PROMPT],
    "attend-one": [PROMPT, "--layer", "1", "--head", "2"],
    "patch": [PROMPT, "when a and c"],
    "patch-heads": [PROMPT, "when a and c", "--component", "z", "--direction", "noise"],
    "probe": ["--train", "cities", "--test", "neg_cities", "--size", "40"],
    "probe-one": ["--layer", "1", "--size", "40", "--probe", "lda"],
    "steer": [PROMPT, "--positive", "good", "--negative", "bad", "--tokens", "3"],
}
PROVENANCE = {
    *("model", "sha256", "revision", "quantization", "harness", "torch", "transformers"),
    *("seed", "dtype", "device", "threads", "seconds"),
}


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, harness_cache: Path) -> Path:
    """An empty folder, with a cache of its own."""
    assert not harness_cache.exists()
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    return tmp_path / "here"


@pytest.fixture
def ask(cli: Any, tiny_model: Path) -> Any:
    """A command on the tiny model: its name, then what follows the model."""

    def call(command: str, *arguments: str) -> Any:
        return cli(command, f"path:{tiny_model}", *arguments, "--device", "cpu")

    return call


@pytest.fixture
def words(tiny_model: Path) -> list[str]:
    """Answer and foil that the two prompts of `patch` tell apart, whatever the random weights."""
    import torch

    from harness.models.language_model import load_model
    from harness.models.tokenization import tokenize

    lm = load_model(f"path:{tiny_model}", device="cpu")
    ids = torch.tensor(tokenize(lm, [PROMPT, "when a and c"]))
    with torch.inference_mode():
        clean, corrupted = lm.hf(ids).logits[:, -1]
    moved = clean - corrupted
    letters = [lm.tokenizer.convert_tokens_to_ids(each) for each in "abcdefghijklmnopqrstuvwxyz"]
    pairs = [
        (one, other)
        for one in letters
        for other in letters
        if clean[one] > clean[other] and corrupted[one] < corrupted[other]
    ]
    best = max(pairs, key=lambda pair: float(moved[pair[0]] - moved[pair[1]]))
    return ["--answer", lm.tokenizer.decode(best[0]), "--foil", lm.tokenizer.decode(best[1])]


@pytest.mark.parametrize("name", COMMANDS)
def test_a_person_gets_a_table_and_a_picture(
    ask: Any, here: Path, words: list[str], name: str
) -> None:
    extra = words if name.startswith("patch") else []
    ended = ask(name.split("-")[0], *COMMANDS[name], *extra)
    assert ended.code == 0, ended.err
    assert "┃" in ended.out
    (picture,) = here.glob("runs/*.png")
    assert f"picture: runs/{picture.name}" in ended.out
    assert picture.name.startswith(name.split("-")[0])
    content = picture.read_bytes()
    assert content.startswith(b"\x89PNG")
    width, height = struct.unpack(">II", content[16:24])
    assert 500 < width < 2000
    assert 200 < height < 2200
    assert len(content) < 400_000


@pytest.mark.parametrize("name", COMMANDS)
def test_a_program_gets_one_small_document_with_provenance(
    ask: Any, here: Path, words: list[str], name: str, tiny_model: Path
) -> None:
    extra = words if name.startswith("patch") else []
    output = ["--json", "--output", "own.png"]
    ended = ask(name.split("-")[0], *COMMANDS[name], *extra, *output)
    assert (ended.code, ended.err) == (0, "")
    told = json.loads(ended.out)
    assert told["picture"] == "own.png"
    assert (here / "own.png").is_file()
    assert not (here / "runs").exists()
    provenance = told["provenance"]
    assert set(provenance) == PROVENANCE
    assert provenance["model"] == f"path:{tiny_model}"
    assert len(provenance["sha256"]) == 64
    assert provenance["dtype"] == "float32"
    assert provenance["seconds"] > 0
    assert (provenance["seed"] is None) == (name.split("-")[0] in ("lens", "patch"))
    assert len(ended.out) < 100_000


def test_the_same_seed_gives_the_same_answer(ask: Any) -> None:
    told = [
        json.loads(ask("steer", *COMMANDS["steer"], "--seed", seed, "--json").out)
        for seed in ("1", "1", "2")
    ]
    assert told[0]["random"] == told[1]["random"] != told[2]["random"]
    assert [each["provenance"]["seed"] for each in told] == [1, 1, 2]


def test_sentences_and_steering_texts_come_from_files(ask: Any, here: Path) -> None:
    for name, ending in (("true", "aaa"), ("false", "zzz")):
        lines = "".join(f"Number {i} is {ending}.\n" for i in range(24))
        (here / f"{name}.txt").write_text(lines)
    files = ["--true", "true.txt", "--false", "false.txt"]
    told = json.loads(ask("probe", *files, "--json").out)
    assert (told["train"], told["test"]) == ("sentences", "sentences")
    assert told["accuracy"]["value"] > 0.9
    texts = ["--positive-file", "true.txt", "--negative-file", "false.txt", "--tokens", "2"]
    steered = json.loads(ask("steer", PROMPT, *texts, "--coefficient", "1", "--json").out)
    assert len(steered["positive"]) == 24
    assert [each["coefficient"] for each in steered["ways"]] == [0, 1, -1, 1]


@pytest.mark.parametrize(
    ("command", "arguments", "said"),
    [
        ("lens", [PROMPT, "--answer", "ab"], "answer 'ab' is 2 tokens"),
        ("lens", [PROMPT, "--position", "99"], "valid: -13 to 12"),
        ("lens", ["x" * 300], "reads 1 to 256"),
        ("attend", [PROMPT, "--layer", "1"], "--layer and --head go together"),
        ("attend", [PROMPT, "--layer", "3", "--head", "0"], "has layers 0 to 2"),
        ("attend", [PROMPT, "--layer", "0", "--head", "4"], "has heads 0 to 3"),
        ("patch", [PROMPT, "when a"], "13 tokens and the corrupted one 7"),
        ("patch", [PROMPT, PROMPT], "tells nothing"),
        ("patch", [PROMPT, "when a and c", "--component", "zz"], "'resid_pre'"),
        ("probe", ["--train", "citys"], "did you mean 'cities'"),
        ("probe", ["--layer", "last"], "a number, or all"),
        ("probe", ["--layer", "3", "--size", "40"], "has layers 0 to 2"),
        ("probe", ["--size", "3"], "even numbers"),
        ("probe", ["--true", "none.txt"], "--true and --false go together"),
        ("steer", [PROMPT], "give --positive or --positive-file"),
        ("steer", [PROMPT, "--positive", "a", "--negative", "a"], "no direction"),
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


def test_an_unknown_model_names_the_valid_ones(cli: Any) -> None:
    ended = cli("lens", "smollm2-135m-instrct", PROMPT)
    assert ended.code == 2
    assert "did you mean 'smollm2-135m-instruct'" in ended.err


def test_square_brackets_in_a_prompt_are_themselves(ask: Any) -> None:
    ended = ask("lens", "a [red] dog[/]", "--position", "3")
    assert ended.code == 0
    assert "read at [ (position 3)" in ended.out
