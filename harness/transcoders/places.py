"""Where trained sets lie, and how a finished one is told from an unfinished. Free of torch."""

from pathlib import Path

from harness.cache_dir import cache_dir
from harness.specs.transcoders import TranscoderRecipe

NAME = "transcoders.json"
"""Of the manifest, which is written last: with it nothing is left to be trained."""


def set_folder(recipe: TranscoderRecipe) -> Path:
    """Where the finished set lies; it may not exist yet."""
    return cache_dir() / "transcoders" / recipe.folder


def unfinished_folder(recipe: TranscoderRecipe) -> Path:
    """Where a set lies while it is trained."""
    target = set_folder(recipe)
    return target.with_name(f"{target.name}.unfinished")
