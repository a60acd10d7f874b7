"""Answers as a scripted model writes them."""

import json
from collections.abc import Sequence
from typing import Any


def answer(claims: Sequence[str], *, overall: int = 6, supported: str = "yes") -> dict[str, Any]:
    """A well-formed answer that votes alike on every claim."""
    return {
        "claims": [
            {
                "claim": claim,
                "supported": supported,
                "strongest_objection": "one model only",
                "missing_control": None,
                "confidence": 0.75,
            }
            for claim in claims
        ],
        "overall": overall,
        "summary": "a fair replication",
    }


def answer_text(claims: Sequence[str], *, overall: int = 6, supported: str = "yes") -> str:
    """The same as the text of a response."""
    return json.dumps(answer(claims, overall=overall, supported=supported))
