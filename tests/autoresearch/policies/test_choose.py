"""The policy that a name stands for."""

from typing import get_args

import pytest

from harness.autoresearch.ledger.event import PolicyName
from harness.autoresearch.policies.choose import policy_for
from harness.autoresearch.policies.policy import Ask
from tests.autoresearch.policies.played import BASELINE, invalid, kept, played, rejected


@pytest.mark.parametrize("name", ["optuna", "greedy"])
def test_hill_climbing_starts_from_the_incumbent_every_time(name: PolicyName) -> None:
    asks = played(policy_for(name), rejected(0.5), kept(), invalid())
    assert [ask.parent for ask in asks] == [BASELINE, BASELINE, "c2", "c2"]
    assert {(ask.how, ask.idea) for ask in asks} == {("improve", None)}


@pytest.mark.parametrize("name", get_args(PolicyName))
def test_every_name_stands_for_a_policy(name: PolicyName) -> None:
    assert played(policy_for(name))[0] in (Ask(BASELINE, "improve"), Ask(BASELINE, "draft"))
