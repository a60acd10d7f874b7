"""Propose a finished replication: its folder as one commit, on a branch, in a pull request."""

from harness.publish.failure import RemoteError
from harness.publish.prepare import Request
from harness.publish.publish import publish
from harness.publish.published import Published, Step

__all__ = ["Published", "RemoteError", "Request", "Step", "publish"]
