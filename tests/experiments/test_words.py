from typing import Any

from harness.data.statements import Statement, StatementSet
from harness.experiments.probing.rows import Rows, Split, split_rows
from harness.experiments.probing.words import word_scores
from harness.specs import ProbingSpec

SEEDS = (0, 1)


def statements(name: str, true_word: str, false_word: str) -> StatementSet:
    """A true and a false statement a unit, each unit with a word of its own."""
    found = [
        Statement(f"unit{unit} is {word} thing", label, f"u{unit}", None, str(unit))
        for unit in range(40)
        for label, word in ((True, true_word.format(unit)), (False, false_word.format(unit)))
    ]
    return StatementSet(name=name, source="original", statements=tuple(found))


def split(*sets: StatementSet, kind: str = "unit") -> Split:
    given: dict[str, Any] = {
        "family": "probing",
        "id": "e",
        "model": "m",
        "seeds": SEEDS,
        "layer": 0,
        "probes": ["mass_mean"],
        "train": ["cities"],
        "test": ["cities"],
        "split": kind,
    }
    return split_rows(ProbingSpec.model_validate(given), {each.name: each for each in sets})


def accuracy(given: Split, test: Rows) -> float:
    (scores,) = word_scores(given, [given.reported["cities"]], [test], SEEDS)
    assert scores.shape == (2, len(test.texts))
    return float(((scores > 0) == test.labels).float().mean())


def test_a_word_that_goes_with_truth_is_found() -> None:
    told = split(statements("cities", "indeed", "hardly"))
    assert accuracy(told, told.reported["cities"]) == 1


def test_words_that_go_with_nothing_tell_nothing() -> None:
    untold = split(statements("cities", "a", "a"))
    assert accuracy(untold, untold.reported["cities"]) == 0.5


def test_a_word_of_one_unit_alone_is_of_no_use_to_it() -> None:
    """`good7` stands in the true statement of unit 7 only, which its fold never trains on."""
    own = split(statements("cities", "good{}", "bad{}"))
    assert accuracy(own, own.reported["cities"]) == 0.5


def test_words_that_change_sides_in_another_set_mislead() -> None:
    turned = split(
        statements("cities", "indeed", "hardly"), statements("neg_cities", "hardly", "indeed")
    )
    assert accuracy(turned, turned.reported["neg_cities"]) == 0


def test_every_row_of_every_seed_is_scored() -> None:
    told = split(statements("cities", "indeed", "hardly"))
    rows = told.reported["cities"]
    (scores,) = word_scores(told, [rows], [rows], SEEDS)
    assert bool((scores != 0).all())
