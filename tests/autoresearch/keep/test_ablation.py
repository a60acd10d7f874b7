from harness.autoresearch.keep.ablation import needed
from harness.autoresearch.task import KeepRule

RULE = KeepRule(margin=0.5, ablation_seeds=3)


def test_a_change_is_needed_where_leaving_it_out_costs_the_margin_on_average() -> None:
    assert needed(RULE, [1.0, 0.25, 0.25]) is True
    assert needed(RULE, [1.0, 0.0, 0.25]) is False


def test_a_change_that_is_missed_by_several_margins_takes_one_seed() -> None:
    assert needed(RULE, [1.5]) is True
    assert needed(RULE, [1.4]) is None


def test_a_change_that_is_not_missed_at_first_takes_one_seed() -> None:
    assert needed(RULE, [0.0]) is False
    assert needed(RULE, [-1.0]) is False
    assert needed(RULE, [0.1, 0.1]) is None
