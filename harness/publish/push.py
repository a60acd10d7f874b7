"""Push a commit to a branch: forward only, with the user's own git credentials."""

from harness.publish.checkout import Checkout
from harness.publish.failure import RemoteError, said
from harness.publish.remotes import Remote

_SECONDS = 600
_BEHIND = (
    "(fetch first)",
    "(non-fast-forward)",
    "(failed to update ref)",
    "(incorrect old value provided)",
    "cannot lock ref",
)
"""How git says that a branch is no longer where it was looked up."""


def push(checkout: Checkout, remote: Remote, branch: str, commit: str) -> str | None:
    """Move the remote's branch forward to a commit; git's reason where the branch had moved.

    Never forces. Raises `RemoteError` for a refusal, and for a push that breaks off.
    """
    options = ("--porcelain", "--no-follow-tags", "--recurse-submodules=no")
    ran = checkout.run(
        *("push", *options, "--", remote.name, f"{commit}:refs/heads/{branch}"), seconds=_SECONDS
    )
    if ran.code == 0:
        return None
    lines = ran.out.decode(errors="replace").splitlines()
    refused = [line.rpartition("\t")[2] for line in lines if line.startswith("!")]
    if not refused:
        raise RemoteError(f"the push to {remote.name} broke off: {said(ran.told)}")
    if any(mark in refused[0] for mark in _BEHIND):
        return said(refused[0])
    words = [line for line in ran.err.splitlines() if line.startswith("remote:")]
    told = "; ".join(said(each) for each in (refused[0], *words[:1]))
    raise RemoteError(f"{remote.name} refuses {branch}: {told}")
