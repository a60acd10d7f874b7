"""Artefacts by content: trained weights and recipes, each named by its SHA-256."""

import hashlib
import json
import re
from pathlib import Path

from pydantic import ValidationError

from harness.autoresearch.candidate import Candidate
from harness.record import HarnessError, write_bytes

_SHA256 = re.compile(r"[0-9a-f]{64}")
_READ_ONLY = 0o444


class Store:
    """A folder of files that never change."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def put(self, content: bytes) -> str:
        """Keep it; its SHA-256. What is there already stays, and what was damaged is mended.

        Raises `HarnessError` where the disk is full.
        """
        sha256 = hashlib.sha256(content).hexdigest()
        path = self._path(sha256)
        if not path.exists() or path.read_bytes() != content:
            write_bytes(path, content)
        path.chmod(_READ_ONLY)
        return sha256

    def get(self, sha256: str) -> bytes:
        """The content. Raises `HarnessError` where it is missing or no longer what was put."""
        path = self._path(sha256)
        try:
            content = path.read_bytes()
        except FileNotFoundError as error:
            raise HarnessError(f"{path}: this artefact is missing") from error
        except OSError as error:
            raise HarnessError(f"{path}: cannot be read: {error.strerror}") from error
        if hashlib.sha256(content).hexdigest() != sha256:
            raise HarnessError(f"{path}: altered: its SHA-256 is no longer its name")
        return content

    def has(self, sha256: str) -> bool:
        """Whether a file of that name is there; `get` says whether it is sound."""
        return self._path(sha256).is_file()

    def put_candidate(self, candidate: Candidate) -> str:
        """Keep a recipe; its digest."""
        # The canonical JSON that a record's digest is of, so that one name serves for both.
        sha256 = self.put(json.dumps(candidate.model_dump(mode="json"), sort_keys=True).encode())
        assert sha256 == candidate.digest, (sha256, candidate.digest)
        return sha256

    def candidate(self, digest: str) -> Candidate:
        """A recipe. Raises `HarnessError` as `get` does, and where it is something else."""
        content = self.get(digest)
        try:
            found = Candidate.model_validate_json(content)
        except ValidationError as error:
            raise HarnessError(f"{self._path(digest)}: this artefact is no recipe") from error
        if found.digest != digest:
            raise HarnessError(f"{self._path(digest)}: a recipe of another digest")
        return found

    def _path(self, sha256: str) -> Path:
        if not _SHA256.fullmatch(sha256):
            raise HarnessError(f"{sha256!r} is no SHA-256: 64 hexadecimal digits")
        return self._folder / sha256
