"""Sets on the Hugging Face hub: only the files that a set consists of are downloaded."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from harness.record import HarnessError
from harness.transcoders.places import NAME
from harness.transcoders.token_file import HELDOUT

CONFIG = "config.yaml"
_URL = re.compile(
    r"hf://(?P<repo>[\w.-]+/[\w.-]+)/(?P<file>[^?]+)(?:\?revision=(?P<revision>[\w./-]+))?"
)
_OF_A_SET = [
    *(CONFIG, NAME, HELDOUT),
    *("layer_*.safetensors", "W_*.safetensors", "probe_*.safetensors"),
]


class Source(NamedTuple):
    """Where the files of a set come from."""

    folder: Path
    repo: str | None = None
    """On the hub; `None` for a folder of this machine."""
    revision: str | None = None


def open_ref(ref: str) -> Source:
    """The folder that `hf:ORG/NAME[@revision]` or `path:DIRECTORY` stands for, with its
    `config.yaml`; on the hub without the rest. Raises `HarnessError`."""
    if ref.startswith("path:"):
        return Source(Path(ref.removeprefix("path:")).expanduser())
    repo, _, revision = ref.removeprefix("hf:").partition("@")
    return Source(download(repo, revision or None, [CONFIG]), repo, revision or None)


def with_layers(source: Source) -> Path:
    """The source's folder with the files that have circuit-tracer's own names."""
    if source.repo is None:
        return source.folder
    return download(source.repo, source.revision, _OF_A_SET)


def named_file(source: Source, entry: str) -> Path:
    """One file of the list in a `config.yaml`: a path below the folder, or hf://ORG/NAME/FILE."""
    if entry.startswith("hf://"):
        matched = _URL.fullmatch(entry)
        if matched is None:
            raise HarnessError(
                f"{source.folder / CONFIG}: transcoders: {entry!r}; expected "
                "hf://ORG/NAME/FILE[?revision=REVISION]"
            )
        return download(matched["repo"], matched["revision"], [matched["file"]]) / matched["file"]
    if source.repo is None:
        return source.folder / entry
    return download(source.repo, source.revision, [entry]) / entry


def download(repo: str, revision: str | None, patterns: Sequence[str]) -> Path:
    """The local folder of a repository with at least the files of these patterns.

    Raises `HarnessError` where the hub cannot be reached and they are not there.
    """
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HfHubHTTPError, LocalEntryNotFoundError

    try:
        return Path(snapshot_download(repo, revision=revision, allow_patterns=list(patterns)))
    except (HfHubHTTPError, LocalEntryNotFoundError, OSError) as error:
        raise HarnessError(f"hf:{repo}: cannot be downloaded: {error}") from error
