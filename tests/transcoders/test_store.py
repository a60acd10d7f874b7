"""Cached activations are those of a plain forward, without first tokens and padding."""

from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from harness.models.hookpoints import Hookpoint
from harness.models.hooks import capture
from harness.models.language_model import LanguageModel, load_model
from harness.record import HarnessError
from harness.transcoders import store as store_module
from harness.transcoders.store import Store, fill, read_pairs

SEQUENCES = [(0, *range(20, 20 + length)) for length in (7, 3, 12, 5, 9)]


@pytest.fixture(scope="module")
def lm(tiny_model: Path) -> LanguageModel:
    return load_model(f"path:{tiny_model}", device="cpu")


def quiet(_done: int, _total: int) -> None: ...


def plain(lm: LanguageModel, layer: int, place: str) -> torch.Tensor:
    """One sequence at a time, shortest first, without the first token."""
    at = Hookpoint(place, layer)  # pyright: ignore[reportArgumentType]
    rows: list[torch.Tensor] = []
    for sequence in sorted(SEQUENCES, key=len):
        with torch.inference_mode(), capture(lm, [at]) as acts:
            lm.hf(torch.tensor([sequence]))
        rows.append(acts[at][0, 1:])
    return torch.cat(rows)


@pytest.mark.parametrize("shard", [10_000, 16])
def test_the_store_holds_what_a_plain_forward_gives(
    lm: LanguageModel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, shard: int
) -> None:
    monkeypatch.setattr(store_module, "_SHARD_TOKENS", shard)
    store = Store(tmp_path, "train")
    fill(store, lm, SEQUENCES, quiet)
    assert len(list(tmp_path.iterdir())) == (1 if shard > 100 else 4)
    pairs = store.all_pairs()
    assert len(pairs) == 3
    for layer, each in enumerate(pairs):
        assert len(each.x) == sum(map(len, SEQUENCES)) - len(SEQUENCES)
        for found, place in ((each.x, "mlp_in"), (each.y, "mlp_out")):
            expected = plain(lm, layer, place)
            torch.testing.assert_close(found, expected, atol=2e-3, rtol=2e-3)
    wrong = plain(lm, 1, "mlp_in")
    assert float((pairs[0].x - wrong).abs().max()) > 0.1, "the control: another layer differs"


def test_activations_that_are_kept_nowhere_are_the_same(lm: LanguageModel, tmp_path: Path) -> None:
    store = Store(tmp_path, "train")
    fill(store, lm, SEQUENCES, quiet)
    read = list(read_pairs(lm, SEQUENCES, quiet))
    for layer, pairs in enumerate(store.all_pairs()):
        assert torch.equal(torch.cat([each[layer].x for each in read]), pairs.x)
        assert torch.equal(torch.cat([each[layer].y for each in read]), pairs.y)


def test_a_shard_that_is_there_is_not_made_again(
    lm: LanguageModel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store_module, "_SHARD_TOKENS", 16)
    store = Store(tmp_path, "train")
    fill(store, lm, SEQUENCES, quiet)
    times = {path.name: path.stat().st_mtime_ns for path in tmp_path.iterdir()}
    (tmp_path / "train-00001.safetensors").unlink()
    fill(store, lm, SEQUENCES, quiet)
    changed = {p.name for p in tmp_path.iterdir() if p.stat().st_mtime_ns != times[p.name]}
    assert changed == {"train-00001.safetensors"}


def test_activations_beyond_float16_are_refused(lm: LanguageModel, tmp_path: Path) -> None:
    from harness.models.hooks import intervene

    at = Hookpoint("mlp_out", 1)
    with (
        intervene(lm, {at: lambda acts: acts * 1e9}),
        pytest.raises(HarnessError, match=r"mlp_out\.1 does not fit into float16"),
    ):
        fill(Store(tmp_path, "train"), lm, SEQUENCES, quiet)
    assert not list(tmp_path.iterdir())


def test_shards_are_float16(lm: LanguageModel, tmp_path: Path) -> None:
    fill(Store(tmp_path, "heldout"), lm, SEQUENCES, quiet)
    found = load_file(tmp_path / "heldout-00000.safetensors")
    assert {each.dtype for each in found.values()} == {torch.float16}
