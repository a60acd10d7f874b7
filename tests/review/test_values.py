"""Numbers that measuring cannot give, each beside one that it can."""

from fractions import Fraction
from math import comb
from pathlib import Path

import pytest

from harness.measurement import Measurement
from harness.review.finding import Finding
from harness.review.rules.values import at_least, roundness, values
from tests.review.planted import PROJECT, faults, opened, row

HALVES = [0.0, 0.5, 1.0, 1.0, 1.0, 1.0, 0.5, 1.0] * 10


@pytest.mark.parametrize(
    ("value", "metric", "n", "is_possible"),
    [
        (0.26, "letter_accuracy", 748, False),  # 194.48 questions
        (195 / 748, "letter_accuracy", 748, True),
        (0.26, "letter_accuracy", 100, True),
        (0.26, "accuracy_binary", 748, False),  # 2333.76 twelfths
        (389 / 1496, "accuracy_binary", 748, True),  # 389 of two statements a city
        (0.9, "behaviour_rate", 3, False),
        (0.33333334, "behaviour_rate", 3, True),  # as float32
        (0.3334, "behaviour_rate", 3, False),
        (0.2612345678901234, "attention_to", 748, True),  # no count of anything
    ],
)
def test_a_share_of_units_is_a_number_of_them(
    tmp_path: Path, value: float, metric: str, n: int, is_possible: bool
) -> None:
    given = faults(values, tmp_path, [row(0.5, metric="auroc"), row(value, metric=metric, n=n)])
    assert given == ([] if is_possible else [("impossible-value", "blocker", 2)])


@pytest.mark.parametrize(
    ("value", "metric", "n", "is_typed"),
    [
        (0.874, "auroc", 748, True),
        (0.8741370239016242, "auroc", 748, False),
        (0.375, "auroc", 748, False),  # three eighths
        (7.8497, "sae_l0", 20_000, False),  # 156,994 latents
        (7.8497, "sae_l0", 300, True),
        (41.2, "direction_angle", 748, True),
        (23.0, "vector_norm", 1, False),
    ],
)
def test_a_number_of_few_digits_was_typed(
    tmp_path: Path, value: float, metric: str, n: int, is_typed: bool
) -> None:
    given = faults(values, tmp_path, [row(value, metric=metric, n=n)])
    assert given == ([("few-digits", "warning", 1)] if is_typed else [])


def test_a_standard_error_has_a_greatest_value(tmp_path: Path) -> None:
    # 101 units with mean 0.5 in [0, 1] spread most with half of them at each end: 0.5 / 10.
    allowed = row(0.5, metric="copying_score", n=101, stderr=0.09990000123)
    fits = row(0.5, metric="attention_to", n=101, stderr=0.04990000123)
    above = row(0.5, metric="attention_to", n=101, stderr=0.05010000123, seed=1)
    copying = 0.0866025404 + 1e-6  # ends -1 and 1: sqrt(1.5 * 0.5 / 100) = 0.0866
    too_far = row(0.5, metric="copying_score", n=101, stderr=copying, seed=1)
    given = faults(values, tmp_path, [fits, above, too_far])
    assert given == [("impossible-stderr", "blocker", 2), ("impossible-stderr", "blocker", 3)]
    assert faults(values, tmp_path, [allowed]) == [("impossible-stderr", "blocker", 1)]


def test_a_standard_error_of_zero_needs_units_that_agree(tmp_path: Path) -> None:
    agree = row(1.0, metric="sign_flips", n=20, stderr=0.0)
    differ = row(0.45, metric="sign_flips", n=20, stderr=0.0, seed=1)
    halves = row(0.5, metric="accuracy_binary", n=20, stderr=0.0)
    assert faults(values, tmp_path, [agree, halves]) == []
    assert faults(values, tmp_path, [differ]) == [("impossible-stderr", "blocker", 1)]


def test_value_and_standard_error_are_those_of_the_scores(tmp_path: Path) -> None:
    honest = row(HALVES)
    assert faults(values, tmp_path, [honest]) == []
    moved = honest.model_copy(update={"value": honest.value + 5e-6})  # the schema allows 1e-5
    assert ("value-differs", "blocker", 1) in faults(values, tmp_path, [moved])
    assert honest.stderr is not None
    narrow = honest.model_copy(update={"stderr": honest.stderr / 2})
    assert faults(values, tmp_path, [narrow]) == [("stderr-differs", "blocker", 1)]


def test_scores_of_counted_units_are_shares_of_statements(tmp_path: Path) -> None:
    repacked = row([0.81] * 40 + [0.83] * 40)
    assert ("impossible-score", "blocker", 1) in faults(values, tmp_path, [repacked])
    whole = row([0.0, 0.25, 1 / 3, 0.75] * 20)
    assert faults(values, tmp_path, [whole]) == []


def test_scores_that_only_one_seed_shows_are_withheld(tmp_path: Path) -> None:
    bare = row(HALVES, seed=1).model_copy(update={"items": None})
    assert faults(values, tmp_path, [row(HALVES), bare]) == [("items-withheld", "blocker", 2)]


def test_another_number_of_units_at_another_seed_is_a_note(tmp_path: Path) -> None:
    rows = [row(0.5, metric="auroc", n=40), row(0.5, metric="auroc", n=39, seed=1)]
    assert faults(values, tmp_path, rows) == [("units-differ", "note", 2)]


def test_a_value_that_is_the_limit_to_the_last_digit_is_a_warning(tmp_path: Path) -> None:
    # The paper's claim weddings-often asks for behaviour_rate of at least 0.1 at coefficient 2.
    where = {"task": "topics", "topic": "weddings", "layer": "chosen", "coefficient": 2.0}

    def at(n: int, value: float) -> list[tuple[str, str, int | None]]:
        given = row(value, metric="behaviour_rate", n=n, **where)
        return faults(values, tmp_path, [given])

    assert ("at-the-limit", "warning", 1) in at(33, 0.1)
    assert at(30, 0.1) == []  # 3 of 30 is a tenth


def test_too_many_round_values_are_a_warning(tmp_path: Path) -> None:
    typed = [row(0.31 + 0.01 * i, metric="auroc", n=500, layer=i) for i in range(30)]
    typed = [each.model_copy(update={"value": round(each.value, 2)}) for each in typed]
    measured = [row(0.31 + 0.0137 * i, metric="auroc", n=500, layer=i) for i in range(30)]
    assert faults(roundness, tmp_path, typed) == [("too-round", "warning", 1)]
    assert faults(roundness, tmp_path, measured) == []
    assert faults(roundness, tmp_path, typed[:19]) == []


def test_round_values_that_few_units_force_are_none(tmp_path: Path) -> None:
    # Of 200 questions every second count is a multiple of 0.01.
    forced = [row(i / 200, metric="letter_accuracy", n=200, layer=i) for i in range(21, 61)]
    assert faults(roundness, tmp_path, forced) == []


def test_the_binomial_tail_is_the_sum_of_its_terms() -> None:
    exact = sum(comb(7, k) * Fraction(1, 3) ** k * Fraction(2, 3) ** (7 - k) for k in range(5, 8))
    assert at_least(5, 7, 1 / 3) == pytest.approx(float(exact))
    assert at_least(0, 7, 1 / 3) == pytest.approx(1)
    assert at_least(3, 3, 0.0) == 0


@pytest.mark.parametrize("name", ["ioi", "caa", "sentiment", "actadd", "synthsaebench"])
def test_rows_of_committed_replications_are_possible(tmp_path: Path, name: str) -> None:
    (root,) = (path for path in (PROJECT / "replications" / name).iterdir() if path.is_dir())
    for file in sorted((root / "measurements").glob("*.jsonl")):
        rows = Measurement.parse_lines(file)
        assert [each for each in _all(tmp_path, rows) if each.severity != "note"] == []


def _all(project: Path, rows: list[Measurement]) -> list[Finding]:
    given = opened(project, rows)
    return [*values(given), *roundness(given)]
