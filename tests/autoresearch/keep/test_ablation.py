from harness.autoresearch.keep.ablation import needed
from harness.autoresearch.task import KeepRule

RULE = KeepRule(margin=0.5, ablation_seeds=3)


def test_a_change_is_needed_where_leaving_it_out_costs_the_margin() -> None:
    assert needed(RULE, [1.0, 0.25, 0.25])
    assert not needed(RULE, [1.0, 0.0, 0.25])


def test_a_change_that_does_harm_is_not_needed() -> None:
    assert not needed(RULE, [-1.0, -2.0, -1.5])
