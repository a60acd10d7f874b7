"""The steps in their order, each taken once; whatever is asked of it again goes on from there."""

from collections.abc import Callable
from typing import assert_never

from agents.replicate.desk import Desk
from agents.replicate.journal import STEPS, StepName, Stopped
from agents.replicate.outcome import Outcome, outcome
from agents.replicate.steps.claims import take_claims
from agents.replicate.steps.freeze import take_freeze
from agents.replicate.steps.measure import take_judge, take_run
from agents.replicate.steps.publish import take_publish
from agents.replicate.steps.reading import take_reading, take_review
from agents.replicate.steps.specs import take_specs
from agents.replicate.steps.text import take_text
from agents.replicate.stop import Stop
from agents.replicate.turn import settle


def replicate(desk: Desk) -> Outcome:
    """Take every step that is left. Raises `HarnessError` for what a person has to mend."""
    with desk.meter.serving():
        for step in STEPS:
            if not desk.journal.is_done(step) and not _takes(desk, step):
                break
    return outcome(desk)


def _takes(desk: Desk, step: StepName) -> bool:
    """Whether the step came to its end."""
    try:
        settle(desk)
        desk.require_sealed()
        note = _taker(step)(desk)
    except Stop as error:
        desk.journal.append(Stopped(step=step, why=error.why, message=error.message))
        return False
    desk.done(step, note)
    return True


def _taker(step: StepName) -> Callable[[Desk], str]:
    match step:
        case "text":
            return take_text
        case "claims":
            return take_claims
        case "freeze":
            return take_freeze
        case "specs":
            return take_specs
        case "run":
            return take_run
        case "judge":
            return take_judge
        case "reading":
            return take_reading
        case "review":
            return take_review
        case "publish":
            return take_publish
        case _:
            assert_never(step)
