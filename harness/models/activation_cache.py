"""Activations on disk, addressed by what they are activations of.

Owns the file format and its distrust: an entry is named by a hash of everything that determines
its numbers, carries a hash of each tensor's bytes, and counts only where both are right. Nothing
is addressed by index, so other texts can never meet old activations.
"""

import hashlib
import json
import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path

from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor, uint8

from harness.models.hookpoints import Hookpoint
from harness.models.language_model import LanguageModel
from harness.record import HarnessError, write_bytes

FORMAT = 1
"""Raised when the same key would come to mean other numbers."""
_VOLATILE = ("_name_or_path", "transformers_version")


def shard_key(
    lm: LanguageModel, sequences: Sequence[tuple[int, ...]], hookpoints: Sequence[Hookpoint]
) -> str:
    """SHA-256 over format, weights, configuration, dtype, hookpoints and token ids.

    Each sequence ends at the position that is read, so positions are in the token ids.
    """
    config = {k: v for k, v in lm.hf.config.to_dict().items() if k not in _VOLATILE}
    described = {
        "format": FORMAT,
        "weights": lm.sha256,
        "config": config,
        "dtype": str(lm.dtype),
        "hookpoints": [str(hookpoint) for hookpoint in hookpoints],
        "tokens": sequences,
    }
    return hashlib.sha256(json.dumps(described, sort_keys=True, default=str).encode()).hexdigest()


def has_entry(folder: Path, key: str) -> bool:
    """Whether there is a file; `read_tensor` tells whether it can be trusted."""
    return _file(folder, key).is_file()


def read_tensor(folder: Path, key: str, hookpoint: Hookpoint) -> Tensor | None:
    """One tensor of an entry; None where it is missing, truncated or altered."""
    try:
        with safe_open(_file(folder, key), framework="pt") as file:
            metadata, tensor = file.metadata(), file.get_tensor(str(hookpoint))
    except (FileNotFoundError, SafetensorError):
        return None
    recorded = metadata.get(f"sha256.{hookpoint}") if metadata else None
    return tensor if recorded == _sha256_of_bytes(tensor) else None


def write_entry(folder: Path, key: str, tensors: Mapping[Hookpoint, Tensor]) -> bool:
    """Write one entry whole or not at all. Where that fails, warn and return False."""
    content = save(
        {str(hookpoint): tensor.contiguous() for hookpoint, tensor in tensors.items()},
        metadata={f"sha256.{at}": _sha256_of_bytes(tensor) for at, tensor in tensors.items()},
    )
    try:
        write_bytes(_file(folder, key), content)
    except (HarnessError, OSError) as error:
        warnings.warn(f"activations are not cached: {error}", RuntimeWarning, stacklevel=2)
        return False
    return True


def _file(folder: Path, key: str) -> Path:
    return folder / key[:2] / f"{key}.safetensors"


def _sha256_of_bytes(tensor: Tensor) -> str:
    """Over dtype, shape and content; bfloat16 has no numpy form, its bytes have."""
    raw = tensor.detach().contiguous().flatten().view(uint8).numpy()
    header = f"{tensor.dtype} {tuple(tensor.shape)}"
    return hashlib.sha256(header.encode() + raw.tobytes()).hexdigest()
