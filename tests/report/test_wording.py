from harness.measurement import Condition, Quantity
from harness.report.wording import telling_apart


def named(*settings: dict[str, Condition]) -> list[str]:
    found = [Quantity(metric="next_token_loss", where={"model": "m", **each}) for each in settings]
    return list(telling_apart(found).values())


def test_what_is_ablated_is_said_even_where_it_is_nothing() -> None:
    assert named({"ablated": "name_movers"}, {"ablated": "none"}) == [
        "name movers ablated",
        "nothing ablated",
    ]


def test_a_number_bears_the_name_of_what_it_counts() -> None:
    assert named({"layer": 5}, {"layer": 6}) == ["layer 5", "layer 6"]


def test_other_conditions_speak_for_themselves() -> None:
    assert named({"block": "later"}, {"block": "first"}) == ["later", "first"]
    assert named({"train": "a", "test": "b"}, {"train": "a", "test": "c"}) == ["b", "c"]


def test_quantities_that_differ_in_their_control_alone_bear_its_name() -> None:
    measured = Quantity(metric="accuracy_binary", where={"train": "cities"})
    assert list(telling_apart([measured, measured.under("bag_of_words")]).values()) == [
        "measured",
        "bag of words",
    ]
