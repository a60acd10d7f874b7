from typing import Any

import pytest

from harness.claims_audit import quote_problems
from harness.paper import PaperSpec
from harness.quotes import find_quote

TEXT = """\
<!-- page 3 -->
We find that probes reach an accuracy of 79.3% on
held-out pairs, and −3.2 nats are lost by patching.
<!-- page 4 -->
Table 1: accuracies by layer. early .61 .70 late .79
"""
ACCURACY = {"metric": "accuracy_binary", "where": {"layer": 1}}
LOSS = {"metric": "logit_difference", "where": {}}


def claim(quote: str, expects: dict[str, Any], status: str = "read") -> dict[str, Any]:
    source = {"section": "sec. 1", "quote": quote, "status": status}
    return {
        "id": "a-claim",
        "statement": "It holds.",
        "scope": "general",
        "source": source,
        "expects": expects,
    }


def value(target: float, quantity: dict[str, Any] = ACCURACY) -> dict[str, Any]:
    margin = {"tolerance": 0.05, "tolerance_from": "a margin"}
    return {"kind": "value", "quantity": quantity, "target": target, **margin}


def bound(limit: float, limit_from: str | None = None) -> dict[str, Any]:
    told = {"side": "at_least", "limit": limit, "limit_from": limit_from}
    return {"kind": "bound", "quantity": ACCURACY, **told}


def paper(*claims: dict[str, Any], tables: tuple[dict[str, Any], ...] = ()) -> PaperSpec:
    numbered = [{**each, "id": f"claim-{place}"} for place, each in enumerate(claims)]
    return PaperSpec.model_validate(
        {
            "id": "p",
            "title": "P",
            "authors": ["A"],
            "year": 2024,
            "url": "https://example.org",
            "setup": {"models": ["m"], "data": "generated"},
            "claims": numbered,
            "tables": tables,
        }
    )


def table(quote: str, *late: float | None) -> dict[str, Any]:
    return {
        "id": "accuracies",
        "title": "Accuracies",
        "metric": "accuracy_binary",
        "source": {"section": "Table 1", "quote": quote, "status": "read"},
        "rows": {"early": {"at": "early"}, "late": {"at": "late"}},
        "columns": {"first": {"layer": 1}, "second": {"layer": 2}},
        "values": {"early": [0.61, 0.70], "late": late},
    }


GOOD = claim("probes reach an accuracy of 79.3% on held-out pairs", value(0.793))


def test_a_spec_that_says_what_the_text_says_has_no_problems() -> None:
    lost = claim("and -3.2 nats are lost by patching", value(-3.2, LOSS))
    good_table = table("Table 1: accuracies by layer.", 0.79, None)
    assert quote_problems(paper(GOOD, lost, tables=(good_table,)), TEXT, only_read=True) == []


def test_a_quote_that_is_made_up_names_its_claim_by_place_and_id() -> None:
    made_up = claim("probes reach an accuracy of 93.7% on held-out pairs", value(0.937))
    (problem,) = quote_problems(paper(GOOD, made_up), TEXT)
    assert problem.startswith("claims[1].source.quote: claim-1: not in the text; copy ")


def test_a_quote_too_short_and_one_with_a_part_too_short_say_so() -> None:
    short = claim("79.3%", value(0.793))
    stitched = claim("We find that probes … on … -3.2 nats are lost", bound(0.6, "a margin"))
    first, second = quote_problems(paper(short, stitched), TEXT)
    assert first.startswith("claims[0].source.quote: claim-0: too short to locate")
    assert second.startswith("claims[1].source.quote: claim-1: not in the text (its part 'on'")


def test_the_number_of_a_value_or_of_the_papers_own_limit_stands_in_the_quote() -> None:
    words = "We find that probes reach an accuracy"
    assert find_quote(words, TEXT) is not None
    without = paper(
        claim(words, value(0.793)), claim(words, bound(0.793)), claim(words, bound(0.6, "a margin"))
    )
    problems = quote_problems(without, TEXT)
    assert [each.partition(": the number")[0] for each in problems] == [
        "claims[0].source.quote: claim-0",
        "claims[1].source.quote: claim-1",
    ]


def test_what_was_not_read_is_a_problem_only_where_all_must_be_read() -> None:
    spec = paper(GOOD, claim("as others tell it", value(0.5), status="secondary"))
    assert quote_problems(spec, TEXT) == []
    (problem,) = quote_problems(spec, TEXT, only_read=True)
    assert problem.startswith("claims[1].source.status: claim-1: 'secondary'; ")


def test_each_number_of_a_table_stands_in_the_text() -> None:
    wrong = table("Table 1: accuracies by layer.", 0.79, 0.83)
    (problem,) = quote_problems(paper(GOOD, tables=(wrong,)), TEXT)
    assert problem.startswith("tables[0].values: accuracies: the text prints no 0.83; ")
    unquoted = table("Table 2: accuracies by layer.", 0.79, None)
    (problem,) = quote_problems(paper(GOOD, tables=(unquoted,)), TEXT)
    assert problem.startswith("tables[0].source.quote: accuracies: not in the text")


@pytest.mark.parametrize("text", ["", "\n", "<!-- page 1 -->"])
def test_in_an_empty_text_nothing_is_found(text: str) -> None:
    assert len(quote_problems(paper(GOOD), text)) == 1
