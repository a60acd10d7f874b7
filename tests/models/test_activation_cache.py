import signal
import subprocess
import sys
import warnings
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from harness import record
from harness.models import extraction
from harness.models.extraction import extract
from harness.models.hookpoints import Hookpoint
from harness.models.hooks import intervene
from harness.models.language_model import LanguageModel
from harness.record import HarnessError

MakeTiny = Callable[..., LanguageModel]

POINT = Hookpoint("resid_post", 1)


@pytest.fixture
def lm(make_tiny: MakeTiny) -> LanguageModel:
    return make_tiny("llama")


@pytest.fixture
def forwards(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Sequences of each forward pass made."""
    made: list[int] = []
    real = extraction.read_ends

    def counted(lm, batch, hookpoints):
        made.append(len(batch.sequences))
        return real(lm, batch, hookpoints)

    monkeypatch.setattr(extraction, "read_ends", counted)
    return made


def _files(cache: Path) -> list[Path]:
    return sorted(cache.rglob("*.safetensors"))


def test_second_extraction_reads_equal_numbers_from_disk(
    lm: LanguageModel, texts: list[str], cache: Path, forwards: list[int]
) -> None:
    first = extract(lm, texts, [POINT], cache=cache)[POINT]
    assert forwards
    forwards.clear()
    assert torch.equal(extract(lm, texts, [POINT], cache=cache)[POINT], first)
    assert not forwards


def test_other_texts_of_the_same_count_never_get_old_activations(
    lm: LanguageModel, texts: list[str], cache: Path
) -> None:
    """The predecessor's fault: its cache was keyed by index."""
    extract(lm, texts, [POINT], cache=cache)
    others = [text.replace("city", "town") for text in texts]
    found = extract(lm, others, [POINT], cache=cache)[POINT]
    torch.testing.assert_close(found, extract(lm, others, [POINT])[POINT])


def test_everything_that_determines_the_numbers_is_in_the_key(
    make_tiny: MakeTiny, lm: LanguageModel, texts: list[str], cache: Path
) -> None:
    extract(lm, texts, [POINT], cache=cache)
    half = make_tiny("llama")
    half.hf.to(torch.bfloat16)
    retuned = make_tiny("llama")
    retuned.hf.config.rope_theta = 500.0
    extract(make_tiny("llama", seed=1), texts, [POINT], cache=cache)
    extract(half, texts, [POINT], cache=cache)
    extract(retuned, texts, [POINT], cache=cache)
    extract(lm, texts, [Hookpoint("resid_pre", 1)], cache=cache)
    extract(lm, texts, [POINT], position=0, cache=cache)
    extract(lm, texts[::-1], [POINT], cache=cache)
    assert len(_files(cache)) == 7
    extract(lm, texts, [POINT], cache=cache, packing="padded", batch_tokens=16)
    assert len(_files(cache)) == 7, "packing is not part of what the numbers are"


@pytest.mark.parametrize("fault", ["truncated", "flipped", "empty", "renamed", "unsigned"])
def test_corrupt_entry_is_computed_again_and_mended(
    lm: LanguageModel, texts: list[str], cache: Path, forwards: list[int], fault: str
) -> None:
    good = extract(lm, texts, [POINT], cache=cache)[POINT]
    (path,) = _files(cache)
    content = bytearray(path.read_bytes())
    match fault:
        case "truncated":
            path.write_bytes(content[:-7])
        case "flipped":
            content[-3] ^= 0x10
            path.write_bytes(content)
        case "empty":
            path.write_bytes(b"")
        case "renamed":
            save_file({"blocks.0.resid_post": good}, path)
        case _:
            save_file(load_file(path), path)
    forwards.clear()
    assert torch.equal(extract(lm, texts, [POINT], cache=cache)[POINT], good)
    assert forwards, "the entry was not trusted"
    forwards.clear()
    assert torch.equal(extract(lm, texts, [POINT], cache=cache)[POINT], good)
    assert not forwards, "the entry was mended"


def test_entry_that_goes_bad_between_extraction_and_reading_is_computed_again(
    lm: LanguageModel, texts: list[str], cache: Path
) -> None:
    found = extract(lm, texts, [POINT], cache=cache)
    good = found[POINT]
    for path in _files(cache):
        path.unlink()
    assert torch.equal(found[POINT], good)


def test_full_disk_is_said_once_and_the_numbers_still_come(
    lm: LanguageModel, texts: list[str], cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    good = extract(lm, texts, [POINT])[POINT]

    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(record.os, "fsync", full)
    monkeypatch.setattr(extraction, "SHARD_TEXTS", 2)
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        found = extract(lm, texts, [POINT], cache=cache)[POINT]
    torch.testing.assert_close(found, good, rtol=1e-4, atol=1e-4)
    assert len(said) == 1
    assert "No space left" in str(said[0].message)
    assert not [path for path in cache.rglob("*") if path.is_file()]


def test_changed_activations_are_never_kept_as_the_models_own(
    lm: LanguageModel, texts: list[str], cache: Path
) -> None:
    edits = {Hookpoint("resid_post", 0): torch.zeros_like}
    with intervene(lm, edits), pytest.raises(HarnessError, match="cache=None"):
        extract(lm, texts, [POINT], cache=cache)
    assert not _files(cache)


def test_memory_does_not_hold_what_the_cache_holds(
    lm: LanguageModel, texts: list[str], cache: Path
) -> None:
    found = extract(lm, texts, [POINT], cache=cache)
    assert not any(shard.kept for shard in found._shards)


KILLED_WHILE_WRITING = """
import os, signal, sys
from pathlib import Path
import torch
from harness import record
from harness.models.activation_cache import write_entry
from harness.models.hookpoints import Hookpoint

record.os.fsync = lambda _descriptor: os.kill(os.getpid(), signal.SIGKILL)
write_entry(Path(sys.argv[1]), "ab" * 32, {Hookpoint("resid_post", 1): torch.zeros(100, 100)})
"""


def test_kill_while_writing_leaves_nothing_that_is_trusted(cache: Path) -> None:
    child = subprocess.run([sys.executable, "-c", KILLED_WHILE_WRITING, str(cache)], timeout=120)
    assert child.returncode == -signal.SIGKILL
    assert [path for path in cache.rglob("*") if path.is_file()], "it was writing"
    assert not _files(cache)
