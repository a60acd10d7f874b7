"""What an agent leaves in its folder: a few files by their names, each bounded, links refused."""

import os
import stat
from pathlib import Path

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from harness.plain_text import plain

MOST_BYTES = 256 * 1024
"""Of one file."""
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_LONGEST_TITLE, _LONGEST_REASON, _LONGEST_IDEA = 120, 1_200, 400
_IDEAS: TypeAdapter[list[str]] = TypeAdapter(list[str])


class Unfit(Exception):
    """A file is none that can be taken; in words of ours."""


class Words(BaseModel):
    """`proposal.json`: what the agent calls its change. Other keys are let pass."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    title: str = ""
    reason: str = ""
    idea: str | None = None


def read_left(folder: Path, name: str) -> str | None:
    """The text of a file right in the folder; `None` where there is none.

    Raises `Unfit` for a link, a pipe, more than `MOST_BYTES`, or what is no UTF-8.
    """
    try:
        place = os.open(folder, _FOLDER)
        try:
            file = os.open(name, _FILE, dir_fd=place)
        finally:
            os.close(place)
    except FileNotFoundError:
        return None
    except OSError as error:
        told = f"{name}: a link, or nothing that can be read: {error.strerror}"
        raise Unfit(told) from error
    if not stat.S_ISREG(os.fstat(file).st_mode):
        os.close(file)
        raise Unfit(f"{name}: not a regular file")
    with os.fdopen(file, "rb") as stream:
        content = stream.read(MOST_BYTES + 1)
    if len(content) > MOST_BYTES:
        raise Unfit(f"{name}: over {MOST_BYTES:,} bytes")
    try:
        return content.decode()
    except UnicodeDecodeError as error:
        raise Unfit(f"{name}: not text in UTF-8") from error


def words_of(text: str | None, last: str | None) -> Words:
    """What `proposal.json` says; `last`, the agent's last words, stands in for the reason."""
    try:
        said = Words() if text is None else Words.model_validate_json(text)
    except ValidationError:
        said = Words()
    return Words(
        title=plain(said.title, _LONGEST_TITLE) or "untitled",
        reason=plain(said.reason or last or "", _LONGEST_REASON) or "none given",
        idea=plain(said.idea, _LONGEST_IDEA) or None if said.idea else None,
    )


def ideas_of(text: str | None, most: int) -> tuple[str, ...]:
    """What `ideas.json` lists; none where it is no list of texts."""
    try:
        listed = [] if text is None else _IDEAS.validate_json(text)
    except ValidationError:
        return ()
    found = (plain(each, _LONGEST_IDEA) for each in listed)
    return tuple(each for each in found if each)[:most]
