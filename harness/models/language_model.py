"""Load a language model and say exactly which one it is.

Owns devices, dtypes, revisions and content hashes. Weights come as safetensors only, and no code
of a model's repository is ever run.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal, cast, get_args

import torch
from huggingface_hub import errors, snapshot_download
from torch import nn
from transformers import (
    AutoConfig,
    AutoModelForCausalLM,
    AutoTokenizer,
    PreTrainedModel,
    PreTrainedTokenizerBase,
)

from harness.models.availability import is_downloaded, why_not_folder, why_not_hub
from harness.models.device import pick_device
from harness.models.embedded import embedded_directory
from harness.models.hookpoints import Family, family_of
from harness.models.made import made_directory
from harness.models.quiet import quiet_transformers
from harness.models.registry import ModelEntry, folder, hub_name, resolve
from harness.models.weights_hash import model_sha256
from harness.problems import did_you_mean
from harness.record import HarnessError

DtypeName = Literal["float32", "bfloat16"]
_NEEDED = ["*.json", "*.safetensors", "*.model", "*.txt", "*.jinja"]
_NOT_NEEDED = ["*/*", "consolidated*"]


@dataclass(frozen=True)
class LanguageModel:
    """A causal language model ready to be read: eval mode, no gradients of weights."""

    ref: str
    entry: ModelEntry
    revision: str | None
    """Commit on the hub; `None` for a local folder, the embedded model or a made one."""
    sha256: str
    """Of the safetensors files."""
    hf: PreTrainedModel
    tokenizer: PreTrainedTokenizerBase
    family: Family

    @property
    def n_layers(self) -> int:
        """Number of blocks."""
        return int(self.hf.config.num_hidden_layers)

    @property
    def d_model(self) -> int:
        """Width of the residual stream."""
        return int(self.hf.config.hidden_size)

    @property
    def n_heads(self) -> int:
        """Query heads a layer."""
        return int(self.hf.config.num_attention_heads)

    @property
    def context_length(self) -> int:
        """Tokens that the model can read at once."""
        return int(self.hf.config.max_position_embeddings)

    @property
    def device(self) -> torch.device:
        """Where weights and computation are."""
        return self.hf.device

    @property
    def dtype(self) -> torch.dtype:
        """Of weights and activations."""
        return self.hf.dtype


def load_model(ref: str, *, device: str = "auto", dtype: str = "float32") -> LanguageModel:
    """Load the model that `ref` names; see `registry.resolve`.

    float32 is the default on every device, so that numbers agree between machines; TF32 is not
    switched on. Raises `HarnessError` where the model cannot be had, saying what to do.
    """
    if dtype not in get_args(DtypeName):
        raise HarnessError(f"dtype {dtype!r}{did_you_mean(dtype, list(get_args(DtypeName)))}")
    entry, target = resolve(ref), pick_device(device)
    directory = _directory(entry)
    config = AutoConfig.from_pretrained(directory, trust_remote_code=False)
    family = family_of(config.model_type)
    sha256 = model_sha256(directory)
    with quiet_transformers():
        hf = AutoModelForCausalLM.from_pretrained(
            directory,
            config=config,
            dtype=getattr(torch, dtype),
            use_safetensors=True,
            attn_implementation=family.attention,
            local_files_only=True,
            trust_remote_code=False,
        )
        tokenizer = AutoTokenizer.from_pretrained(
            directory, local_files_only=True, trust_remote_code=False
        )
    return wrap_model(
        cast(PreTrainedModel, nn.Module.to(hf, target)),
        tokenizer,
        entry=entry,
        sha256=sha256,
        revision=directory.name if entry.source.startswith("hf:") else None,
    )


def wrap_model(
    hf: PreTrainedModel,
    tokenizer: PreTrainedTokenizerBase,
    *,
    entry: ModelEntry,
    sha256: str,
    revision: str | None = None,
) -> LanguageModel:
    """Describe a transformers model that is already in memory; `sha256` must tell its weights.

    Puts it into eval mode, stops gradients of its weights, and gives a tokenizer that has no
    padding token its end of sequence as one. Raises `HarnessError` for an unknown architecture.
    """
    family = family_of(hf.config.model_type)
    if tokenizer.pad_token is None:
        tokenizer.pad_token = tokenizer.eos_token
    return LanguageModel(
        ref=entry.id,
        entry=entry,
        revision=revision,
        sha256=sha256,
        hf=hf.eval().requires_grad_(False),
        tokenizer=tokenizer,
        family=family,
    )


def _directory(entry: ModelEntry) -> Path:
    """Local folder with configuration, weights and tokenizer; downloads where it must."""
    if entry.source == "embedded":
        return embedded_directory()
    if entry.source.startswith("made:"):
        return made_directory()
    if entry.source.startswith("path:"):
        directory = folder(entry)
        problem = why_not_folder(directory)
        if problem:
            raise HarnessError(problem)
        return directory
    return _download(*hub_name(entry))


def _download(repo: str, revision: str) -> Path:
    if not is_downloaded(repo, revision):
        problem = why_not_hub(repo, revision)
        if problem:
            raise HarnessError(problem)
    try:
        found = snapshot_download(
            repo, revision=revision, allow_patterns=_NEEDED, ignore_patterns=_NOT_NEEDED
        )
    except (errors.HfHubHTTPError, errors.LocalEntryNotFoundError, OSError) as error:
        raise HarnessError(f"hf:{repo}@{revision}: cannot be downloaded: {error}") from error
    return Path(found)
