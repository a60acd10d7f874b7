"""Propose a finished replication, or a paper's spec: one commit, on a branch, in a pull request."""

from harness.publish.failure import RemoteError
from harness.publish.paper import publish_paper
from harness.publish.published import Published, Step
from harness.publish.replication import publish
from harness.publish.request import Request

__all__ = ["Published", "RemoteError", "Request", "Step", "publish", "publish_paper"]
