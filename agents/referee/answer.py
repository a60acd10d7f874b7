"""What a referee may say, and nothing besides: there is no field for a verdict or a number of ours.

Owns the schema that providers are given, and the strict reading of what comes back.
"""

import json
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, ValidationError

from agents.sdk.unanswered import Unanswered
from harness.plain_text import plain
from harness.record import Record

Supported = Literal["yes", "no", "unclear"]
Text = Annotated[str, Field(min_length=1, max_length=4_000), AfterValidator(plain)]
_MOST_CHARACTERS = 500_000


class ClaimAnswer(Record):
    """One referee on one claim."""

    claim: str
    supported: Supported
    """Whether the measurements bear the claim out, for the model and data of the replication."""
    strongest_objection: Text
    missing_control: Text | None
    """A control that could overturn the result and was not run; `None` where none is missing."""
    confidence: Annotated[float, Field(ge=0, le=1, strict=True)]

    def changed(self, change: Callable[[str], str]) -> Self:
        """The same with its free texts changed."""
        missing = self.missing_control
        texts = {
            "strongest_objection": change(self.strongest_objection),
            "missing_control": missing if missing is None else change(missing),
        }
        return self.model_copy(update=texts)


class Answer(Record):
    """One referee on a whole replication."""

    claims: tuple[ClaimAnswer, ...]
    overall: Annotated[int, Field(ge=1, le=10, strict=True)]
    """1: tells nothing about the paper's claims; 10: settles them."""
    summary: Text

    def changed(self, change: Callable[[str], str]) -> Self:
        """The same with its free texts changed."""
        claims = tuple(each.changed(change) for each in self.claims)
        return self.model_copy(update={"claims": claims, "summary": change(self.summary)})


def answer_schema(claims: Sequence[str]) -> dict[str, object]:
    """JSON schema of an `Answer`, in the subset that every provider takes: no limits of size."""
    nullable = [{"type": "string"}, {"type": "null"}]
    one: dict[str, object] = {
        "claim": {"type": "string", "enum": list(claims)},
        "supported": {"type": "string", "enum": ["yes", "no", "unclear"]},
        "strongest_objection": {"type": "string"},
        "missing_control": {"anyOf": nullable},
        "confidence": {"type": "number", "description": "from 0 to 1"},
    }
    return _closed(
        {
            "claims": {"type": "array", "items": _closed(one)},
            "overall": {"type": "integer", "description": "from 1 to 10"},
            "summary": {"type": "string"},
        }
    )


def _closed(properties: dict[str, object]) -> dict[str, object]:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def parse_answer(text: str, claims: Sequence[str]) -> Answer:
    """The answer to exactly `claims`, in their order.

    Raises `Unanswered`: `malformed` for what is not the schema's JSON, `wrong_claims` for a claim
    that is missing, unknown or answered twice. Prose or a code fence around the JSON is let pass.
    """
    found = text[text.find("{") : text.rfind("}") + 1]
    if not found or len(found) > _MOST_CHARACTERS:
        raise Unanswered("malformed", f"no JSON object in {len(text):,} characters of text")
    try:
        answer = Answer.model_validate_json(found)
    except ValidationError as error:
        raise Unanswered("malformed", _first_problems(error)) from error
    json.loads(found, object_pairs_hook=_without_repeats)
    return answer.model_copy(update={"claims": _in_order(answer, claims)})


def _in_order(answer: Answer, claims: Sequence[str]) -> tuple[ClaimAnswer, ...]:
    counted = Counter(each.claim for each in answer.claims)
    problems = {
        "missing": [claim for claim in claims if claim not in counted],
        "not asked": [plain(claim, 80) for claim in counted if claim not in claims],
        "twice": [plain(claim, 80) for claim, count in counted.items() if count > 1],
    }
    told = [f"{kind}: {', '.join(those[:5])}" for kind, those in problems.items() if those]
    if told:
        raise Unanswered("wrong_claims", "; ".join(told))
    return tuple(sorted(answer.claims, key=lambda each: claims.index(each.claim)))


def _without_repeats(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise Unanswered("malformed", "a key stands twice in one object")
    return found


def _first_problems(error: ValidationError) -> str:
    """Where and what, without the text that was found there."""
    told = [
        f"{plain('.'.join(map(str, each['loc'])), 80) or 'document'}: {plain(each['msg'], 120)}"
        for each in error.errors(include_input=False)[:3]
    ]
    return "; ".join(told)
