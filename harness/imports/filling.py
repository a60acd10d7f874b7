"""From a recipe and one model's result files to the numbers of a replication."""

import hashlib
from dataclasses import dataclass, field
from functools import cached_property
from typing import TypeVar

from harness.experiments.imported.result_file import ResultFile
from harness.imports.git_source import GitSource
from harness.imports.recipe import Entry, Recipe
from harness.imports.theirs import Theirs
from harness.measurement import Condition
from harness.record import HarnessError, Record
from harness.specs.imported import ImportedNumber, Said

_R = TypeVar("_R", bound=Record)


@dataclass(frozen=True)
class Filling:
    """One model of one replication of theirs, with the files that were read for it."""

    source: GitSource
    theirs: Theirs
    recipe: Recipe
    model: str
    contents: dict[str, bytes] = field(default_factory=dict[str, bytes])
    """Files by path, as far as numbers come from them."""

    @property
    def ref(self) -> str:
        """The model as specs name it."""
        return f"hf:{self.theirs.models[self.model]}"

    @cached_property
    def taken(self) -> tuple[ImportedNumber, ...]:
        """Raises `HarnessError` where a file is missing, hostile, or not what it is taken for."""
        entries = [(each, self._path(each.file)) for each in self.recipe.numbers]
        return tuple(
            self._number(entry, path, self._open(path))
            for entry, path in entries
            if entry.is_for(self.model) and not (entry.optional and path not in self.source.sizes)
        )

    def layer(self) -> int:
        """The layer that they chose."""
        chosen = self.recipe.layer
        file = self._open(self._path(chosen.file))
        found = file.number(chosen.at)
        if not (found.is_integer() and 0 <= found < 1000):
            raise HarnessError(f"{file.name}: {chosen.at}: {found:g} is no layer")
        return int(found)

    def filled(self, text: str) -> str:
        """A text of the recipe with what its braces stand for."""
        if "{layer}" in text:
            text = text.replace("{layer}", str(self.layer()))
        return text.replace("{model}", self.model).replace("{ref}", self.ref)

    def _path(self, file: str) -> str:
        filled = file.replace("{model}", self.model)
        return f"results/{self.theirs.paper}/{self.theirs.id}/{filled}"

    def _open(self, path: str) -> ResultFile:
        if path not in self.contents:
            self.contents[path] = self.source.read(path)
        return ResultFile.parse(self.contents[path], path)

    def _number(self, entry: Entry, path: str, file: ResultFile) -> ImportedNumber:
        for key, value in entry.requires.items():
            pointer, wanted = (
                self.filled(key),
                self.filled(value) if isinstance(value, str) else value,
            )
            found = file.at(pointer)
            if found != wanted:
                shown = str(found)[:60]
                raise HarnessError(f"{path}: {pointer}: expected {wanted!r}, not {shown!r}")
        where: dict[str, Condition] = {
            key: self.layer() if value == "{layer}" else value for key, value in entry.where.items()
        }
        return ImportedNumber(
            file=path,
            sha256=hashlib.sha256(self.contents[path]).hexdigest(),
            reading=self._placed(entry.reading),
            metric=entry.metric,
            where=where,
            control=entry.control,
            seed=entry.seed,
            said=self._said(entry, file),
        )

    def _placed(self, reading: _R) -> _R:
        """The reading with pointers into this model's part of the file."""
        return type(reading).model_validate_json(self.filled(reading.model_dump_json()))

    def _said(self, entry: Entry, file: ResultFile) -> Said | None:
        if entry.claim is None or entry.judged_at is None:
            return None
        if entry.claim not in self.theirs.judged:
            known = ", ".join(self.theirs.judged) or "none"
            raise HarnessError(f"{self.theirs.id}: no claim {entry.claim!r}; there are: {known}")
        judged = self.theirs.judged[entry.claim]
        return Said(
            metric=judged.metric,
            at=entry.judged_at,
            value=file.number(entry.judged_at),
            threshold=judged.threshold,
            success=file.truth("/success"),
        )
