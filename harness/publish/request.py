"""What the user asks for."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Request:
    """Where a proposal goes to, and how far."""

    remote: str = "origin"
    """The remote of the repository that the pull request goes to."""
    base: str | None = None
    """Branch that it goes into; the remote's default branch if `None`."""
    fork: str | None = None
    """Owner of the fork that the branch is pushed to; the remote itself if `None`."""
    dry_run: bool = False
    """Look, and write nothing."""
    patch: bool = False
    """Write files to send, and push nothing."""
