"""How a search stands, by the trials that went by since anything was kept."""

from typing import Literal

from harness.autoresearch.ledger.history import History

State = Literal["searching", "plan", "wide", "stop"]


def state(history: History) -> State:
    """`plan`: a plateau is reached for the first time in the campaign, and ideas are asked for;
    `wide`: on a plateau, proposers look far; `stop`: for as many trials again that did not help.
    """
    plateau = history.begun.task.budget.plateau
    if history.since_keep < plateau:
        return "searching"
    if history.plan is None:
        return "plan"
    return "wide" if history.since_keep < 2 * plateau else "stop"
