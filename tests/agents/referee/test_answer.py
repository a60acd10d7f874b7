import json
from collections.abc import Callable
from typing import Any

import pytest

from agents.referee.answer import Answer, ClaimAnswer, answer_schema, parse_answer
from agents.sdk.unanswered import Unanswered
from tests.agents.answers import answer, answer_text

CLAIMS = ("first", "second")


def kind_of(text: str) -> str:
    with pytest.raises(Unanswered) as caught:
        parse_answer(text, CLAIMS)
    return caught.value.problem.kind


def changed(change: Callable[[dict[str, Any]], object]) -> str:
    made = answer(CLAIMS)
    change(made)
    return json.dumps(made)


def test_a_well_formed_answer_is_read() -> None:
    got = parse_answer(answer_text(CLAIMS, overall=8), CLAIMS)
    assert (got.overall, got.claims[1].claim, got.claims[1].confidence) == (8, "second", 0.75)


def test_claims_come_in_the_order_that_they_were_asked_in() -> None:
    got = parse_answer(answer_text(("second", "first")), CLAIMS)
    assert [each.claim for each in got.claims] == ["first", "second"]


@pytest.mark.parametrize("wrapped", ["```json\n{}\n```", "Here is my answer:\n{}\nThank you."])
def test_prose_or_a_fence_around_the_answer_is_let_pass(wrapped: str) -> None:
    got = parse_answer(wrapped.replace("{}", answer_text(CLAIMS)), CLAIMS)
    assert got == parse_answer(answer_text(CLAIMS), CLAIMS)


@pytest.mark.parametrize(
    ("change", "where"),
    [
        (lambda made: made.update(new_verdict="replicated"), "new_verdict"),
        (lambda made: made["claims"][0].update(verdict="replicated"), "verdict"),
        (lambda made: made["claims"][0].update(limit=0.1), "limit"),
        (lambda made: made.update(overall=0), "overall"),
        (lambda made: made.update(overall=11), "overall"),
        (lambda made: made.update(overall="10"), "overall"),
        (lambda made: made.update(overall=True), "overall"),
        (lambda made: made.pop("overall"), "overall"),
        (lambda made: made["claims"][1].update(supported="maybe"), "supported"),
        (lambda made: made["claims"][1].update(supported=True), "supported"),
        (lambda made: made["claims"][1].update(confidence=1.2), "confidence"),
        (lambda made: made["claims"][1].update(confidence="0.5"), "confidence"),
        (lambda made: made["claims"][1].update(strongest_objection=""), "strongest_objection"),
        (lambda made: made["claims"][1].pop("missing_control"), "missing_control"),
        (lambda made: made.update(summary="s" * 4001), "summary"),
        (lambda made: made.update(claims={}), "claims"),
    ],
)
def test_what_the_schema_does_not_allow_is_no_answer(
    change: Callable[[dict[str, Any]], object], where: str
) -> None:
    with pytest.raises(Unanswered, match=where) as caught:
        parse_answer(changed(change), CLAIMS)
    assert caught.value.problem.kind == "malformed"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "I cannot say.",
        answer_text(CLAIMS)[:-5],
        answer_text(CLAIMS) * 2,
        answer_text(CLAIMS).replace("0.75", "NaN"),
        answer_text(CLAIMS).replace('"overall": 6', '"overall": 1, "overall": 6'),
        '{"claims": ' + "[" * 5000 + "]" * 5000 + "}",
        "[1, 2]",
        '{"summary": "' + "x" * 600_000 + '"}',
    ],
)
def test_text_that_is_not_one_json_object_is_no_answer(text: str) -> None:
    assert kind_of(text) == "malformed"


@pytest.mark.parametrize(
    ("claims", "told"),
    [
        (("first",), "missing: second"),
        (("first", "second", "third"), "not asked: third"),
        (("first", "second", "second"), "twice: second"),
        ((), "missing: first, second"),
    ],
)
def test_claims_other_than_those_asked_are_no_answer(claims: tuple[str, ...], told: str) -> None:
    with pytest.raises(Unanswered, match=told) as caught:
        parse_answer(answer_text(claims), CLAIMS)
    assert caught.value.problem.kind == "wrong_claims"


def test_a_problem_does_not_repeat_what_was_written() -> None:
    with pytest.raises(Unanswered) as caught:
        parse_answer(changed(lambda made: made.update(overall="open sesame")), CLAIMS)
    assert "sesame" not in caught.value.problem.message


def test_what_a_model_writes_is_made_plain() -> None:
    text = changed(lambda made: made.update(summary="a\x1b[31mb\u202ec\u200bd\ne"))
    assert parse_answer(text, CLAIMS).summary == "a[31mbcd e"


def test_the_schema_that_providers_get_names_the_fields_of_the_answer() -> None:
    schema: Any = answer_schema(CLAIMS)
    one = schema["properties"]["claims"]["items"]
    for part, record in ((schema, Answer), (one, ClaimAnswer)):
        assert set(part["properties"]) == set(record.model_fields) == set(part["required"])
        assert part["additionalProperties"] is False
    assert one["properties"]["claim"]["enum"] == ["first", "second"]
    assert one["properties"]["supported"]["enum"] == ["yes", "no", "unclear"]
