"""How a search stands; the toy task's plateau is four trials."""

from harness.autoresearch.policies.plateau import state
from tests.autoresearch.policies.played import invalid, kept, refused, rejected, waited

POOR = rejected(-0.1)


def test_a_search_goes_on_until_the_plateau() -> None:
    assert state(waited()) == "searching"
    assert state(waited(POOR, POOR, POOR)) == "searching"
    assert state(waited(POOR, POOR, refused(), invalid())) == "plan"


def test_a_keep_begins_the_count_anew() -> None:
    assert state(waited(POOR, POOR, POOR, kept(), POOR, POOR, POOR)) == "searching"


def test_after_the_plan_it_looks_far_for_as_many_trials_and_stops() -> None:
    assert state(waited(*[POOR] * 4, planned_after=4)) == "wide"
    assert state(waited(*[POOR] * 7, planned_after=4)) == "wide"
    assert state(waited(*[POOR] * 8, planned_after=4)) == "stop"


def test_a_second_plateau_is_not_planned_on_again() -> None:
    ends = [*[POOR] * 5, kept(), *[POOR] * 4]
    assert state(waited(*ends[:-1], planned_after=4)) == "searching"
    assert state(waited(*ends, planned_after=4)) == "wide"
    assert state(waited(*ends, *[POOR] * 4, planned_after=4)) == "stop"
