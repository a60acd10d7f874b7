"""Sprints, asked after trials whose ends and ideas are written down."""

import pytest

from harness.autoresearch.policies.policy import Ask
from harness.autoresearch.policies.sprints import Sprints
from tests.autoresearch.policies.played import (
    BASELINE,
    End,
    invalid,
    kept,
    loophole,
    played,
    refused,
    rejected,
)

NEW = Ask(BASELINE, "improve")


def test_a_sprint_begins_without_an_idea_and_goes_on_with_the_proposers() -> None:
    asks = played(Sprints(), rejected(0.01, idea="tilt"))
    assert asks == [NEW, Ask("c1", "improve", "tilt")]


def test_a_proposal_without_an_idea_is_a_sprint_of_one() -> None:
    assert played(Sprints(), rejected(0.01), rejected(0.01)) == [NEW] * 3


def test_a_sprint_goes_on_from_its_best_trial() -> None:
    asks = played(Sprints(), rejected(0.03, idea="tilt"), rejected(0.01), rejected(-0.1))
    assert asks[1:] == [Ask("c1", "improve", "tilt")] * 3


def test_a_kept_trial_is_gone_on_from() -> None:
    assert played(Sprints(), kept("tilt"))[-1] == Ask("c1", "improve", "tilt")


def test_a_sprint_has_four_trials_at_most() -> None:
    good = rejected(0.01, idea="tilt")
    assert [ask.idea for ask in played(Sprints(), good, good, good, good)] == [
        None,
        *["tilt"] * 3,
        None,
    ]


@pytest.mark.parametrize(
    "failure", [rejected(-0.1), rejected(None), rejected(0.1, "gate"), refused(), loophole()]
)
def test_two_failures_in_a_row_end_a_sprint(failure: End) -> None:
    asks = played(Sprints(), rejected(0.01, idea="tilt"), failure, failure)
    assert [ask.idea for ask in asks] == [None, "tilt", "tilt", None]


def test_a_failure_between_two_that_lead_on_ends_nothing() -> None:
    asks = played(Sprints(), rejected(-0.1, idea="tilt"), rejected(0.01), rejected(-0.1))
    assert [ask.idea for ask in asks] == [None, "tilt", "tilt", "tilt"]


def test_what_does_not_run_is_mended_once_within_the_sprint() -> None:
    asks = played(Sprints(), invalid("tilt"), invalid())
    assert asks == [NEW, Ask("c1", "debug", "tilt"), NEW]


def test_another_idea_is_another_sprint() -> None:
    asks = played(
        Sprints(), rejected(-0.1, idea="tilt"), rejected(-0.1, idea="anneal"), rejected(-0.1)
    )
    assert [ask.idea for ask in asks] == [None, "tilt", "anneal", None]
