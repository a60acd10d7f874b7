import time
from decimal import Decimal

import pytest

from harness.quotes import number_stands, numbers_in

PRINTED = {
    "points and none": ("0.79, .8 and 12", ["0.79", "0.8", "12"]),
    "thousands": ("10,000 of 1,234,567", ["10000", "1234567"]),
    "a list is no thousands": ("heads 1,2,3", ["1", "2", "3"]),
    "signs": ("at -3.2 and −4", ["-3.2", "-4"]),
    "ranges and names": ("GPT-2, layers 5-10, 5–10", ["2", "5", "10", "5", "10"]),
    "powers": ("1.2e-3, 3 × 10⁻³, 2x10^{-4}", ["0.0012", "0.003", "0.0002"]),
    "the end of a sentence": ("layer 12. Then", ["12"]),
    "a version": ("v1.2.3", []),
}


@pytest.mark.parametrize("what", PRINTED)
def test_numbers_are_read_as_they_are_printed(what: str) -> None:
    text, expected = PRINTED[what]
    assert [each.value for each in numbers_in(text)] == [Decimal(each) for each in expected]


def test_per_cent_is_told_from_a_plain_number() -> None:
    found = numbers_in("79% or 80 % or 81\\% or 82 per cent or 83")
    assert [each.is_percent for each in found] == [True, True, True, True, False]


SHARES = {
    "in per cent": (0.79, "79% of pairs", True),
    "in per cent without the sign": (0.79, "79 | 82", True),
    "without a nought": (0.79, "reaches .79 at", True),
    "more digits in per cent": (0.993, "99.3% of examples", True),
    "rounded as printed": (0.7931, "79.3%", True),
    "rounded by the claim": (0.99, "99.3%", False),
    "rounded to one digit": (0.79, "0.8", False),
    "another number": (0.79, "78% and 0.80", False),
    "a part of a longer number": (0.79, "0.7912 and 179", False),
    "no number": (0.79, "most of them", False),
}


@pytest.mark.parametrize("what", SHARES)
def test_a_share_stands_where_it_is_printed(what: str) -> None:
    value, text, expected = SHARES[what]
    assert number_stands(value, text, is_share=True) == expected


def test_only_shares_are_printed_in_per_cent() -> None:
    assert not number_stands(0.79, "79 nats", is_share=False)
    assert number_stands(79, "79 nats", is_share=False)


def test_words_may_say_the_sign_and_a_printed_one_counts() -> None:
    assert number_stands(-3.2, "falls by 3.2 nats", is_share=False)
    assert number_stands(-3.2, "changes by −3.2 nats", is_share=False)
    assert not number_stands(3.2, "changes by −3.2 nats", is_share=False)


@pytest.mark.parametrize("piece", ["1", "1,", "1,111", "-", "1 x 10^", ". ", "1.1", "1e", "% "])
def test_two_million_hostile_characters_take_seconds(piece: str) -> None:
    text = piece * (2_000_000 // len(piece))
    before = time.process_time()
    numbers_in(text)
    assert time.process_time() - before < 20
