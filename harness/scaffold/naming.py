"""What a replication's folder is called, and whether one that is there is about the same model."""

import re
from pathlib import Path

from harness.record import HarnessError
from harness.specs import ReplicationSpec

_PLAIN = re.compile(r"[a-z0-9][a-z0-9._-]{0,79}")


def replication_id(model: str, data: str) -> str:
    """Folder name of the replication of a paper on one model and data source.

    Of a local model only the last part of its path, which else would tell whose machine it was.
    """
    shown = Path(model).name if model.startswith("path:") else model.removeprefix("hf:")
    slug = re.sub(r"[^a-z0-9.]+", "-", shown.lower().removeprefix("path:"))
    return slug.strip("-.") + ("" if data == "generated" else f"-{data}")


def require_plain(option: str, name: str) -> str:
    """The name, which becomes a folder's. Raises `HarnessError` where it is not plain."""
    if not _PLAIN.fullmatch(name):
        raise HarnessError(
            f"{option}: {name!r}: valid: lower-case letters, digits, '.', '_' and '-', "
            "a letter or digit first, 80 at most"
        )
    return name


def shareable(model: str) -> str:
    """A local model below the home folder without the name of whose home that is."""
    home = f"path:{Path.home()}/"
    return f"path:~/{model.removeprefix(home)}" if model.startswith(home) else model


def require_about(root: Path, model: str) -> None:
    """Raises `HarnessError` where the replication that is there is about other models."""
    experiments = ReplicationSpec.load(root / "replication.yaml").experiments
    used = sorted({experiment.model for experiment in experiments})
    if model not in used:
        raise HarnessError(
            f"{root / 'replication.yaml'}: is about {', '.join(used)}, not {model}; "
            "give the new one another name: --id NAME"
        )
