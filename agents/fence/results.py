"""Which files of a replication the harness writes; nobody else does."""

_FOLDERS = frozenset({"measurements", "artifacts", "figures", "tables"})
_FILES = frozenset({"manifest.json", "verdicts.json", "explorer.json", "reproduce.sh"})


def is_result(path: str) -> bool:
    """By its path from the replication's folder."""
    first, _, rest = path.partition("/")
    if rest:
        return first in _FOLDERS
    return first in _FOLDERS | _FILES or first.startswith("report") or first.endswith(".ipynb")
