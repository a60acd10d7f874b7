"""The policy that a name stands for."""

from typing import assert_never

from harness.autoresearch.ledger.event import PolicyName
from harness.autoresearch.policies.incumbent import FromIncumbent
from harness.autoresearch.policies.policy import Policy
from harness.autoresearch.policies.sprints import Sprints
from harness.autoresearch.policies.tree import Tree


def policy_for(name: PolicyName) -> Policy:
    """By the name that `--policy` takes."""
    match name:
        case "optuna" | "greedy":
            return FromIncumbent()
        case "tree":
            return Tree()
        case "sprints":
            return Sprints()
        case _:
            assert_never(name)
