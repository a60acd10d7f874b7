"""Answers that were paid for, kept so that the same request in the same step is not paid again."""

import hashlib
from pathlib import Path

from agents.metering.request import Asked
from harness.record import Record


class Answer(Record):
    """A whole answer as the provider gave it."""

    status: int
    content_type: str
    body: str


class Answers:
    """Files `answers/<sha256>.json`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder / "answers"

    def find(self, step: str, asked: Asked) -> Answer | None:
        """The answer to such a request in that step. Raises `HarnessError` for a spoiled file."""
        path = self._path(step, asked)
        return Answer.load(path) if path.exists() else None

    def keep(self, step: str, asked: Asked, answer: Answer) -> None:
        """Write it, whole or not at all. Raises `HarnessError` where the disk is full."""
        answer.dump(self._path(step, asked))

    def _path(self, step: str, asked: Asked) -> Path:
        key = "\n".join((step, asked.form, asked.digest))
        return self._folder / f"{hashlib.sha256(key.encode()).hexdigest()}.json"
