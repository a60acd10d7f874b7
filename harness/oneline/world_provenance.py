"""What it takes to obtain the numbers of an SAE on a synthetic world again. Read without torch."""

from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from harness.manifest import Manifest
from harness.record import Record

if TYPE_CHECKING:
    from harness.worlds.world import SyntheticWorld

_PACKAGES = ("torch", "sae-lens", "numpy")
_DTYPE = "float32"


class Surroundings(Record):
    """Code, packages and device."""

    harness: str
    packages: dict[str, str]
    commit: str | None
    """Of the harness; `None` outside git."""
    dirty: bool | None
    """Whether the harness differed from that commit."""
    dtype: str
    device: str
    threads: int


class WorldProvenance(Surroundings):
    """Beside these the world by content, what was drawn, and time."""

    world: str
    sha256: str
    """Of the dictionary, the bias and the firing probabilities."""
    origin: str
    """The hub's name for it, or that it was built."""
    seeds: tuple[int, ...]
    seconds: float
    """From the command to its answer."""


def surroundings_of(world: "SyntheticWorld") -> Surroundings:
    """Describe the device of a world and the packages at hand."""
    from harness.models.device import describe_device

    device = describe_device(str(world.device))
    manifest = Manifest.now(Path(__file__).parent, experiments={})
    return Surroundings(
        harness=manifest.harness_version,
        packages={name: version(name) for name in _PACKAGES},
        commit=manifest.commit,
        dirty=manifest.dirty,
        dtype=_DTYPE,
        device=device.name,
        threads=device.threads,
    )


def provenance_of(
    world: "SyntheticWorld", surroundings: Surroundings, *, seeds: tuple[int, ...], seconds: float
) -> WorldProvenance:
    """The whole of it, once the command is done."""
    return WorldProvenance(
        **surroundings.model_dump(),
        world=world.entry.id,
        sha256=world.built.sha256,
        origin=world.built.origin,
        seeds=seeds,
        seconds=round(seconds, 2),
    )
