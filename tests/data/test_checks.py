"""Each check refuses a planted fault, and passes the same set without it."""

from collections.abc import Callable

import pytest

from harness.data.catalogue import load_statements
from harness.data.checks import check_balance, check_contrast, check_duplicates, check_split
from harness.data.folds import assign_folds
from harness.data.statements import Statement, StatementSet
from harness.record import HarnessError


@pytest.fixture
def clean() -> StatementSet:
    return load_statements("cities", size=200)


def with_rows(given: StatementSet, statements: tuple[Statement, ...]) -> StatementSet:
    return StatementSet(name=given.name, source=given.source, statements=statements)


def test_clean_set_passes_every_check(clean: StatementSet) -> None:
    check_balance(clean)
    check_duplicates(clean)
    check_contrast(clean, load_statements("neg_cities", size=200))


def test_unbalanced_set_is_refused(clean: StatementSet) -> None:
    unbalanced = with_rows(clean, clean.statements + clean.statements[:40:2])
    with pytest.raises(HarnessError, match="cities: 120 of 220 statements are true"):
        check_balance(unbalanced)


def test_unbalanced_set_passes_where_the_stated_tolerance_allows_it(clean: StatementSet) -> None:
    check_balance(with_rows(clean, clean.statements[1:]), tolerance_fraction=0.01)
    with pytest.raises(HarnessError):
        check_balance(with_rows(clean, clean.statements[1:]), tolerance_fraction=0)


def test_empty_set_is_refused(clean: StatementSet) -> None:
    with pytest.raises(HarnessError, match="cities: the set is empty"):
        check_balance(with_rows(clean, ()))


def test_duplicated_row_is_refused(clean: StatementSet) -> None:
    row = clean.statements[7]
    with pytest.raises(HarnessError, match=f"cities: '{row.text}' occurs more than once"):
        check_duplicates(with_rows(clean, (*clean.statements, row)))


def test_text_that_is_both_true_and_false_is_refused(clean: StatementSet) -> None:
    row = clean.statements[7]
    contradicting = row._replace(label=not row.label)
    with pytest.raises(HarnessError, match=f"'{row.text}' is labelled both true and false"):
        check_duplicates(with_rows(clean, (*clean.statements, contradicting)))


def test_leaked_city_is_refused_and_a_clean_split_passes(clean: StatementSet) -> None:
    units = clean.groups("unit")
    folds = assign_folds(units, n_folds=2, seed=0)
    train = [unit for unit, fold in zip(units, folds, strict=True) if fold == 0]
    test = [unit for unit, fold in zip(units, folds, strict=True) if fold == 1]
    check_split(train, test, name="cities")
    with pytest.raises(
        HarnessError, match=f"cities: unit '{train[0]}' is both in train and in test"
    ):
        check_split(train, [*test, train[0]], name="cities")


@pytest.mark.parametrize(("train", "test"), [([], ["Lodz"]), (["Lodz"], []), ([], [])])
def test_split_with_an_empty_side_is_refused(train: list[str], test: list[str]) -> None:
    with pytest.raises(HarnessError, match=r"cities: train has \d groups and test has \d$"):
        check_split(train, test, name="cities")


def test_split_by_city_leaks_countries(clean: StatementSet) -> None:
    folds = assign_folds(clean.groups("unit"), n_folds=2, seed=0)
    countries = clean.groups("country")
    sides = [[c for c, fold in zip(countries, folds, strict=True) if fold == n] for n in (0, 1)]
    with pytest.raises(HarnessError, match=r"country .*'China'.* and \d+ more is both"):
        check_split(*sides, name="cities", kind="country")


@pytest.mark.parametrize("swap", [False, True])
def test_statement_without_its_negation_is_refused(clean: StatementSet, swap: bool) -> None:
    negated = load_statements("neg_cities", size=200)
    short = with_rows(negated, negated.statements[1:])
    missing = negated.statements[0].contrast.replace("|", r"\|")
    pair = (short, clean) if swap else (clean, short)
    with pytest.raises(
        HarnessError, match=f"cities: '{missing}' has no statement .* in neg_cities"
    ):
        check_contrast(*pair)


def test_negation_with_the_same_label_is_refused(clean: StatementSet) -> None:
    with pytest.raises(HarnessError, match="no statement of the opposite label"):
        check_contrast(clean, clean)


@pytest.mark.parametrize("name", ["cities", "larger_than", "sp_en_trans"])
def test_original_sets_are_balanced_and_pair_up(
    name: str, load_original: Callable[[str], StatementSet]
) -> None:
    partner = {"larger_than": "smaller_than"}.get(name, f"neg_{name}")
    given = load_original(name)
    check_balance(given, tolerance_fraction=0)
    check_contrast(given, load_original(partner))


def test_three_rows_of_the_original_translations_stand_twice(
    load_original: Callable[[str], StatementSet],
) -> None:
    check_duplicates(load_original("cities"))
    with pytest.raises(HarnessError, match=r"'caballo' means 'horse'.* occurs more than once"):
        check_duplicates(load_original("sp_en_trans"))
