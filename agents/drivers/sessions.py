"""Sessions that a program keeps in its home, to be gone on with."""

import re
from pathlib import Path

_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def kept_session(session: str | None, folder: Path, pattern: str) -> str | None:
    """The session, where the folder has a file of it; `{}` in the pattern stands for its id.

    A program that was killed early names a session that it has not written down.
    """
    if session is None or not _ID.fullmatch(session):
        return None
    return session if any(folder.glob(pattern.format(session))) else None


def begun_anew(session: str) -> str:
    """What is told of a session that is not kept."""
    return f"session {session[:36]}: not kept by the program; begun anew"
