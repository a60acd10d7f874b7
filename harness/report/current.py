"""Whether the report on disk is what the inputs and this code would give, so it need not be drawn.

The stamp lies in the cache folder and is never committed; without it the report is written anew.
"""

import json
from collections.abc import Iterable, Mapping
from hashlib import sha256
from pathlib import Path

from harness.cache_dir import cache_dir
from harness.record import write_text
from harness.replication import Replication

_INPUTS = ("replication.yaml", "manifest.json", "measurements/*.json*", "artifacts/*")
_CODE = Path(__file__).parents[1]


def inputs_digest(replication: Replication) -> str:
    """Of every file that the report is made from, and of the code that makes it."""
    root, paper = replication.root, replication.project / "papers" / replication.paper.id
    inputs = [path for pattern in _INPUTS for path in sorted(root.glob(pattern))]
    code = [*sorted(_CODE.rglob("*.py")), *sorted(_CODE.rglob("*.css"))]
    return sha256("\n".join(_named([*inputs, paper / "paper.yaml", *code])).encode()).hexdigest()


def is_current(root: Path, digest: str) -> bool:
    """Whether the files that were written from just these inputs still stand unchanged."""
    stamp = _stamp(root, digest)
    if not stamp.exists():
        return False
    written: dict[str, str] = json.loads(stamp.read_text())
    return all(_is(root / name, expected) for name, expected in written.items())


def remember(root: Path, digest: str, files: Mapping[str, bytes]) -> None:
    """Note what was written from these inputs."""
    hashes = {name: sha256(content).hexdigest() for name, content in files.items()}
    write_text(_stamp(root, digest), json.dumps(hashes))


def _stamp(root: Path, digest: str) -> Path:
    place = sha256(f"{root} {digest}".encode()).hexdigest()
    return cache_dir() / "reports" / f"{place}.json"


def _is(path: Path, expected: str) -> bool:
    return path.is_file() and sha256(path.read_bytes()).hexdigest() == expected


def _named(paths: Iterable[Path]) -> list[str]:
    return [f"{path.name} {sha256(path.read_bytes()).hexdigest()}" for path in paths]
