"""Recipes by name or from a file, and how far each is on this machine. Free of torch."""

import re
from pathlib import Path
from typing import Literal

from harness.record import HarnessError, Record
from harness.specs.transcoders import RECIPES, TranscoderRecipe, resolve_recipe
from harness.transcoders.places import NAME, set_folder, unfinished_folder

_FILES = (".yaml", ".yml", ".json")
_PLAIN = re.compile(r"[a-z0-9][a-z0-9._-]{0,79}")


class Listed(Record):
    """A recipe and what there is of it."""

    recipe: TranscoderRecipe
    state: Literal["trained", "unfinished", "untrained"]
    bytes: int | None
    """On disk; `None` where nothing lies there."""


def find_recipe(name: str) -> TranscoderRecipe:
    """The recipe of that name, or of that YAML or JSON file.

    Raises `HarnessError` with the valid names, or with file, line and key.
    """
    path = Path(name)
    if path.suffix not in _FILES:
        return resolve_recipe(name)
    recipe = TranscoderRecipe.load(path)
    if not _PLAIN.fullmatch(recipe.id):
        raise HarnessError(
            f"{path}: id: {recipe.id!r} is no plain name; valid: lower-case letters, digits, . _ -"
        )
    if recipe.k >= recipe.latents:
        raise HarnessError(f"{path}: k: {recipe.k} of {recipe.latents} latents is not sparse")
    return recipe


def list_recipes() -> list[Listed]:
    """Every recipe that has a name."""
    return [_listed(recipe) for recipe in RECIPES.values()]


def _listed(recipe: TranscoderRecipe) -> Listed:
    finished, aside = set_folder(recipe), unfinished_folder(recipe)
    if (finished / NAME).exists():
        return Listed(recipe=recipe, state="trained", bytes=_size(finished))
    if aside.is_dir():
        return Listed(recipe=recipe, state="unfinished", bytes=_size(aside))
    return Listed(recipe=recipe, state="untrained", bytes=None)


def _size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.iterdir() if path.is_file())
