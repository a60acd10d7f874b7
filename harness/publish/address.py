"""Where a repository lies on GitHub, from the address that git has for it."""

import re
from typing import NamedTuple

_PART = r"[A-Za-z0-9_.-]+"
_END = rf"(?P<owner>{_PART})/(?P<name>{_PART}?)(?:\.git)?/?"
_FORMS = (
    re.compile(rf"(?:https?|ssh|git)://(?:[^@/\s]*@)?(?P<host>[\w.-]+)(?::\d+)?/{_END}"),
    re.compile(rf"(?:[\w.-]+@)?(?P<host>[\w-]+(?:\.[\w-]+)+):{_END}"),
)
_OWN_NAME = re.compile(rf"({_PART})/({_PART})")
_SSH_HOST = {"ssh.github.com": "github.com"}
"""Where GitHub answers ssh on the port of https."""


class Address(NamedTuple):
    """`https://HOST/OWNER/NAME`. It never holds a user or a token."""

    host: str
    owner: str
    name: str

    @property
    def path(self) -> str:
        """`OWNER/NAME`."""
        return f"{self.owner}/{self.name}"

    @property
    def page(self) -> str:
        """The repository's page."""
        return f"https://{self.host}/{self.path}"


def parse_address(url: str) -> Address | None:
    """From https, ssh or `git@host:owner/name`; `None` for a folder on disk or another form."""
    for form in _FORMS:
        found = form.fullmatch(url.strip())
        if found is not None:
            host = found["host"].lower()
            return Address(_SSH_HOST.get(host, host), found["owner"], found["name"])
    return None


def parse_name(text: str) -> Address | None:
    """From `OWNER/NAME`, as GITHUB_REPOSITORY gives it."""
    found = _OWN_NAME.fullmatch(text)
    return Address("github.com", found[1], found[2]) if found else None
