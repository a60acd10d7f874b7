import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from transformers import AutoTokenizer

from harness.cache_dir import cache_dir
from harness.models import embedded
from harness.models.availability import embedded_gguf
from harness.models.embedded import embedded_directory, is_intact
from harness.models.language_model import LanguageModel, load_model
from harness.models.tokenization import tokenize, up_to
from harness.models.weights_hash import sha256_of_file
from harness.record import HarnessError


def _next_words(lm: LanguageModel, text: str) -> tuple[str, float]:
    with torch.inference_mode():
        logits = lm.hf(torch.tensor(tokenize(lm, [text]))).logits[0, -1]
    probability, token = logits.softmax(-1).max(-1)
    return lm.tokenizer.decode([int(token)]), float(probability)


def test_capital_of_texas_is_austin(smollm2: LanguageModel) -> None:
    assert _next_words(smollm2, "The capital of Texas is")[0] == " Austin"


def test_indirect_object_is_mary_with_the_known_probability(smollm2: LanguageModel) -> None:
    text = "When Mary and John went to the store, John gave a drink to"
    word, probability = _next_words(smollm2, text)
    assert word == " Mary"
    assert probability == pytest.approx(0.84, abs=0.01)


def test_shape_is_that_of_smollm2_135m(smollm2: LanguageModel) -> None:
    found = (smollm2.n_layers, smollm2.d_model, smollm2.n_heads, smollm2.context_length)
    assert found == (30, 576, 9, 8192)
    assert not any(parameter.requires_grad for parameter in smollm2.hf.parameters())
    assert not smollm2.hf.training


def test_digits_split_one_by_one(smollm2: LanguageModel) -> None:
    tokens = smollm2.tokenizer.tokenize("In 1492 and 7, x=30y2, ٣٤")
    digits = [token for token in tokens if any(each.isdigit() for each in token)]
    assert digits == ["1", "4", "9", "2", "7", "3", "0", "2"]


def test_text_starts_with_bos_once(smollm2: LanguageModel) -> None:
    bos = smollm2.tokenizer.bos_token_id
    chat = smollm2.tokenizer.apply_chat_template(
        [{"role": "user", "content": "Hi"}], tokenize=False, add_generation_prompt=True
    )
    for sequence in tokenize(smollm2, ["Hi", chat, "", "<|im_start|>"]):
        assert sequence[0] == bos
        assert sequence[1:2] != (bos,)


def test_padding_is_not_the_beginning_of_a_text(smollm2: LanguageModel) -> None:
    assert smollm2.tokenizer.pad_token == "<|im_end|>"
    assert smollm2.tokenizer.eos_token == "<|im_end|>"


def test_tokens_are_those_of_transformers_reading_of_the_gguf(smollm2: LanguageModel) -> None:
    gguf = embedded_gguf()
    assert gguf is not None
    other = AutoTokenizer.from_pretrained(gguf.parent, gguf_file=gguf.name)
    for text in [
        "The city of Paris is in France.",
        "don't  stop\n\tx=1+22;",
        "漢字 naïve",
        "12 345",
    ]:
        assert smollm2.tokenizer(text)["input_ids"] == other(text)["input_ids"]
        assert smollm2.tokenizer.decode(tokenize(smollm2, [text])[0][1:]) == text


def test_text_longer_than_the_context_is_refused_by_its_number(smollm2: LanguageModel) -> None:
    with pytest.raises(HarnessError, match=r"text 8.*reads 1 to 8192"):
        tokenize(smollm2, ["short", "1 " * 5000], first=7)


def test_position_beyond_the_text_is_refused() -> None:
    assert up_to((5, 6, 7), 0) == (5,)
    assert up_to((5, 6, 7), -2) == (5, 6)
    for position in (3, -4):
        with pytest.raises(HarnessError, match="only 3 tokens"):
            up_to((5, 6, 7), position)


def test_hash_is_that_of_the_weights_file(smollm2: LanguageModel) -> None:
    assert smollm2.sha256 == sha256_of_file(embedded_directory() / "model.safetensors")


def test_unknown_dtype_is_refused() -> None:
    with pytest.raises(HarnessError, match="did you mean 'bfloat16'"):
        load_model("smollm2-135m-instruct", dtype="float16")


@pytest.fixture
def stand_in(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[Path]:
    """A cache of its own and a conversion that takes no time; the conversions are listed."""
    converted: list[Path] = []

    def convert(_gguf: Path, target: Path) -> None:
        (target / "model.safetensors").write_bytes(b"weights")
        converted.append(target)

    monkeypatch.setenv("HARNESS_CACHE", str(tmp_path))
    monkeypatch.setattr(embedded, "_convert", convert)
    return converted


def test_copy_is_made_once(stand_in: list[Path]) -> None:
    assert embedded_directory() == embedded_directory()
    assert len(stand_in) == 1


def test_corrupt_copy_is_made_again(stand_in: list[Path]) -> None:
    weights = embedded_directory() / "model.safetensors"
    weights.write_bytes(b"weightz")
    assert (embedded_directory() / "model.safetensors").read_bytes() == b"weights"
    assert len(stand_in) == 2


def test_half_written_copy_is_made_again(stand_in: list[Path]) -> None:
    directory = embedded_directory()
    (directory / "harness-seal.json").unlink()
    assert not is_intact(directory)
    shutil.copytree(directory, directory.with_name(f"{directory.name}.partial"))
    assert is_intact(embedded_directory())
    assert len(stand_in) == 2


def test_full_disk_while_converting_is_said_and_leaves_nothing(
    stand_in: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_gguf: Path, target: Path) -> None:
        (target / "model.safetensors").write_bytes(b"half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(embedded, "_convert", fail)
    with pytest.raises(HarnessError, match=r"No space left.*HARNESS_CACHE"):
        embedded_directory()
    assert not stand_in
    assert not [path for path in (cache_dir() / "models").iterdir() if path.is_dir()]


RACER = """
import sys, time
from pathlib import Path
from harness.models import embedded

def convert(_gguf, target):
    time.sleep(0.5)
    (target / "model.safetensors").write_bytes(b"weights")
    with open(sys.argv[1], "a") as log:
        log.write("converted\\n")

embedded._convert = convert
assert embedded.is_intact(embedded.embedded_directory())
"""


def test_two_processes_at_once_make_one_copy(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("HARNESS_CACHE", str(tmp_path / "cache"))
    log = tmp_path / "log"
    racers = [subprocess.Popen([sys.executable, "-c", RACER, str(log)]) for _ in range(2)]
    assert [racer.wait(timeout=120) for racer in racers] == [0, 0]
    assert log.read_text() == "converted\n"
