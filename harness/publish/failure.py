"""What failed outside of this machine, and the words of the program that says so."""

import os
import re
from collections.abc import Mapping

_CREDENTIALS = re.compile(r"//[^@/\s]*@")
"""User and password, or a token, in an address."""
_TOKENS = ("GITHUB_TOKEN", "GH_TOKEN", "GH_ENTERPRISE_TOKEN", "GITHUB_ENTERPRISE_TOKEN")
_LONGEST = 300


class RemoteError(Exception):
    """A remote repository or a service refused, broke off or did not answer."""


def said(text: str, environment: Mapping[str, str] = os.environ) -> str:
    """The last telling line of what a program said: printable, short, and no credential in it."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    telling = [line for line in lines if line.startswith(("fatal:", "error:", "remote:", "!"))]
    chosen = (telling or lines or ["it said nothing"])[-1]
    return without_credentials(chosen, environment)


def without_credentials(text: str, environment: Mapping[str, str] = os.environ) -> str:
    """The text on one line of printable characters, at most 300, without credentials."""
    text = _CREDENTIALS.sub("//", text)
    for name in _TOKENS:
        if environment.get(name):
            text = text.replace(environment[name], f"({name})")
    return "".join(char if char.isprintable() else " " for char in text)[:_LONGEST]
