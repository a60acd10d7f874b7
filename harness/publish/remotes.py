"""Remote repositories: which one is meant, what heads it has, and their commits fetched.

Fetching moves no ref of the repository: commits are known by their hashes.
"""

import os
from collections.abc import Iterable
from typing import NamedTuple

from harness.problems import did_you_mean
from harness.publish.address import Address, parse_address, parse_name
from harness.publish.checkout import Checkout, Ran
from harness.publish.failure import RemoteError, said
from harness.record import HarnessError

_SECONDS = 300
_HEADS = "refs/heads/"


class Remote(NamedTuple):
    """A remote by its name, and where it lies on GitHub."""

    name: str
    address: Address | None
    """`None` where it lies elsewhere."""


class Remotes(NamedTuple):
    """Where the pull request goes to, and where the branch is pushed to."""

    base: Remote
    fork: Remote
    """The same remote where nobody forked."""


def find_remotes(checkout: Checkout, name: str, owner: str | None) -> Remotes:
    """The remote of that name, and that of the fork's owner.

    Raises `HarnessError` with the remotes there are.
    """
    known = {each: _remote(checkout, each) for each in _names(checkout)}
    if name not in known:
        there = did_you_mean(name, list(known)) if known else "; git remote add NAME URL adds one"
        raise HarnessError(f"--remote: no remote {name!r} in this repository{there}")
    base = known[name]
    base = base._replace(address=base.address or parse_name(_named_repository()))
    fork = base if owner is None else _owned(known.values(), base, owner)
    _require_one_place(checkout, fork)
    return Remotes(base, fork)


def default_branch(checkout: Checkout, remote: Remote) -> str:
    """Name of the branch that the remote's HEAD stands on."""
    for line in _listed(checkout, "--symref", remote.name, "HEAD"):
        if line.startswith(f"ref: {_HEADS}") and line.endswith("\tHEAD"):
            return line.removeprefix(f"ref: {_HEADS}").removesuffix("\tHEAD")
    raise HarnessError(f"{remote.name}: it names no default branch; give --base BRANCH")


def heads(checkout: Checkout, remote: Remote) -> dict[str, str]:
    """Hash of the commit of every branch of a remote."""
    lines = (line.split("\t") for line in _listed(checkout, "--heads", remote.name))
    return {ref.removeprefix(_HEADS): commit for commit, ref in lines}


def fetch(checkout: Checkout, remote: Remote, branches: Iterable[str]) -> None:
    """Bring the commits of branches here. Raises `RemoteError` where that cannot be done."""
    options = ("--no-tags", "--no-write-fetch-head", "--no-recurse-submodules", "--no-auto-gc")
    refs = [f"{_HEADS}{branch}" for branch in branches]
    ran = checkout.run(
        "fetch", *options, "--quiet", "--refmap=", "--", remote.name, *refs, seconds=_SECONDS
    )
    _require(ran, f"{remote.name}: cannot be fetched from")


def _names(checkout: Checkout) -> list[str]:
    return checkout.line("remote").splitlines()


def _remote(checkout: Checkout, name: str) -> Remote:
    """By its address as it is written, and as git rewrites it."""
    written = checkout.run("config", "--get", f"remote.{name}.url").out.decode(errors="replace")
    used = checkout.run("remote", "get-url", "--", name).out.decode(errors="replace")
    return Remote(name, parse_address(written) or parse_address(used))


def _named_repository() -> str:
    return os.environ.get("GITHUB_REPOSITORY", "")


def _owned(remotes: Iterable[Remote], base: Remote, owner: str) -> Remote:
    """The remote that lies with an owner, or bears the owner's name."""
    found = [each for each in remotes if owner in (each.name, each.address and each.address.owner)]
    if not found:
        there = ", ".join(_with_owner(each) for each in remotes)
        name = base.address.name if base.address else "NAME"
        raise HarnessError(
            f"--fork: no remote lies with {owner!r}; there are {there}; "
            f"git remote add {owner} https://github.com/{owner}/{name}.git adds it"
        )
    chosen = next((each for each in found if each.name == owner), found[0])
    if chosen.address is None and base.address is not None:
        return chosen._replace(address=base.address._replace(owner=owner))
    return chosen


def _with_owner(remote: Remote) -> str:
    return f"{remote.name} ({remote.address.owner})" if remote.address else remote.name


def _require_one_place(checkout: Checkout, remote: Remote) -> None:
    """A branch is looked up where it is pushed to."""
    pull = checkout.line("remote", "get-url", "--", remote.name)
    push = checkout.line("remote", "get-url", "--push", "--all", "--", remote.name)
    if pull != push:
        raise HarnessError(
            f"{remote.name}: git pushes elsewhere than it fetches from; make the other place a "
            "remote of its own and name it by --fork"
        )


def _listed(checkout: Checkout, *arguments: str) -> list[str]:
    ran = checkout.run("ls-remote", "--quiet", *arguments, seconds=_SECONDS)
    _require(ran, f"{arguments[1]}: cannot be reached")
    return ran.out.decode(errors="replace").splitlines()


def _require(ran: Ran, fault: str) -> None:
    if ran.code != 0:
        raise RemoteError(f"{fault}: {said(ran.told)}")
