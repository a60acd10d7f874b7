"""What the predecessor harness has: its replications, who did them, and what they judged by.

Its layout: `config/papers/PAPER/replications/ID/{metadata,paper_config}.yaml`, `config/models.yaml`
and `results/PAPER/ID/MODEL/CLAIM/result.json`. Every text in it is taken for hostile.
"""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple, cast

from harness.imports.git_source import GitSource
from harness.record import HarnessError, parse_yaml

_METADATA = re.compile(r"config/papers/([\w-]+)/replications/([\w.-]+)/metadata\.yaml")
_HANDLE = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,38})")
_KEY = re.compile(r"\w{1,60}")
_MODEL = re.compile(r"\w[\w.-]*/\w[\w.-]*")
_MOST_YAML_BYTES = 1 << 18


class Judged(NamedTuple):
    """By what they judged one of their claims."""

    metric: str
    threshold: float


class Theirs(NamedTuple):
    """One replication of theirs."""

    paper: str
    id: str
    author: str
    """Name and handle."""
    handle: str
    models: dict[str, str]
    """Name on the hub by their key."""
    judged: dict[str, Judged]
    """By their claim."""


def find_theirs(source: GitSource) -> list[Theirs]:
    """Every replication there. Raises `HarnessError` with what was looked for where none is."""
    found = [match for path in sorted(source.sizes) if (match := _METADATA.fullmatch(path))]
    if not found:
        raise HarnessError(
            f"{source.repository} at {source.commit[:7]}: no replications; looked for "
            "config/papers/PAPER/replications/ID/metadata.yaml"
        )
    hub = _hub_names(source)
    return [_read(source, match[0], match[1], match[2], hub) for match in found]


def _read(source: GitSource, path: str, paper: str, name: str, hub: Mapping[str, str]) -> Theirs:
    metadata = _yaml(source, path)
    handle = _text(metadata, "github_handle", path)
    if not _HANDLE.fullmatch(handle):
        raise HarnessError(f"{path}: github_handle: {handle!r} is no GitHub handle")
    keys = metadata.get("models_tested")
    if not isinstance(keys, list) or not keys:
        raise HarnessError(f"{path}: models_tested: expected a list of models")
    models: dict[str, str] = {}
    for key in cast("list[object]", keys):
        if not isinstance(key, str) or key not in hub:
            raise HarnessError(
                f"{path}: models_tested: {key!r} is not in config/models.yaml: {', '.join(hub)}"
            )
        models[key] = hub[key]
    author = f"{_text(metadata, 'replicator', path)} (@{handle})"
    config = path.replace("metadata.yaml", "paper_config.yaml")
    return Theirs(paper, name, author, handle, models, dict(_judged(source, config)))


def _judged(source: GitSource, path: str) -> Iterator[tuple[str, Judged]]:
    claims = _yaml(source, path).get("claims")
    for place, each in enumerate(cast("list[object]", claims) if isinstance(claims, list) else []):
        entry = cast("dict[str, Any]", each) if isinstance(each, dict) else {}
        threshold = entry.get("success_threshold")
        if isinstance(threshold, bool) or not isinstance(threshold, int | float):
            raise HarnessError(f"{path}: claims[{place}]: success_threshold: expected a number")
        where = f"{path}: claims[{place}]"
        metric = _text(entry, "success_metric", where)
        yield _text(entry, "id", where), Judged(metric, float(threshold))


def _hub_names(source: GitSource) -> dict[str, str]:
    path = "config/models.yaml"
    models = _yaml(source, path).get("models")
    if not isinstance(models, dict):
        raise HarnessError(f"{path}: models: expected a mapping of keys to models")
    names: dict[str, str] = {}
    for key, entry in cast("dict[object, object]", models).items():
        about = cast("dict[str, Any]", entry) if isinstance(entry, dict) else {}
        name = _text(about, "hf_id", f"{path}: {key}")
        if not isinstance(key, str) or not _KEY.fullmatch(key) or not _MODEL.fullmatch(name):
            raise HarnessError(f"{path}: {key}: {name!r} names no model of the hub")
        names[key] = name
    return names


def _yaml(source: GitSource, path: str) -> dict[str, Any]:
    if source.sizes.get(path, 0) > _MOST_YAML_BYTES:
        raise HarnessError(f"{path}: {source.sizes[path]:,} bytes; too long for a configuration")
    try:
        return parse_yaml(source.read(path).decode(), Path(path))
    except UnicodeDecodeError as error:
        raise HarnessError(f"{path}: not UTF-8 text") from error


def _text(entry: Mapping[str, Any], key: str, where: str) -> str:
    found = entry.get(key)
    if not isinstance(found, str) or not found.isprintable() or not 0 < len(found) <= 100:
        raise HarnessError(f"{where}: {key}: expected a line of text of at most 100 characters")
    return found
