import hashlib

import pytest

from harness.data.statements import Statement, StatementSet, pair_unit
from harness.record import HarnessError

LODZ = Statement("The city of Lodz is in Poland.", True, "Lodz", "Poland", "Lodz|Poland")
LIMA = Statement("The city of Lima is in Japan.", False, "Lima", "Peru", "Lima|Japan")


def a_set(*statements: Statement) -> StatementSet:
    return StatementSet(name="cities", source="generated", statements=statements)


def test_hash_is_that_of_the_canonical_json_lines() -> None:
    line = (
        '{"contrast":"Lodz|Poland","country":"Poland","label":true,'
        '"text":"The city of Lodz is in Poland.","unit":"Lodz"}\n'
    )
    assert a_set(LODZ).sha256 == hashlib.sha256(line.encode()).hexdigest()


def test_hash_tells_order_and_labels_apart() -> None:
    sets = [a_set(LODZ, LIMA), a_set(LIMA, LODZ), a_set(LODZ, LIMA._replace(label=True))]
    assert len({given.sha256 for given in sets}) == 3


def test_texts_labels_and_groups_keep_the_order() -> None:
    given = a_set(LODZ, LIMA)
    assert given.texts == (LODZ.text, LIMA.text)
    assert given.labels == (True, False)
    assert given.groups("unit") == ("Lodz", "Lima")
    assert given.groups("country") == ("Poland", "Peru")


def test_grouping_by_a_country_that_there_is_not_is_refused() -> None:
    with pytest.raises(HarnessError, match="cities: its statements have no country"):
        a_set(LODZ, LIMA._replace(country=None)).groups("country")


def test_unit_of_a_pair_does_not_depend_on_the_order() -> None:
    assert pair_unit("52", "51") == pair_unit("51", "52") == "51|52"
