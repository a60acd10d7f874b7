"""On the tiny model and documents that are written here."""

from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import save
from torch import Tensor

from harness.autoresearch.sandbox.place import RunFailed
from harness.autoresearch.scorer import activations, documents
from harness.autoresearch.scorer.activations import ActivationBench
from harness.autoresearch.scorer.bench import open_bench
from harness.autoresearch.scorer.residual import residual
from harness.autoresearch.scorer.secret import Secret
from harness.autoresearch.task import Task
from harness.data.package_text import TextSet
from harness.models.hookpoints import Hookpoint
from harness.models.hooks import capture
from harness.models.language_model import load_model
from harness.models.tokenization import tokenize
from harness.record import HarnessError
from tests.autoresearch.scorer.small import not_again, task, untold

WORDS = ("residual", "stream", "model", "layer", "carries", "later", "reads", "token")


def document(number: int) -> str:
    return " ".join(f"{WORDS[(number * k) % len(WORDS)]}{number}" for k in range(1, 60))


def texts(*, count: int, least: int, seed: int) -> TextSet:
    order = torch.randperm(60, generator=torch.Generator().manual_seed(seed)).tolist()
    assert (count, least) == (2_400, 300)
    return TextSet(name="made", texts=tuple(document(each) for each in order), packages={})


@pytest.fixture(autouse=True)
def _made_texts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(documents, "texts", texts)


def on_model(model: Path, **changes: Any) -> Task:
    source = {"kind": "activations", "model": f"path:{model}", "layer": 2, "tokens": 900}
    given = {"metric": "sae_variance_explained", "guardrails": (), "width": 48, "eval_samples": 500}
    return task(**{**given, **changes, "source": {**source, **changes.pop("source", {})}})


def opened(folder: Path, model: Path, **changes: Any) -> ActivationBench:
    secret = Secret.draw(changes.pop("secret_seed", 0))
    made = open_bench(on_model(model, **changes), secret, folder, "cpu", untold)
    assert isinstance(made, ActivationBench)
    return made


def test_rows_are_the_stream_before_the_layer_at_all_tokens_but_the_first(tiny_model: Path) -> None:
    lm = load_model(f"path:{tiny_model}", device="cpu")
    text = "one two three four"
    (ids,) = tokenize(lm, [text])
    with capture(lm, [Hookpoint("resid_pre", 1)]) as acts, torch.no_grad():
        lm.hf(torch.tensor([ids]))
    expected = acts[Hookpoint("resid_pre", 1)][0, 1:]
    found, used = residual(lm, ["", text], 1, len(expected), untold)
    assert torch.allclose(found, expected, atol=1e-5)
    assert used == 2
    with pytest.raises(HarnessError, match=f"{len(expected)} tokens in all documents; 900 are"):
        residual(lm, [text], 1, 900, untold)


def test_tiers_have_no_document_in_common(tiny_model: Path, tmp_path: Path) -> None:
    secret = Secret.draw(0)
    dev, gate, sealed = (set(documents.documents(secret, t)) for t in ("dev", "gate", "sealed"))
    assert len(dev | gate | sealed) == len(dev) + len(gate) + len(sealed) == 60
    assert set(documents.documents(Secret.draw(1), "dev")) != dev
    bench = opened(tmp_path, tiny_model)
    assert not torch.equal(bench.cached("dev").train, bench.cached("gate").train)


def test_activations_are_scaled_and_read_once(
    tiny_model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cached = opened(tmp_path, tiny_model).cached("dev")
    assert cached.train.shape == (900, 32)
    assert cached.held.shape == (500, 32)
    assert float(cached.train.float().norm(dim=1).mean()) == pytest.approx(32**0.5, rel=1e-3)
    monkeypatch.setattr(activations, "load_model", not_again)
    again = opened(tmp_path, tiny_model)
    assert torch.equal(again.cached("dev").train, cached.train)
    assert again.d_in == 32


def test_a_damaged_file_is_refused(tiny_model: Path, tmp_path: Path) -> None:
    opened(tmp_path, tiny_model).cached("dev")
    (tmp_path / "dev.safetensors").write_bytes(b"damaged")
    with pytest.raises(HarnessError, match=r"dev\.safetensors: cannot be read"):
        opened(tmp_path, tiny_model).cached("dev")


def test_a_layer_that_the_model_lacks_is_refused(tiny_model: Path, tmp_path: Path) -> None:
    with pytest.raises(HarnessError, match="layer"):
        _ = opened(tmp_path, tiny_model, source={"layer": 9}).d_in


def test_an_epoch_gives_each_row_once_in_an_order_of_the_seeds(
    tiny_model: Path, tmp_path: Path
) -> None:
    bench = opened(tmp_path, tiny_model)
    train = bench.cached("dev").train.float()
    two = bench.drawing("dev", 1)(1_800)
    for epoch in two.split(900):
        assert torch.equal(epoch.sort(dim=0).values, train.sort(dim=0).values)
    assert not torch.equal(two[:900], two[900:])
    pieces = bench.drawing("dev", 1)
    assert torch.equal(torch.cat([pieces(n) for n in (1, 0, 898, 700, 201)]), two)
    assert not torch.equal(bench.drawing("dev", 2)(900), two[:900])


def both_signs(x: Tensor) -> Tensor:
    return torch.cat([x.relu(), (-x).relu()], dim=1)[:, :48]


def test_metrics_are_of_the_reconstruction(tiny_model: Path, tmp_path: Path) -> None:
    bench = opened(tmp_path, tiny_model)
    axes = torch.cat([torch.eye(32), -torch.eye(32)])[:48]
    found = bench.measure("dev", 0, save({"W_dec": axes}), both_signs)
    x = bench.cached("dev").held.double()
    error = x.clone()
    error[:, :16] = 0.0
    error = error.clamp(max=0.0)  # what 16 axes without a negative side leave
    spread = (x - x.mean(0)).pow(2).sum()
    assert found["sae_variance_explained"] == pytest.approx(
        1 - float(error.pow(2).sum() / spread), abs=1e-5
    )
    assert found["sae_l0"] == pytest.approx(float((both_signs(x) > 0).sum(1).double().mean()))
    assert found["dead_latent_fraction"] == 0.0
    silent = bench.measure(
        "dev", 0, save({"W_dec": axes}), lambda x: both_signs(x) * (torch.arange(48) < 12)
    )
    assert silent["dead_latent_fraction"] == 0.75


def test_an_encoder_that_looks_at_the_batch_has_no_score(tiny_model: Path, tmp_path: Path) -> None:
    bench = opened(tmp_path, tiny_model)
    weights = save({"W_dec": torch.eye(48, 32)})
    with pytest.raises(RunFailed) as failed:
        bench.measure("dev", 0, weights, lambda x: both_signs(x - x.mean(0)))
    assert failed.value.cause == "batch_dependent"


def test_an_l0_outside_of_the_band_has_no_score(tiny_model: Path, tmp_path: Path) -> None:
    bench = opened(tmp_path, tiny_model, l0={"low": 1.0, "high": 3.0}, target_l0=2.0)
    with pytest.raises(RunFailed) as failed:
        bench.measure("dev", 0, save({"W_dec": torch.eye(48, 32)}), both_signs)
    assert failed.value.cause == "l0"
