"""Which way to GitHub is open: a token, a program that is signed in, or none."""

import os

from harness.publish.address import Address
from harness.publish.gh import Gh, find_gh, is_signed_in
from harness.publish.github import API, GitHub
from harness.publish.proposal import Opener


def find_way(repository: Address | None, *, ask: bool = True) -> Opener | None:
    """GITHUB_TOKEN first, then `gh`; `None` where a person has to open the pull request.

    Without `ask`, `gh` is taken to be signed in where it is installed. A token goes to
    GITHUB_API_URL, and without one to api.github.com for repositories of github.com alone. Raises
    `HarnessError` for a token or an address that cannot be one.
    """
    if repository is None:
        return None
    token, api = os.environ.get("GITHUB_TOKEN", ""), os.environ.get("GITHUB_API_URL", "")
    if token and (api or repository.host == "github.com"):
        return GitHub(api or API, repository, token)
    program = find_gh()
    if program is not None and (not ask or is_signed_in(program, repository.host)):
        return Gh(program, repository)
    return None
