"""How much there is to a recipe: what breaks a tie between equally good ones."""

from harness.autoresearch.candidate import Candidate
from harness.autoresearch.knob import same
from harness.autoresearch.knobs import active, read_knobs
from harness.autoresearch.recipe_code import statement_lines


def weight(candidate: Candidate, start: Candidate) -> int:
    """Lines of statements, and knobs with an effect that are not set as the campaign's start has
    them.

    Comments, docstrings and the way that lines are broken weigh nothing. Raises `HarnessError` for
    files that cannot be read.
    """
    knobs, usual = read_knobs(candidate.knobs), read_knobs(start.knobs)
    moved = sum(
        1
        for name in active(knobs)
        if name not in usual or not same(knobs[name].setting, usual[name].setting)
    )
    return statement_lines(candidate.code) + moved


def is_simpler(candidate: Candidate, other: Candidate, start: Candidate) -> bool:
    """Whether the candidate weighs less than the other."""
    return weight(candidate, start) < weight(other, start)
