"""circuit-tracer's format of cross-layer transcoders: two safetensors files a layer."""

from pathlib import Path
from typing import Generic, NamedTuple, TypeVar

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save
from torch import Tensor

from harness.models.weights_hash import known_sha256
from harness.record import HarnessError, write_bytes
from harness.transcoders.cross_layer import CrossLayerTranscoder
from harness.transcoders.files import joined_sha256

_T = TypeVar("_T")


def encoder_file(folder: Path, layer: int) -> Path:
    """Where a layer's encoder, biases and thresholds lie."""
    return folder / f"W_enc_{layer}.safetensors"


def decoder_file(folder: Path, layer: int) -> Path:
    """Where the decoders of the latents that read a layer lie."""
    return folder / f"W_dec_{layer}.safetensors"


def layer_sha256(folder: Path, layer: int) -> str:
    """Of a layer's two files."""
    return joined_sha256(
        known_sha256(each) for each in (encoder_file(folder, layer), decoder_file(folder, layer))
    )


def write_cross_layer(folder: Path, transcoder: CrossLayerTranscoder) -> None:
    """Write all layers. Raises `HarnessError` where the disk is full."""
    for layer, decoder in enumerate(transcoder.W_dec):
        encoder = {
            "W_enc": transcoder.W_enc[layer],
            "b_enc": transcoder.b_enc[layer],
            "b_dec": transcoder.b_dec[layer],
            "threshold": transcoder.threshold[layer],
        }
        _write(encoder_file(folder, layer), {f"{k}_{layer}": each for k, each in encoder.items()})
        _write(decoder_file(folder, layer), {f"W_dec_{layer}": decoder})


def read_cross_layer(folder: Path) -> CrossLayerTranscoder:
    """All layers of a folder. Raises `HarnessError` for a file that is damaged, lacks a tensor or
    has one of another shape."""
    count = len(list(folder.glob("W_enc_*.safetensors")))
    if not count:
        raise HarnessError(f"{folder}: holds no W_enc_0.safetensors")
    layers = [_read_layer(folder, layer) for layer in range(count)]
    n, d = layers[0].W_enc.shape
    for layer, found in enumerate(layers):
        shapes = _Layer((n, d), (n,), (d,), (n,), (n, count - layer, d))
        for name, tensor, shape in zip(_Layer._fields, found, shapes, strict=True):
            if tuple(tensor.shape) != shape:
                raise HarnessError(
                    f"{folder}: {name}_{layer} has the shape {tuple(tensor.shape)}; expected "
                    f"{shape}"
                )
    stacked = {name: torch.stack([getattr(each, name) for each in layers]) for name in _STACKED}
    return CrossLayerTranscoder(**stacked, W_dec=tuple(each.W_dec for each in layers))


class _Layer(NamedTuple, Generic[_T]):
    """One layer's tensors, or their shapes."""

    W_enc: _T
    b_enc: _T
    b_dec: _T
    threshold: _T
    W_dec: _T


_STACKED = ("W_enc", "b_enc", "b_dec", "threshold")


def _read_layer(folder: Path, layer: int) -> "_Layer[Tensor]":
    path = encoder_file(folder, layer)
    found, decoder = _read(path), _read(decoder_file(folder, layer))
    try:
        bias = found[f"b_enc_{layer}"]
        return _Layer(
            W_enc=found[f"W_enc_{layer}"],
            b_enc=bias,
            b_dec=found[f"b_dec_{layer}"],
            # Without thresholds it is a ReLU.
            threshold=found.get(f"threshold_{layer}", torch.zeros_like(bias)),
            W_dec=decoder[f"W_dec_{layer}"],
        )
    except KeyError as error:
        raise HarnessError(
            f"{path} or the file of its decoder: lacks the tensor {error}"
        ) from error


def _write(path: Path, named: dict[str, Tensor]) -> None:
    write_bytes(
        path, save({name: each.detach().cpu().contiguous() for name, each in named.items()})
    )


def _read(path: Path) -> dict[str, Tensor]:
    try:
        return {name: each.float() for name, each in load_file(path).items()}
    except (SafetensorError, OSError) as error:
        raise HarnessError(f"{path}: cannot be read: {error}") from error
