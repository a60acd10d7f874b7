from collections import Counter
from collections.abc import Callable

import pytest

from harness.data.catalogue import load_statements
from harness.data.numbers import COMPARED
from harness.data.statements import StatementSet


def test_numbers_compared_are_those_with_names_of_two_parts() -> None:
    assert len(COMPARED) == 45
    assert {51, 59, 61, 99} <= set(COMPARED)
    assert not {50, 60, 90, 100} & set(COMPARED)


def test_first_number_larger_is_what_makes_the_statement_true() -> None:
    found = {
        statement.contrast: statement for statement in load_statements("larger_than").statements
    }
    assert found["51|52"][:3] == ("Fifty-one is larger than fifty-two.", False, "51|52")
    assert found["52|51"][:3] == ("Fifty-two is larger than fifty-one.", True, "51|52")


def test_smaller_set_holds_both_orders_of_each_of_its_pairs() -> None:
    units = load_statements("smaller_than", size=100, seed=7).groups("unit")
    assert set(Counter(units).values()) == {2}


def test_seed_chooses_the_pairs_of_a_smaller_set() -> None:
    first, second = (load_statements("larger_than", size=100, seed=seed) for seed in (0, 1))
    assert set(first.groups("unit")) != set(second.groups("unit"))


@pytest.mark.parametrize("name", ["larger_than", "smaller_than"])
def test_generated_set_is_the_original_statement_for_statement(
    name: str, load_original: Callable[[str], StatementSet]
) -> None:
    assert load_statements(name).sha256 == load_original(name).sha256
