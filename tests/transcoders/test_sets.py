"""Sets on disk: what is asserted when they are loaded, and what circuit-tracer makes of them."""

import json
import shutil
from pathlib import Path

import pytest
import torch

from harness.record import HarnessError
from harness.specs.transcoders import TranscoderRecipe
from harness.transcoders.files import Config, read_config, write_config, write_layer
from harness.transcoders.places import NAME, set_folder
from harness.transcoders.probe import read_probe
from harness.transcoders.sets import (
    CrossLayerSet,
    TranscoderSet,
    load_set,
    read_set,
)
from harness.transcoders.transcoder import TopK
from tests.transcoders.planted import ACTIVE

pytestmark = pytest.mark.usefixtures("built")


@pytest.fixture
def folder(recipe: TranscoderRecipe) -> Path:
    return set_folder(recipe)


def layers_of(folder: Path) -> TranscoderSet:
    loaded = read_set(folder, "tiny")
    assert isinstance(loaded, TranscoderSet)
    return loaded


def test_a_set_is_active_k_times_after_loading_as_before_saving(folder: Path) -> None:
    loaded = layers_of(folder)
    assert loaded.manifest is not None and loaded.n_layers == 3
    for layer, transcoder in enumerate(loaded.layers):
        probe = read_probe(folder, layer)
        assert probe is not None
        assert transcoder.activation == TopK(ACTIVE)
        assert transcoder.l0(probe) == loaded.manifest.layers[layer].probe_l0 <= ACTIVE
        assert transcoder.l0(probe) > ACTIVE - 0.5


def test_circuit_tracer_loads_the_files_and_loses_the_topk(folder: Path) -> None:
    from circuit_tracer.transcoder.single_layer_transcoder import load_transcoder_set

    loaded = layers_of(folder)
    theirs = load_transcoder_set(
        {layer: str(folder / f"layer_{layer}.safetensors") for layer in range(3)},
        scan="tiny",
        feature_input_hook=loaded.config.feature_input_hook,
        feature_output_hook=loaded.config.feature_output_hook,
        device=torch.device("cpu"),
    )
    for layer, transcoder in enumerate(loaded.layers):
        probe = read_probe(folder, layer)
        assert probe is not None
        with torch.no_grad():
            active = float((theirs[layer].encode(probe) != 0).sum(dim=1).float().mean())
            theirs[layer].activation_function = transcoder.activation
            output = theirs[layer](probe)
        assert active > 2 * ACTIVE, "the trap that loading here does not fall into"
        expected = transcoder.decode(transcoder.encode(probe), probe)
        torch.testing.assert_close(output, expected, atol=1e-5, rtol=1e-4)


def test_a_set_whose_activation_function_was_lost_is_refused(folder: Path) -> None:
    config = folder / "config.yaml"
    text = config.read_text()
    assert "activation: topk\n" in text
    config.write_text(text.replace("activation: topk\n", ""))
    with pytest.raises(HarnessError, match=r"layer_0\.safetensors: .* latents are active where"):
        read_set(folder, "tiny")
    config.write_text(text.replace(f"k: {ACTIVE}\n", ""))
    with pytest.raises(HarnessError, match=r"config\.yaml: activation topk needs k"):
        read_set(folder, "tiny")
    config.write_text(text.replace("topk", "topp"))
    with pytest.raises(HarnessError, match=r"config\.yaml:\d+: activation: .*'topk', 'relu'"):
        read_set(folder, "tiny")


def test_a_file_that_was_cut_short_is_named(folder: Path) -> None:
    file = folder / "layer_1.safetensors"
    file.write_bytes(file.read_bytes()[:-100])
    with pytest.raises(HarnessError, match=r"layer_1\.safetensors: cannot be read"):
        read_set(folder, "tiny")


def test_one_flipped_bit_is_found(folder: Path) -> None:
    file = folder / "layer_1.safetensors"
    content = bytearray(file.read_bytes())
    content[-5] ^= 1
    file.write_bytes(content)
    with pytest.raises(HarnessError, match=r"layer_1\.safetensors: is not what transcoders\.json"):
        read_set(folder, "tiny")


def test_a_layer_that_is_missing_is_told(folder: Path) -> None:
    (folder / "layer_2.safetensors").unlink()
    with pytest.raises(HarnessError, match=r"tells of 3 layers; .* holds 2"):
        read_set(folder, "tiny")
    (folder / "layer_0.safetensors").unlink()
    with pytest.raises(HarnessError, match=r"layer_0\.safetensors: cannot be read"):
        read_set(folder, "tiny")
    (folder / "layer_1.safetensors").unlink()
    with pytest.raises(HarnessError, match=r"holds no layer_0\.safetensors"):
        read_set(folder, "tiny")


def test_a_damaged_probe_is_named(folder: Path) -> None:
    (folder / "probe_0.safetensors").write_bytes(b"nothing")
    with pytest.raises(HarnessError, match=r"probe_0\.safetensors: cannot be read"):
        read_set(folder, "tiny")


def test_a_configuration_without_its_model_is_refused(folder: Path) -> None:
    (folder / "config.yaml").write_text("model_kind: transcoder_set\n")
    with pytest.raises(HarnessError, match=r"config\.yaml: lacks model_name"):
        read_config(folder)


def test_names_of_the_hub_become_references_of_models() -> None:
    assert Config(model_name="google/gemma-2-2b", scan="s").model == "hf:google/gemma-2-2b"
    assert Config(model_name="path:/a/b", scan="s").model == "path:/a/b"
    assert Config(model_name="smollm2-135m-instruct", scan="s").model == "smollm2-135m-instruct"


def test_a_cross_layer_set_is_loaded_with_the_l0_that_it_was_saved_with(
    crossing: TranscoderRecipe,
) -> None:
    folder = set_folder(crossing)
    loaded = load_set(f"path:{folder}")
    assert isinstance(loaded, CrossLayerSet)
    assert (loaded.n_layers, loaded.latents, loaded.model) == (3, 40, crossing.model)
    assert loaded.config.model_kind == "cross_layer_transcoder"
    assert loaded.manifest is not None
    for layer, report in enumerate(loaded.manifest.layers):
        probe = read_probe(folder, layer)
        assert probe is not None
        assert loaded.transcoder.l0(layer, probe) == report.probe_l0
        assert 0 < report.l0 < 2 * ACTIVE


def test_a_cross_layer_set_whose_thresholds_were_lost_is_refused(
    crossing: TranscoderRecipe,
) -> None:
    from safetensors.torch import load_file, save_file

    folder = set_folder(crossing)
    file = folder / "W_enc_1.safetensors"
    kept = {name: each for name, each in load_file(file).items() if name != "threshold_1"}
    save_file(kept, file)
    with pytest.raises(HarnessError, match=r"W_enc_1\.safetensors: is not what"):
        read_set(folder, "tiny-clt")
    manifest = json.loads((folder / NAME).read_text())
    from harness.transcoders.cross_layer_files import layer_sha256

    manifest["layers"][1]["sha256"] = layer_sha256(folder, 1)
    (folder / NAME).write_text(json.dumps(manifest))
    with pytest.raises(HarnessError, match=r"W_enc_1\.safetensors: .* latents are active where"):
        read_set(folder, "tiny-clt")


def test_both_kinds_pass_activations_on_layer_by_layer(
    recipe: TranscoderRecipe, crossing: TranscoderRecipe
) -> None:
    generator = torch.Generator().manual_seed(0)
    x = [torch.randn(5, 32, generator=generator) for _ in range(3)]
    own = layers_of(set_folder(recipe))
    for each, transcoder, passed in zip(x, own.layers, own.passed(x), strict=True):
        assert torch.equal(passed.latents, transcoder.encode(each))
        assert torch.equal(passed.output, transcoder.decode(passed.latents, each))
    shared = read_set(set_folder(crossing), "tiny-clt")
    assert isinstance(shared, CrossLayerSet)
    latents = shared.transcoder.encode(torch.stack(x))
    outputs = [passed.output for passed in shared.passed(x)]
    assert torch.equal(torch.stack(outputs), shared.transcoder.decode(latents))


def test_a_skip_is_written_and_added(folder: Path, tmp_path: Path) -> None:
    loaded = layers_of(folder)
    skip = torch.randn(32, 32, generator=torch.Generator().manual_seed(1))
    with_skip = loaded.layers[0]._replace(W_skip=skip)
    write_layer(tmp_path / "skip", 0, with_skip)
    write_config(tmp_path / "skip", loaded.config)
    (again,) = layers_of(tmp_path / "skip").layers
    x = torch.randn(4, 32, generator=torch.Generator().manual_seed(2))
    found, bare = (each.decode(each.encode(x), x) for each in (again, loaded.layers[0]))
    torch.testing.assert_close(found - bare, x @ skip.T, atol=1e-4, rtol=1e-4)


def test_a_set_can_be_copied_to_another_folder(folder: Path, tmp_path: Path) -> None:
    shutil.copytree(folder, tmp_path / "elsewhere")
    loaded = load_set(f"path:{tmp_path / 'elsewhere'}")
    assert loaded.sha256 == layers_of(folder).sha256
