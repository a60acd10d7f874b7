"""The folder that holds `papers/` and `replications/`."""

from pathlib import Path

from harness.record import HarnessError


def find_project(start: Path | None = None) -> Path:
    """The nearest folder with `papers/`: here, above, or the checkout that is installed.

    Raises `HarnessError` where there is none.
    """
    here = (start or Path.cwd()).resolve()
    checkout = Path(__file__).resolve().parents[1]
    for folder in (here, *here.parents, checkout):
        if (folder / "papers").is_dir():
            return folder
    raise HarnessError(f"{here}: no folder papers/ here or above; run inside a checkout")


def resolve_root(path: Path) -> Path:
    """A replication's folder, given from here or from the project's folder."""
    return path if path.exists() else find_project() / path
