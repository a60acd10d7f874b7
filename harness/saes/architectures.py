"""SAELens autoencoders by name, with the settings of the paper's sweeps.

Settings: `experiments/sweeps/common.py` of synth-sae-bench-experiments (Chanin and Garriga-Alonso
2026). Any other registered class is named by the import path of its configuration.
"""

import importlib
import importlib.util
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path
from typing import Any, NamedTuple

import torch
from sae_lens import (
    BatchTopKTrainingSAEConfig,
    GatedTrainingSAEConfig,
    JumpReLUTrainingSAEConfig,
    MatchingPursuitTrainingSAEConfig,
    MatryoshkaBatchTopKTrainingSAEConfig,
    StandardTrainingSAEConfig,
    TopKTrainingSAEConfig,
    TrainingSAE,
    TrainingSAEConfig,
)
from sae_lens.registry import SAE_TRAINING_CLASS_REGISTRY

from harness.problems import did_you_mean
from harness.record import HarnessError
from harness.saes.autotune import Autotuner
from harness.specs.sae_bench import ARCHITECTURES, Architecture

AnySAE = TrainingSAE[Any]
_NESTED = (32, 8, 2)
"""Matryoshka's inner widths are these parts of the whole: 128, 512, 2048 of 4096."""
_PAPER_STEPS = 195_312
_GAIN = 3e-4
"""Of the autotuner over the paper's steps; shorter runs have as much way to go in fewer steps."""
_MOST_GAIN = 3e-3


class Scale(NamedTuple):
    """Sizes that settings depend on."""

    d_in: int
    d_sae: int
    l0: float
    """Mean active latents wanted."""
    steps: int
    """Training steps."""


Settings = dict[str, bool | int | float | str | list[int] | None]


def _topk(scale: Scale) -> Settings:
    return {"k": int(scale.l0)}


def _batchtopk(scale: Scale) -> Settings:
    return {"k": scale.l0}


def _matryoshka(scale: Scale) -> Settings:
    widths = [scale.d_sae // part for part in _NESTED if scale.d_sae // part]
    return {
        "k": scale.l0,
        "matryoshka_widths": [*dict.fromkeys(widths), scale.d_sae],
        "use_matryoshka_aux_loss": True,
    }


def _matching_pursuit(scale: Scale) -> Settings:
    return {
        "max_iterations": int(scale.l0),
        "residual_threshold": 0.0,
        "decoder_init_norm": 1.0,
        "stop_on_duplicate_support": False,
    }


def _l1(scale: Scale) -> Settings:
    return {"l1_coefficient": 2.0, "l1_warm_up_steps": scale.steps // 3}


def _jumprelu(_scale: Scale) -> Settings:
    return {
        "normalize_activations": "expected_average_only_in",
        "jumprelu_sparsity_loss_mode": "step",
        "jumprelu_bandwidth": 1.0,
        "jumprelu_init_threshold": 1.0,
        "decoder_init_norm": 0.5,
        "l0_coefficient": 1.0,
    }


class _Known(NamedTuple):
    config: type[TrainingSAEConfig]
    settings: Callable[[Scale], Settings]
    tuned_from: Callable[[Scale], int] | None = None
    """Step from which its coefficient is driven; `None`: its L0 is set outright."""


def _third(scale: Scale) -> int:
    return scale.steps // 3


def _at_once(_scale: Scale) -> int:
    return 0


_KNOWN = {
    "standard": _Known(StandardTrainingSAEConfig, _l1, _third),
    "topk": _Known(TopKTrainingSAEConfig, _topk),
    "batchtopk": _Known(BatchTopKTrainingSAEConfig, _batchtopk),
    "jumprelu": _Known(JumpReLUTrainingSAEConfig, _jumprelu, _at_once),
    "gated": _Known(GatedTrainingSAEConfig, _l1, _third),
    "matryoshka_batchtopk": _Known(MatryoshkaBatchTopKTrainingSAEConfig, _matryoshka),
    "matching_pursuit": _Known(MatchingPursuitTrainingSAEConfig, _matching_pursuit),
}
assert tuple(_KNOWN) == ARCHITECTURES, _KNOWN


def make_sae(architecture: Architecture, scale: Scale, *, seed: int) -> AnySAE:
    """An untrained SAE, its weights drawn with `seed`.

    Raises `HarnessError` for a name that SAELens does not know and a field that its configuration
    does not have.
    """
    config, settings = _config_of(architecture.name, scale)
    known = sorted(field.name for field in fields(config))
    for key in architecture.config:
        if key not in known:
            raise HarnessError(f"{architecture.name}: config.{key}{did_you_mean(key, known)}")
    own = {key: list(v) if isinstance(v, tuple) else v for key, v in architecture.config.items()}
    try:
        made = config(**{"d_in": scale.d_in, "d_sae": scale.d_sae, **settings, **own})  # type: ignore
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            return SAE_TRAINING_CLASS_REGISTRY[config.architecture()][0](made)
    except (KeyError, ValueError, TypeError) as error:
        raise HarnessError(f"{architecture.name}: {error}") from error


def autotuner(architecture: Architecture, scale: Scale) -> Autotuner | None:
    """What drives its sparsity coefficient; `None` where its L0 is set outright."""
    known = _KNOWN.get(architecture.name)
    if known is None or known.tuned_from is None:
        return None
    gain = min(_GAIN * _PAPER_STEPS / scale.steps, _MOST_GAIN)
    return Autotuner(scale.l0, known.tuned_from(scale), gain)


def _config_of(name: str, scale: Scale) -> tuple[type[TrainingSAEConfig], Settings]:
    if name in _KNOWN:
        return _KNOWN[name].config, _KNOWN[name].settings(scale)
    if ":" not in name:
        raise HarnessError(f"architecture {name!r} is unknown{did_you_mean(name, list(_KNOWN))}")
    config = _imported(name)
    if any(field.name == "k" for field in fields(config)):
        return config, {"k": scale.l0}
    return config, {}


def _imported(path: str) -> type[TrainingSAEConfig]:
    """A configuration class of an installed package, registered with SAELens."""
    module, _, name = path.partition(":")
    _require_installed(module)
    try:
        config = getattr(importlib.import_module(module), name)
    except (ImportError, AttributeError) as error:
        raise HarnessError(f"architecture {path!r}: {error}") from error
    if not (isinstance(config, type) and issubclass(config, TrainingSAEConfig)):
        raise HarnessError(f"architecture {path!r}: not a configuration of a SAELens training SAE")
    if config.architecture() not in SAE_TRAINING_CLASS_REGISTRY:
        raise HarnessError(f"architecture {path!r}: {module} does not register it with SAELens")
    return config


def _require_installed(module: str) -> None:
    """Code that merely lies in the working folder, as a submission could bring, is not run."""
    try:
        found = importlib.util.find_spec(module.partition(".")[0])
    except (ImportError, ValueError):
        found = None
    if found is None or found.origin is None:
        raise HarnessError(f"architecture: module {module!r} is not installed")
    inside = Path(found.origin).resolve().is_relative_to(Path.cwd())
    if inside and "site-packages" not in Path(found.origin).parts:
        raise HarnessError(
            f"architecture: module {module!r} lies in the working folder; install it as a package"
        )
