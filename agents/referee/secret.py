"""Keys: read from the environment, and taken out of whatever is kept."""

import os

from agents.referee.panel_spec import Member
from harness.record import HarnessError

HIDDEN = "[key]"
_SHORTEST_KEY = 8
NO_KEY = "none"
"""Sent to a server that needs no key, so that no other key is."""


def key_of(member: Member) -> str:
    """The member's key. Raises `HarnessError` naming the variable that is not set."""
    if member.key_variable is None:
        return NO_KEY
    key = os.environ.get(member.key_variable, "").strip()
    if not key:
        raise HarnessError(
            f"members: {member.id}: the environment variable {member.key_variable} is not set"
        )
    if not (key.isascii() and key.isprintable()):
        raise HarnessError(
            f"members: {member.id}: {member.key_variable} holds characters that no key has"
        )
    return key


def without_key(text: str, key: str) -> str:
    """The text with the key replaced, wherever a server may have repeated it.

    Done before a text is cut, since half a key is found no more. What is shorter than a key can be
    is a word that stands in for one, and is left alone.
    """
    return text if len(key) < _SHORTEST_KEY else text.replace(key, HIDDEN)
