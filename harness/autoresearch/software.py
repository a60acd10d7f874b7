"""The code that scores depend on, by content: scores of two states of it are not compared."""

import hashlib
from functools import cache
from importlib.metadata import version
from itertools import chain
from pathlib import Path

_PACKAGE = Path(__file__).parents[1]
_PARTS = (
    *("autoresearch/keep", "autoresearch/recipes", "autoresearch/sandbox", "autoresearch/scorer"),
    *("data", "models", "ops", "saes", "worlds"),
)
_PACKAGES = ("torch", "sae-lens", "numpy", "scipy", "optuna")


@cache
def software_sha256() -> str:
    """SHA-256 of the modules that measure and decide, and of the versions that they stand on."""
    digest = hashlib.sha256()
    inside = (sorted((_PACKAGE / part).rglob("*.py")) for part in _PARTS)
    for path in (_PACKAGE / "specs/worlds.py", *chain.from_iterable(inside)):
        digest.update(path.relative_to(_PACKAGE).as_posix().encode() + b"\0")
        digest.update(path.read_bytes() + b"\0")
    for name in _PACKAGES:
        digest.update(f"{name}=={version(name)}\0".encode())
    return digest.hexdigest()
