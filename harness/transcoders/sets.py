"""A set of transcoders by name: a recipe's, a folder's or the hub's; loaded and checked.

Loading asserts what is lost silently elsewhere: that as many latents are active as when the set
was saved, and that the files are those that were trained.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor

from harness.models.weights_hash import known_sha256
from harness.record import HarnessError
from harness.specs.transcoders import is_elsewhere, resolve_recipe
from harness.transcoders.build import build_set
from harness.transcoders.cross_layer import CrossLayerTranscoder
from harness.transcoders.cross_layer_files import encoder_file, layer_sha256, read_cross_layer
from harness.transcoders.files import Config, joined_sha256, layer_file, read_config, read_layer
from harness.transcoders.hub import Source, named_file, open_ref, with_layers
from harness.transcoders.manifest import TranscoderManifest
from harness.transcoders.places import NAME
from harness.transcoders.probe import read_probe, require_l0
from harness.transcoders.transcoder import TopK, Transcoder

Progress = Callable[[str, int, int], None]


class Passed(NamedTuple):
    """What one layer makes of some tokens."""

    latents: Float[Tensor, "rows n"]
    output: Float[Tensor, "rows d"]
    """The reconstruction of the MLP's output."""


@dataclass(frozen=True)
class TranscoderSet:
    """One transcoder a layer, from the first layer on."""

    ref: str
    config: Config
    layers: tuple[Transcoder, ...]
    sha256: str
    """Of all weights."""
    manifest: TranscoderManifest | None
    """`None` for sets that others made."""
    folder: Path | None = None
    """Where the weights lie; `None` for a set that is only in memory."""

    @property
    def model(self) -> str:
        """Of which language model, as `load_model` takes it."""
        return self.config.model

    @property
    def latents(self) -> int:
        """Of each layer."""
        return len(self.layers[0].b_enc)

    @property
    def n_layers(self) -> int:
        """Transcoders."""
        return len(self.layers)

    def passed(self, x: Sequence[Float[Tensor, "rows d"]]) -> Iterator[Passed]:
        """Latents and reconstruction of each layer, given what the MLPs read."""
        for transcoder, each in zip(self.layers, x, strict=True):
            latents = transcoder.encode(each)
            yield Passed(latents, transcoder.decode(latents, each))


@dataclass(frozen=True)
class CrossLayerSet:
    """Latents of each layer that write to that layer and to all after it."""

    ref: str
    config: Config
    transcoder: CrossLayerTranscoder
    sha256: str
    """Of all weights."""
    manifest: TranscoderManifest | None
    """`None` for sets that others made."""
    folder: Path | None = None
    """Where the weights lie; `None` for a set that is only in memory."""

    @property
    def model(self) -> str:
        """Of which language model, as `load_model` takes it."""
        return self.config.model

    @property
    def latents(self) -> int:
        """Of each layer."""
        return self.transcoder.b_enc.shape[1]

    @property
    def n_layers(self) -> int:
        """Layers that are read and written to."""
        return self.transcoder.b_enc.shape[0]

    def passed(self, x: Sequence[Float[Tensor, "rows d"]]) -> Iterator[Passed]:
        """Latents and reconstruction of each layer, given what the MLPs read."""
        latents = self.transcoder.encode(torch.stack(list(x)))
        yield from map(Passed, latents, self.transcoder.decode(latents))


def load_set(
    ref: str,
    *,
    device: str = "auto",
    progress: Progress = lambda _step, _done, _total: None,
) -> TranscoderSet | CrossLayerSet:
    """The set that `ref` names: a recipe (trained now where it never was), `path:DIR`, `hf:NAME`.

    Raises `HarnessError` for an unknown name, a damaged file, and where L0 is not what it was.
    """
    if is_elsewhere(ref):
        return _read(open_ref(ref), ref)
    return read_set(build_set(resolve_recipe(ref), device=device, progress=progress), ref)


def read_set(folder: Path, ref: str) -> TranscoderSet | CrossLayerSet:
    """The set in a folder. Raises `HarnessError` as `load_set` does."""
    return _read(Source(folder), ref)


def _read(source: Source, ref: str) -> TranscoderSet | CrossLayerSet:
    config = read_config(source.folder)
    if config.model_kind == "cross_layer_transcoder":
        return _read_cross_layer(with_layers(source), config, ref)
    if config.transcoders is not None:
        return _read_layers([named_file(source, each) for each in config.transcoders], config, ref)
    folder = with_layers(source)
    count = len(list(folder.glob("layer_*.safetensors")))
    if not count:
        raise HarnessError(f"{folder}: holds no layer_0.safetensors")
    return _read_layers([layer_file(folder, layer) for layer in range(count)], config, ref)


def _read_layers(files: Sequence[Path], config: Config, ref: str) -> TranscoderSet:
    layers = tuple(read_layer(path, config) for path in files)
    hashes = [known_sha256(path) for path in files]
    folder = files[0].parent
    manifest = _manifest(folder, files, hashes)
    for layer, transcoder in enumerate(layers):
        probe = read_probe(folder, layer)
        if manifest is not None and probe is not None:
            kind = "TopK" if isinstance(transcoder.activation, TopK) else "JumpReLU or ReLU"
            require_l0(files[layer], transcoder.l0(probe), manifest.layers[layer].probe_l0, kind)
    return TranscoderSet(ref, config, layers, joined_sha256(hashes), manifest, folder)


def _read_cross_layer(folder: Path, config: Config, ref: str) -> CrossLayerSet:
    transcoder = read_cross_layer(folder)
    layers = range(len(transcoder.W_dec))
    files = [encoder_file(folder, layer) for layer in layers]
    hashes = [layer_sha256(folder, layer) for layer in layers]
    manifest = _manifest(folder, files, hashes)
    for layer in layers:
        probe = read_probe(folder, layer)
        if manifest is not None and probe is not None:
            found = transcoder.l0(layer, probe)
            require_l0(files[layer], found, manifest.layers[layer].probe_l0, "JumpReLU")
    return CrossLayerSet(ref, config, transcoder, joined_sha256(hashes), manifest, folder)


def _manifest(
    folder: Path, files: Sequence[Path], hashes: Sequence[str]
) -> TranscoderManifest | None:
    """What lies beside the weights. Raises `HarnessError` where it tells of other weights."""
    path = folder / NAME
    if not path.exists():
        return None
    manifest = TranscoderManifest.load(path)
    if len(manifest.layers) != len(files):
        raise HarnessError(
            f"{path}: tells of {len(manifest.layers)} layers; {folder} holds {len(files)}"
        )
    for report, file, sha256 in zip(manifest.layers, files, hashes, strict=True):
        if report.sha256 != sha256:
            raise HarnessError(f"{file}: is not what {NAME} tells of; its sha256 is {sha256}")
    return manifest
