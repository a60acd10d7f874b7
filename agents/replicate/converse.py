"""Turns of the agent in one step, until the step's own check is satisfied."""

from agents.replicate.desk import Desk
from agents.replicate.prompt import listed, render
from agents.replicate.stop import Stop
from agents.replicate.task import Task
from agents.replicate.turn import finish_turn, take_turn

_MOST_TOLD = 40
"""Problems that one prompt lists."""
_MOST_FAILURES = 2
"""Turns in a row that may end as `failed`."""


def converse(desk: Desk, task: Task, *, anew: bool = False) -> None:
    """Turns until nothing is left to mend; `anew` asks for one more turn whatever stands.

    A turn that was going on when the orchestrator was killed is finished first. Raises `Stop` where
    the budget, the rounds or the agent's software end it.
    """
    wanted = not _settle(desk, task) and (anew or not desk.journal.turns(task.step))
    while True:
        undone, problems = _undone(desk, task), task.problems()
        if not (wanted or undone or problems or _was_cut_off(desk, task)):
            return
        turns = len(desk.journal.turns(task.step))
        if turns >= desk.campaign.rounds:
            told = "; ".join((*undone, *problems)[:3]) or "the last did not end of itself"
            raise Stop("rounds", f"{task.step}: {turns} turns, and still: {told}")
        take_turn(desk, task, task.opening if wanted else _again(desk, task, undone, problems))
        _stop_if_over(desk, task)
        wanted = False


def _settle(desk: Desk, task: Task) -> bool:
    """Finish the turn that was going on when the orchestrator was killed."""
    turns = desk.journal.turns(task.step)
    if not turns or desk.journal.held(turns[-1]) is not None:
        return False
    finish_turn(desk, task, turns[-1])
    _stop_if_over(desk, task)
    return True


def _stop_if_over(desk: Desk, task: Task) -> None:
    if desk.meter.exhausted is not None:
        raise Stop("budget", f"{task.step}: {desk.meter.exhausted}")
    ends = [desk.journal.ended(turn) for turn in desk.journal.turns(task.step)]
    recent = [each for each in ends[-_MOST_FAILURES:] if each and each.how == "failed"]
    if len(recent) == _MOST_FAILURES:
        raise Stop("agent", f"{task.step}: {recent[-1].message}")


def _was_cut_off(desk: Desk, task: Task) -> bool:
    """Whether the last turn of the step did not end of itself."""
    turns = desk.journal.turns(task.step)
    ended = desk.journal.ended(turns[-1]) if turns else None
    return ended is not None and ended.how != "done"


def _undone(desk: Desk, task: Task) -> list[str]:
    """Why the last turn of the step was undone."""
    turns = desk.journal.turns(task.step)
    held = desk.journal.held(turns[-1]) if turns else None
    return [*held.undone] if held else []


def _again(desk: Desk, task: Task, undone: list[str], problems: list[str]) -> str:
    last = desk.journal.ended(desk.journal.turns(task.step)[-1])
    assert last is not None, task.step
    return render(
        "again",
        step=task.step,
        ended="" if last.how == "done" else f"Your last turn was ended: {last.how}.\n",
        undone=f"Your last turn was undone, all of it:\n\n{listed(undone)}" if undone else "",
        problems=_left(problems),
    )


def _left(problems: list[str]) -> str:
    if not problems:
        return "Nothing else is left to mend."
    more = len(problems) - _MOST_TOLD
    told = [*problems[:_MOST_TOLD], *([f"and {more} more"] if more > 0 else [])]
    return f"Left to mend:\n\n{listed(told)}"
