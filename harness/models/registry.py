"""Which models can be named, and what a name means. Free of torch; reaches no network."""

import re
from functools import cache
from pathlib import Path
from typing import Literal, get_args

from pydantic import PositiveInt

from harness.models.availability import why_not_embedded, why_not_folder, why_not_hub
from harness.problems import did_you_mean
from harness.record import HarnessError, Record

Tier = Literal["local", "small", "medium", "large"]
FamilyName = Literal[
    "llama", "qwen2", "qwen3", "mistral", "gpt2", "gpt_neox", "gemma2", "gemma3_text"
]

DEFAULT_MODEL = "smollm2-135m-instruct"
_HUB = re.compile(r"hf:(?P<repo>\w[\w.-]*/\w[\w.-]*)(?:@(?P<revision>\w[\w./-]*))?")


class ModelEntry(Record):
    """A model that can be asked for. What is not known before it is loaded is `None`."""

    id: str
    source: str
    """`embedded`, `made:NAME`, `hf:ORG/NAME[@revision]` or `path:DIRECTORY`."""
    family: FamilyName | None = None
    """Its architecture's table of hookpoints."""
    tier: Tier | None = None
    parameters: PositiveInt | None = None
    quantization: str | None = None
    """How the weights were rounded before they were released to us; `None` = as trained."""
    note: str = ""

    @property
    def memory_gib(self) -> float | None:
        """Memory that the weights need in float32; half of it in bfloat16."""
        return None if self.parameters is None else round(self.parameters * 4 / 2**30, 2)


class _Registry(Record):
    models: tuple[ModelEntry, ...]


def entries() -> tuple[ModelEntry, ...]:
    """Every registered model, by tier."""
    return _registry().models


def resolve(ref: str) -> ModelEntry:
    """The entry for a registry id, `hf:ORG/NAME[@revision]` or `path:DIRECTORY`.

    A hub name that is not registered gets an entry without family, tier and size. Raises
    `HarnessError` with the valid choices for anything else.
    """
    found = {entry.id: entry for entry in entries()} | {e.source: e for e in entries()}
    if ref in found:
        return found[ref]
    if _HUB.fullmatch(ref):
        return ModelEntry(id=ref, source=ref)
    if ref.startswith("path:") and ref != "path:":
        return ModelEntry(id=ref, source=ref)
    ids = [entry.id for entry in entries()]
    raise HarnessError(
        f"model {ref!r} is unknown{did_you_mean(ref, ids)}, hf:ORG/NAME[@revision], path:DIRECTORY"
    )


def tier(name: str) -> tuple[ModelEntry, ...]:
    """The models of one tier. Raises `HarnessError` for a tier that does not exist."""
    if name not in get_args(Tier):
        raise HarnessError(f"tier {name!r} is unknown{did_you_mean(name, list(get_args(Tier)))}")
    return tuple(entry for entry in entries() if entry.tier == name)


def hub_name(entry: ModelEntry) -> tuple[str, str]:
    """Repository and revision of an entry whose source is on a hub."""
    matched = _HUB.fullmatch(entry.source)
    assert matched is not None, entry.source
    return matched["repo"], matched["revision"] or "main"


def folder(entry: ModelEntry) -> Path:
    """Directory of an entry whose source is a local one."""
    return Path(entry.source.removeprefix("path:")).expanduser()


def availability(ref: str) -> str | None:
    """None where the model can be had now, otherwise a sentence that says what to do.

    Loads nothing and downloads nothing; a hub is asked once, for at most three seconds. Raises
    `HarnessError` for an unknown `ref`.
    """
    entry = resolve(ref)
    if entry.source == "embedded":
        return why_not_embedded()
    if entry.source.startswith("made:"):
        return None  # What the harness makes itself needs no network.
    if entry.source.startswith("path:"):
        return why_not_folder(folder(entry))
    return why_not_hub(*hub_name(entry))


@cache
def _registry() -> _Registry:
    return _Registry.load(Path(__file__).with_name("registry.yaml"))
