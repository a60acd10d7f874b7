"""Turns of the agent in one step, until the step's own check is satisfied."""

from agents.replicate.desk import Desk
from agents.replicate.prompt import listed, render
from agents.replicate.stop import Stop
from agents.replicate.task import Task
from agents.replicate.turn import take_turn

_MOST_TOLD = 40
"""Problems that one prompt lists."""


def converse(desk: Desk, task: Task, *, anew: bool = False) -> None:
    """Turns until nothing is left to mend; `anew` asks for one more turn whatever stands.

    Raises `Stop` where the budget, the rounds or the agent's software end it.
    """
    wanted = anew or not desk.journal.turns(task.step)
    while True:
        undone, problems = _undone(desk, task), [] if wanted else task.problems()
        if not (wanted or undone or problems or _was_cut_off(desk, task)):
            return
        turns = len(desk.journal.turns(task.step))
        if turns >= desk.campaign.rounds:
            told = "; ".join((*undone, *problems)[:3]) or "the last did not end of itself"
            raise Stop("rounds", f"{task.step}: {turns} turns, and still: {told}")
        prompt = task.opening if wanted else _again(desk, task, undone, problems)
        take_turn(desk, task.step, prompt)
        wanted = False


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
