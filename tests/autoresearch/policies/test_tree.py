"""Tree search, asked after trials whose ends are written down."""

from harness.autoresearch.policies.policy import Ask
from harness.autoresearch.policies.tree import Tree
from tests.autoresearch.policies.played import (
    BASELINE,
    invalid,
    kept,
    loophole,
    played,
    refused,
    rejected,
)

DRAFT = Ask(BASELINE, "draft")
POOR = rejected(-0.1)


def test_three_drafts_come_first_and_then_the_incumbent() -> None:
    assert played(Tree(), POOR, POOR, POOR) == [DRAFT] * 3 + [Ask(BASELINE, "improve")]


def test_the_best_node_is_improved_though_it_was_not_kept() -> None:
    asks = played(Tree(), rejected(0.01), rejected(0.03), rejected(0.02), rejected(0.04))
    assert asks[-2:] == [Ask("c2", "improve"), Ask("c4", "improve")]


def test_a_new_incumbent_is_held_against_no_gain_over_an_old_one() -> None:
    assert played(Tree(), rejected(0.5), kept(), POOR)[-1] == Ask("c2", "improve")
    assert played(Tree(), rejected(0.5), kept(), rejected(0.01))[-1] == Ask("c3", "improve")


def test_what_failed_at_guardrail_or_gate_is_not_built_on() -> None:
    failed = rejected(0.5, "guardrail"), rejected(0.5, "gate"), rejected(None)
    assert played(Tree(), *failed)[-1] == Ask(BASELINE, "improve")


def test_what_does_not_run_is_mended_at_once() -> None:
    asks = played(Tree(), invalid(), POOR, POOR)
    assert asks == [DRAFT, Ask("c1", "debug"), DRAFT, DRAFT]


def test_a_mend_that_does_not_run_is_mended_itself_and_then_given_up() -> None:
    asks = played(Tree(), invalid(), invalid(), invalid())
    assert asks[1:] == [Ask("c1", "debug"), Ask("c2", "debug"), DRAFT]


def test_a_mend_that_is_not_run_leaves_the_broken_one_to_mend() -> None:
    asks = played(Tree(), invalid(), refused(), loophole())
    assert asks[1:] == [Ask("c1", "debug"), Ask("c1", "debug"), DRAFT]


def test_a_mend_that_runs_ends_the_line() -> None:
    assert played(Tree(), invalid(), invalid(), POOR)[-1] == DRAFT
