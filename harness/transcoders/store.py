"""Activations on disk while a set is trained: every layer's `mlp_in` and `mlp_out`, in float16.

The model runs once over the corpus; after that each layer is trained from disk. A shard is one
safetensors file with all layers of a few thousand tokens; one that exists is complete. The first
token of a sequence is left out: it is an attention sink, whose norm dwarfs all others'.
"""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import torch
from safetensors import safe_open
from safetensors.torch import save
from torch import Tensor

from harness.models.hookpoints import Hookpoint, HookpointName
from harness.models.hooks import capture
from harness.models.language_model import LanguageModel
from harness.record import HarnessError, write_bytes
from harness.transcoders.token_file import Tokens
from harness.transcoders.training import Pairs

_PLACES: tuple[HookpointName, ...] = ("mlp_in", "mlp_out")
_SHARD_TOKENS = 4096
_BATCH_TOKENS = 1024


class Store(NamedTuple):
    """The shards of one set of sequences."""

    folder: Path
    name: str

    def pairs(self, layer: int) -> Pairs:
        """All tokens of one layer, in float32."""
        files = sorted(self.folder.glob(f"{self.name}-*.safetensors"))
        assert files, self.folder
        return Pairs(*(_joined(files, f"{place}.{layer}") for place in _PLACES))

    def all_pairs(self) -> list[Pairs]:
        """All tokens of every layer, in float32."""
        first = next(iter(sorted(self.folder.glob(f"{self.name}-*.safetensors"))))
        with safe_open(first, framework="pt") as file:
            layers = sum(name.startswith("mlp_in.") for name in file.keys())  # noqa: SIM118
        return [self.pairs(layer) for layer in range(layers)]


def fill(
    store: Store,
    lm: LanguageModel,
    sequences: Sequence[Tokens],
    told: Callable[[int, int], None],
) -> None:
    """Run the model over the sequences and keep what is not kept yet; `told` counts sequences."""
    ordered = sorted(sequences, key=len)
    done = 0
    for number, shard in enumerate(_parts(ordered, _SHARD_TOKENS)):
        path = store.folder / f"{store.name}-{number:05}.safetensors"
        if not path.exists():
            write_bytes(path, save(_read(lm, shard)))
        done += len(shard)
        told(done, len(ordered))


def read_pairs(
    lm: LanguageModel, sequences: Sequence[Tokens], told: Callable[[int, int], None]
) -> Iterator[list[Pairs]]:
    """Every layer's activations as they are read, some thousand tokens at a time, kept nowhere."""
    ordered = sorted(sequences, key=len)
    done = 0
    for part in _parts(ordered, _BATCH_TOKENS):
        found = _read(lm, part)
        yield [
            Pairs(found[f"mlp_in.{layer}"].float(), found[f"mlp_out.{layer}"].float())
            for layer in range(lm.n_layers)
        ]
        done += len(part)
        told(done, len(ordered))


def _parts(ordered: Sequence[Tokens], tokens: int) -> Iterator[list[Tokens]]:
    """Runs of sequences, ascending in length, that hold at most so many tokens with padding."""
    part: list[Tokens] = []
    for sequence in ordered:
        if part and (len(part) + 1) * len(sequence) > tokens:
            yield part
            part = []
        part.append(sequence)
    if part:
        yield part


@torch.inference_mode()
def _read(lm: LanguageModel, sequences: Sequence[Tokens]) -> dict[str, Tensor]:
    wanted = [Hookpoint(place, layer) for place in _PLACES for layer in range(lm.n_layers)]
    found: dict[str, list[Tensor]] = {f"{each.name}.{each.layer}": [] for each in wanted}
    for batch in _parts(sequences, _BATCH_TOKENS):
        lengths = torch.tensor([len(each) for each in batch])
        ids = torch.zeros(len(batch), int(lengths.max()), dtype=torch.long)
        for row, each in enumerate(batch):
            ids[row, : len(each)] = torch.tensor(each)
        at = torch.arange(ids.shape[1])
        kept = ((at > 0) & (at < lengths[:, None])).to(lm.device)
        with capture(lm, wanted) as acts:
            lm.hf.base_model(ids.to(lm.device), use_cache=False)
        for each in wanted:
            found[f"{each.name}.{each.layer}"].append(acts[each][kept].half().cpu())
    joined = {name: torch.cat(parts).contiguous() for name, parts in found.items()}
    for name, tensor in joined.items():
        if not bool(tensor.isfinite().all()):
            raise HarnessError(f"{lm.ref}: {name} does not fit into float16")
    return joined


def _joined(files: Sequence[Path], name: str) -> Tensor:
    parts: list[Tensor] = []
    for path in files:
        with safe_open(path, framework="pt") as file:
            parts.append(file.get_tensor(name).float())
    return torch.cat(parts)
