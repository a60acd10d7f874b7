"""circuit-tracer's format on disk: `config.yaml` and one safetensors file a layer.

What its loaders leave out is set here: the activation function comes from `config.yaml`, since a
TopK that is read as a ReLU is active hundreds of times where it was trained to be active k times.
"""

import hashlib
import re
from collections.abc import Iterable
from io import StringIO
from pathlib import Path
from typing import Literal

from pydantic import PositiveInt, ValidationError
from ruamel.yaml import YAML
from safetensors.torch import save
from torch import Tensor, zeros_like

from harness.problems import describe
from harness.record import HarnessError, Record, parse_yaml, read_text, write_bytes, write_text
from harness.transcoders.tensor_file import SKIP, THRESHOLD, read_layer_tensors
from harness.transcoders.transcoder import JumpReLU, TopK, Transcoder

_HUB_NAME = re.compile(r"\w[\w.-]*/\w[\w.-]*")


class Config(Record):
    """`config.yaml` as circuit-tracer knows it, with the activation function that it leaves out."""

    model_name: str
    model_kind: Literal["transcoder_set", "cross_layer_transcoder"] = "transcoder_set"
    feature_input_hook: str = "mlp.hook_in"
    feature_output_hook: str = "mlp.hook_out"
    scan: str
    activation: Literal["topk", "relu", "jump_relu"] = "relu"
    k: PositiveInt | None = None
    transcoders: tuple[str, ...] | None = None
    """Files of the layers where they are not called layer_0.safetensors and so on: paths below
    the folder, or hf://ORG/NAME/FILE."""

    @property
    def model(self) -> str:
        """The language model, as `load_model` takes it."""
        name = self.model_name
        return f"hf:{name}" if _HUB_NAME.fullmatch(name) else name


def write_config(folder: Path, config: Config) -> None:
    """Write `config.yaml`."""
    text = StringIO()
    YAML().dump(config.model_dump(exclude_none=True), text)
    write_text(folder / "config.yaml", text.getvalue())


def read_config(folder: Path) -> Config:
    """Read `config.yaml`; keys of other tools are passed over. Raises `HarnessError`."""
    path = folder / "config.yaml"
    found = parse_yaml(read_text(path), path)
    missing = [key for key in ("model_name", "model_kind") if key not in found]
    if missing:
        raise HarnessError(f"{path}: lacks {', '.join(missing)}")
    known = {key: found[key] for key in Config.model_fields if key in found}
    try:
        return Config.model_validate({"scan": str(found["model_name"]), **known})
    except ValidationError as error:
        raise HarnessError(describe(error, Config, path, read_text(path))) from error


def layer_file(folder: Path, layer: int) -> Path:
    """Where a layer's weights lie."""
    return folder / f"layer_{layer}.safetensors"


def write_layer(folder: Path, layer: int, transcoder: Transcoder) -> None:
    """Write one layer under circuit-tracer's names."""
    named = {
        "W_enc": transcoder.W_enc,
        "W_dec": transcoder.W_dec,
        "b_enc": transcoder.b_enc,
        "b_dec": transcoder.b_dec,
    }
    if transcoder.W_skip is not None:
        named[SKIP] = transcoder.W_skip
    if isinstance(transcoder.activation, JumpReLU):
        named[THRESHOLD] = transcoder.activation.threshold
    whole = {name: tensor.detach().cpu().contiguous() for name, tensor in named.items()}
    write_bytes(layer_file(folder, layer), save(whole))


def read_layer(path: Path, config: Config) -> Transcoder:
    """One layer as it was trained, from a file of circuit-tracer's names or of others'.

    Raises `HarnessError` for a file that is damaged or lacks a tensor, and for an activation
    function that `config.yaml` leaves open.
    """
    found = read_layer_tensors(path)
    return Transcoder(
        W_enc=found["W_enc"],
        b_enc=found["b_enc"],
        W_dec=found["W_dec"],
        b_dec=found["b_dec"],
        activation=_activation(found, config, path.with_name("config.yaml")),
        W_skip=found.get(SKIP),
    )


def _activation(found: dict[str, Tensor], config: Config, path: Path) -> TopK | JumpReLU:
    if THRESHOLD in found:
        return JumpReLU(found[THRESHOLD])
    if config.activation != "topk":
        return JumpReLU(zeros_like(found["b_enc"]))
    if config.k is None:
        raise HarnessError(f"{path}: activation topk needs k")
    return TopK(config.k)


def joined_sha256(each: Iterable[str]) -> str:
    """One hash of many, in their order."""
    return hashlib.sha256("".join(each).encode()).hexdigest()
