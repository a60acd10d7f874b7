"""Why a model stopped before it had answered."""

from agents.sdk.unanswered import Problem
from harness.plain_text import plain

REFUSAL = Problem(kind="refusal", message="the model declined to answer")


def cut_short(why: str | None) -> Problem:
    """For a text that ends before the model was done, by the API's own word for why."""
    return Problem(kind="truncated", message=f"cut off: {plain(why or 'no reason given', 80)}")
