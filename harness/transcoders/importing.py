"""Checkpoints of EleutherAI's sparsify as a set of ours: tensors are renamed, none is changed.

Source: github.com/EleutherAI/sparsify, `sparse_coder.py`: transcoders read the MLP's input as it
is, take the ReLU, keep the k largest, and add the input times W_skip^T where they have a skip.
"""

import re
from pathlib import Path

from pydantic import PositiveInt, ValidationError
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor

from harness.problems import describe
from harness.record import HarnessError, Record, parse_json, read_text
from harness.transcoders.files import Config, write_config, write_layer
from harness.transcoders.transcoder import TopK, Transcoder

_FOLDER = re.compile(r"layers\.(\d+)\.mlp")
_UNREADABLE = ("embed_skip", "gram_lookup")
"""What a checkpoint may add to the output that the model's MLP input alone does not give."""


class _Settings(Record):
    """The part of a `cfg.json` that matters after training."""

    k: PositiveInt
    activation: str = "topk"
    transcode: bool = False
    embed_skip: bool = False
    gram_lookup: bool = False


def import_sparsify(folder: Path, target: Path, *, model: str) -> Path:
    """Write the checkpoint `folder`, one `layers.N.mlp` a layer, as a set of `model` to `target`.

    Returns `target`, which `path:` refers to. Raises `HarnessError` for layers that are missing,
    for what is no TopK transcoder, and where `target` holds a set already.
    """
    if (target / "config.yaml").exists():
        raise HarnessError(f"{target}: holds a set already")
    layers = _layers(folder)
    settings = [_settings(each) for each in layers]
    if len({each.k for each in settings}) > 1:
        raise HarnessError(f"{folder}: layers differ in k: {[each.k for each in settings]}")
    k = settings[0].k
    for layer, each in enumerate(layers):
        write_layer(target, layer, _transcoder(each, k))
    write_config(target, Config(model_name=model, scan=folder.name, activation="topk", k=k))
    return target


def _layers(folder: Path) -> list[Path]:
    """The folder of each layer, from the first on."""
    found = {
        int(matched[1]): path
        for path in folder.glob("layers.*.mlp")
        if (matched := _FOLDER.fullmatch(path.name))
    }
    missing = [layer for layer in range(max(found, default=0) + 1) if layer not in found]
    if missing:
        names = ", ".join(f"layers.{layer}.mlp" for layer in missing)
        raise HarnessError(f"{folder}: lacks {names}; a set has all layers from the first on")
    return [found[layer] for layer in sorted(found)]


def _settings(folder: Path) -> _Settings:
    path = folder / "cfg.json"
    text = read_text(path)
    found = parse_json(text, path)
    try:
        settings = _Settings.model_validate(
            {key: found[key] for key in _Settings.model_fields if key in found}
        )
    except ValidationError as error:
        raise HarnessError(describe(error, _Settings, path, text)) from error
    if settings.activation != "topk":
        raise HarnessError(f"{path}: activation: {settings.activation!r}; valid: topk")
    if not settings.transcode:
        raise HarnessError(f"{path}: transcode: false: an autoencoder, not a transcoder")
    for key in _UNREADABLE:
        if getattr(settings, key):
            raise HarnessError(f"{path}: {key}: true: its output needs more than the MLP's input")
    return settings


def _transcoder(folder: Path, k: int) -> Transcoder:
    path = folder / "sae.safetensors"
    try:
        found: dict[str, Tensor] = {name: each.float() for name, each in load_file(path).items()}
        return Transcoder(
            W_enc=found["encoder.weight"],
            b_enc=found["encoder.bias"],
            W_dec=found["W_dec"],
            b_dec=found["b_dec"],
            activation=TopK(k),
            W_skip=found.get("W_skip"),
        )
    except KeyError as error:
        raise HarnessError(f"{path}: lacks the tensor {error}") from error
    except (SafetensorError, OSError) as error:
        raise HarnessError(f"{path}: cannot be read: {error}") from error
