"""Transcoders of other tools: sparsify's checkpoints, SAELens', Gemma Scope's, sets on the hub."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import huggingface_hub
import numpy as np
import pytest
import torch
from safetensors.torch import save_file
from torch import Tensor

from harness.record import HarnessError
from harness.transcoders.files import Config, read_layer
from harness.transcoders.importing import import_sparsify
from harness.transcoders.sets import TranscoderSet, load_set, read_set
from harness.transcoders.tensor_file import read_layer_tensors
from harness.transcoders.transcoder import JumpReLU

N, D, K = 20, 6, 3


def drawn(seed: int) -> dict[str, Tensor]:
    """Random weights under circuit-tracer's names."""
    generator = torch.Generator().manual_seed(seed)
    shapes = {"W_enc": (N, D), "b_enc": (N,), "W_dec": (N, D), "b_dec": (D,)}
    return {name: torch.randn(shape, generator=generator) for name, shape in shapes.items()}


def inputs() -> Tensor:
    return torch.randn(9, D, generator=torch.Generator().manual_seed(100))


def write_sparsify(folder: Path, layers: int = 2, *, skip: bool = False, **cfg: Any) -> Path:
    for layer in range(layers):
        own = folder / f"layers.{layer}.mlp"
        own.mkdir(parents=True)
        raw = drawn(layer)
        named = {
            "encoder.weight": raw["W_enc"],
            "encoder.bias": raw["b_enc"] - (1.5 if layer else 0),
            "W_dec": raw["W_dec"],
            "b_dec": raw["b_dec"],
        }
        if skip:
            generator = torch.Generator().manual_seed(50 + layer)
            named["W_skip"] = torch.randn(D, D, generator=generator)
        save_file(named, own / "sae.safetensors")
        settings = {"k": K, "activation": "topk", "transcode": True, "d_in": D, "num_latents": N}
        (own / "cfg.json").write_text(json.dumps({**settings, "expansion_factor": 32, **cfg}))
    return folder


def sparsify_forward(folder: Path, x: np.ndarray) -> np.ndarray:
    """sparsify's `SparseCoder.forward` of a transcoder, written in numpy from its definition."""
    from safetensors.numpy import load_file

    w = load_file(folder / "sae.safetensors")
    pre = np.maximum(x @ w["encoder.weight"].T + w["encoder.bias"], 0)
    out = np.tile(w["b_dec"], (len(x), 1))
    for row, values in enumerate(pre):
        for latent in np.argsort(-values)[:K]:
            out[row] += values[latent] * w["W_dec"][latent]
        if "W_skip" in w:
            out[row] += w["W_skip"] @ x[row]
    return out


@pytest.mark.parametrize("skip", [False, True])
def test_sparsify_checkpoints_give_the_outputs_of_sparsify(tmp_path: Path, skip: bool) -> None:
    source = write_sparsify(tmp_path / "run", skip=skip)
    target = import_sparsify(source, tmp_path / "set", model="smollm2-135m-instruct")
    loaded = load_set(f"path:{target}")
    assert isinstance(loaded, TranscoderSet) and loaded.manifest is None
    assert (loaded.model, loaded.n_layers, loaded.config.k) == ("smollm2-135m-instruct", 2, K)
    few = 0
    for layer, transcoder in enumerate(loaded.layers):
        latents = transcoder.encode(inputs())
        found = transcoder.decode(latents, inputs())
        expected = sparsify_forward(source / f"layers.{layer}.mlp", inputs().numpy())
        np.testing.assert_allclose(found.numpy(), expected, atol=1e-5)
        few += int(((latents != 0).sum(dim=1) < K).sum())
        other = sparsify_forward(source / f"layers.{1 - layer}.mlp", inputs().numpy())
        assert np.abs(other - found.numpy()).max() > 0.1, "the control: another layer differs"
    assert few, "rows with fewer than k pre-activations above 0, where the ReLU matters"


def test_an_import_does_not_overwrite_a_set(tmp_path: Path) -> None:
    source = write_sparsify(tmp_path / "run")
    import_sparsify(source, tmp_path / "set", model="m")
    with pytest.raises(HarnessError, match="set: holds a set already"):
        import_sparsify(source, tmp_path / "set", model="m")


@pytest.mark.parametrize(
    ("cfg", "told"),
    [
        ({"activation": "groupmax"}, "cfg.json: activation: 'groupmax'; valid: topk"),
        ({"transcode": False}, "an autoencoder, not a transcoder"),
        ({"embed_skip": True}, "embed_skip: true"),
        ({"gram_lookup": True}, "gram_lookup: true"),
        ({"k": 0}, r"cfg\.json:1: k: Input should be greater than 0"),
    ],
)
def test_what_is_no_topk_transcoder_is_refused(
    tmp_path: Path, cfg: dict[str, Any], told: str
) -> None:
    source = write_sparsify(tmp_path / "run", **cfg)
    with pytest.raises(HarnessError, match=told):
        import_sparsify(source, tmp_path / "set", model="m")
    assert not (tmp_path / "set").exists()


def test_missing_layers_and_damaged_files_are_named(tmp_path: Path) -> None:
    with pytest.raises(HarnessError, match=r"lacks layers\.0\.mlp"):
        import_sparsify(tmp_path, tmp_path / "set", model="m")
    source = write_sparsify(tmp_path / "run", layers=3)
    weights = source / "layers.2.mlp/sae.safetensors"
    weights.write_bytes(weights.read_bytes()[:50])
    with pytest.raises(HarnessError, match=r"layers\.2\.mlp/sae\.safetensors: cannot be read"):
        import_sparsify(source, tmp_path / "set", model="m")
    (source / "layers.1.mlp/cfg.json").write_text("{")
    with pytest.raises(HarnessError, match=r"cfg\.json:1: not valid JSON"):
        import_sparsify(source, tmp_path / "set", model="m")
    (source / "layers.1.mlp").rename(source / "layers.7.mlp")
    with pytest.raises(HarnessError, match=r"lacks layers\.1\.mlp, layers\.3\.mlp"):
        import_sparsify(source, tmp_path / "set", model="m")


def test_layers_of_different_k_are_refused(tmp_path: Path) -> None:
    source = write_sparsify(tmp_path / "run")
    cfg = source / "layers.1.mlp/cfg.json"
    cfg.write_text(cfg.read_text().replace('"k": 3', '"k": 4'))
    with pytest.raises(HarnessError, match=r"layers differ in k: \[3, 4\]"):
        import_sparsify(source, tmp_path / "set", model="m")


def test_a_transposed_encoder_is_told_by_its_shape(tmp_path: Path) -> None:
    raw = drawn(0)
    threshold = torch.full((N,), 0.5)
    save_file({**raw, "threshold": threshold}, tmp_path / "ours.safetensors")
    turned = {**raw, "W_enc": raw["W_enc"].T.contiguous(), "threshold": threshold}
    save_file(turned, tmp_path / "theirs.safetensors")
    config = Config(model_name="m", scan="s")
    ours, theirs = (
        read_layer(tmp_path / f"{name}.safetensors", config) for name in ("ours", "theirs")
    )
    assert torch.equal(ours.W_enc, theirs.W_enc)
    assert isinstance(theirs.activation, JumpReLU)
    assert torch.equal(ours.encode(inputs()), theirs.encode(inputs()))


def test_gemma_scope_archives_are_read_as_circuit_tracer_reads_them(tmp_path: Path) -> None:
    from circuit_tracer.transcoder.single_layer_transcoder import load_gemma_scope_transcoder

    raw = drawn(1)
    path = tmp_path / "params.npz"
    named = {name: each.numpy() for name, each in raw.items() if name != "W_enc"}
    np.savez(path, **named, W_enc=raw["W_enc"].T.numpy(), threshold=np.full(N, 0.7, np.float32))
    theirs = load_gemma_scope_transcoder(str(path), 0, device=torch.device("cpu"))
    ours = read_layer(path, Config(model_name="m", scan="s"))
    with torch.no_grad():
        torch.testing.assert_close(ours.encode(inputs()), theirs.encode(inputs()))
        torch.testing.assert_close(ours.decode(ours.encode(inputs()), inputs()), theirs(inputs()))
    assert 0 < ours.l0(inputs()) < N / 2


def test_gemma_scope_2_files_are_read_as_circuit_tracer_reads_them(tmp_path: Path) -> None:
    from circuit_tracer.transcoder.single_layer_transcoder import load_gemma_scope_2_transcoder

    raw = drawn(2)
    skip = torch.randn(D, D, generator=torch.Generator().manual_seed(8))
    named = {
        "w_enc": raw["W_enc"].T.contiguous(),
        "w_dec": raw["W_dec"],
        "b_enc": raw["b_enc"],
        "b_dec": raw["b_dec"],
        "threshold": torch.full((N,), 0.7),
        "affine_skip_connection": skip,
    }
    save_file(named, tmp_path / "params.safetensors")
    theirs = load_gemma_scope_2_transcoder(
        str(tmp_path / "params.safetensors"), 0, device=torch.device("cpu")
    )
    ours = read_layer(tmp_path / "params.safetensors", Config(model_name="m", scan="s"))
    with torch.no_grad():
        torch.testing.assert_close(ours.decode(ours.encode(inputs()), inputs()), theirs(inputs()))


def test_a_pickle_is_never_read(tmp_path: Path) -> None:
    class Trap:
        def __reduce__(self) -> tuple[Any, ...]:
            return (Path.touch, (tmp_path / "sprung",))

    np.savez(tmp_path / "p.npz", W_enc=np.array([Trap()], dtype=object))
    with pytest.raises(HarnessError, match=r"p\.npz: cannot be read"):
        read_layer_tensors(tmp_path / "p.npz")
    torch.save(drawn(0), tmp_path / "weights.pt")
    with pytest.raises(HarnessError, match=r"weights\.pt: not a file of weights; valid:"):
        read_layer_tensors(tmp_path / "weights.pt")
    assert not (tmp_path / "sprung").exists()


def test_shapes_that_do_not_fit_are_named(tmp_path: Path) -> None:
    path = tmp_path / "l.safetensors"
    save_file({**drawn(0), "W_dec": torch.zeros(N, D + 1)}, path)
    with pytest.raises(HarnessError, match=r"W_dec has the shape \(20, 7\); expected \(20, 6\)"):
        read_layer_tensors(path)
    save_file({name: each for name, each in drawn(0).items() if name != "b_dec"}, path)
    with pytest.raises(HarnessError, match=r"lacks b_dec; holds W_dec, W_enc, b_enc"):
        read_layer_tensors(path)


@pytest.fixture
def hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder laid out as the hub is, ORG/NAME below it; only what is asked for is handed out."""
    root, given = tmp_path / "hub", tmp_path / "downloaded"

    def snapshot_download(
        repo: str, *, revision: str | None = None, allow_patterns: Sequence[str]
    ) -> str:
        source, target = root / repo, given / repo / (revision or "main")
        if not source.is_dir():
            raise OSError(f"no repository {repo}")
        for path in source.rglob("*"):
            name = path.relative_to(source)
            if path.is_file() and any(name.match(pattern) for pattern in allow_patterns):
                (target / name).parent.mkdir(parents=True, exist_ok=True)
                (target / name).write_bytes(path.read_bytes())
        return str(target)

    monkeypatch.setattr(huggingface_hub, "snapshot_download", snapshot_download)
    return root


def put(hub: Path, repo: str, config: str, **files: dict[str, Tensor]) -> None:
    folder = hub / repo
    folder.mkdir(parents=True)
    (folder / "config.yaml").write_text(config)
    for name, tensors in files.items():
        save_file(tensors, folder / f"{name}.safetensors")


CONFIG = """\
model_name: some/model
model_kind: transcoder_set
feature_input_hook: mlp.hook_in
feature_output_hook: mlp.hook_out
"""


def test_a_set_on_the_hub_is_read_without_the_rest_of_its_repository(
    hub: Path, tmp_path: Path
) -> None:
    put(hub, "org/set", CONFIG, layer_0=drawn(0), layer_1=drawn(1), big=drawn(2))
    loaded = load_set("hf:org/set@v1")
    assert isinstance(loaded, TranscoderSet)
    assert (loaded.ref, loaded.model, loaded.n_layers) == ("hf:org/set@v1", "hf:some/model", 2)
    assert torch.equal(loaded.layers[1].W_enc, drawn(1)["W_enc"])
    names = {path.name for path in (tmp_path / "downloaded/org/set/v1").iterdir()}
    assert names == {"config.yaml", "layer_0.safetensors", "layer_1.safetensors"}


def test_a_list_of_files_may_name_other_repositories(hub: Path, tmp_path: Path) -> None:
    listed = (
        "transcoders:\n- hf://other/weights/l/first.safetensors?revision=abc\n- own.safetensors\n"
    )
    put(hub, "org/set", CONFIG + listed, own=drawn(1))
    put(hub, "other/weights", "", second=drawn(3))
    (hub / "other/weights/l").mkdir()
    turned = {**drawn(0), "W_enc": drawn(0)["W_enc"].T.contiguous()}
    save_file(turned, hub / "other/weights/l/first.safetensors")
    loaded = load_set("hf:org/set")
    assert isinstance(loaded, TranscoderSet)
    for layer, transcoder in enumerate(loaded.layers):
        assert torch.equal(transcoder.W_enc, drawn(layer)["W_enc"])
    assert (tmp_path / "downloaded/other/weights/abc/l/first.safetensors").exists()
    assert not (tmp_path / "downloaded/other/weights/abc/second.safetensors").exists()


def test_a_local_list_of_files_lies_below_the_folder(tmp_path: Path) -> None:
    (tmp_path / "set").mkdir()
    save_file(drawn(0), tmp_path / "set/any-name.safetensors")
    (tmp_path / "set/config.yaml").write_text(CONFIG + "transcoders: [any-name.safetensors]\n")
    loaded = read_set(tmp_path / "set", "path:set")
    assert isinstance(loaded, TranscoderSet)
    assert torch.equal(loaded.layers[0].W_dec, drawn(0)["W_dec"])


def test_urls_and_repositories_that_lead_nowhere_are_told(hub: Path) -> None:
    put(hub, "org/set", CONFIG + "transcoders: ['hf://org-without-a-file']\n")
    with pytest.raises(HarnessError, match=r"config\.yaml: transcoders: .* expected hf://ORG"):
        load_set("hf:org/set")
    with pytest.raises(HarnessError, match=r"hf:org/absent: cannot be downloaded: no repository"):
        load_set("hf:org/absent")
