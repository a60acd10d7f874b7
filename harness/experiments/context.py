"""What an experiment is given besides its spec: a device, caches, a place for artifacts."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from harness.manifest import DataUsed, ModelUsed

if TYPE_CHECKING:
    from harness.models.language_model import LanguageModel
    from harness.transcoders.sets import TranscoderSet
    from harness.worlds.build import Built

Progress = Callable[[str, int, int], None]
"""Called with what is being done, how many steps are done, and how many there are."""


def no_progress(_step: str, _done: int, _total: int) -> None:
    """Show nothing."""


@dataclass(frozen=True)
class Context:
    """The surroundings of one experiment. What it used is noted in `models` and `data`."""

    artifacts: Path
    """Prefix of artifact files: `<artifacts>.pca.npz` and the like."""
    device: str = "auto"
    use_cache: bool = True
    progress: Progress = no_progress
    models: dict[str, ModelUsed] = field(default_factory=dict[str, ModelUsed])
    data: dict[str, DataUsed] = field(default_factory=dict[str, DataUsed])

    def note_model(self, ref: str, lm: "LanguageModel") -> None:
        """The weights that a spec's `ref` stood for."""
        self.models[ref] = ModelUsed(sha256=lm.sha256, quantization=lm.entry.quantization)

    def note_world(self, ref: str, built: "Built") -> None:
        """The dictionary of the synthetic world that a spec's `ref` stood for."""
        self.models[ref] = ModelUsed(sha256=built.sha256, quantization=None, origin=built.origin)

    def note_transcoders(self, found: "TranscoderSet") -> None:
        """The weights of the transcoders that a spec named."""
        origin = "trained by this package" if found.manifest else "made elsewhere"
        self.models[found.ref] = ModelUsed(sha256=found.sha256, quantization=None, origin=origin)

    def artifact(self, suffix: str) -> Path:
        """File for what is not a scalar; `suffix` is such as `pca.npz`."""
        return self.artifacts.with_name(f"{self.artifacts.name}.{suffix}")
