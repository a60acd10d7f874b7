"""Where an agent's commands run: what they see, what they may write, and that none outlives it."""

from agents.isolation.cell import Cell
from agents.isolation.finished import Finished
from agents.isolation.job import Job, Overdue
from agents.isolation.own_folder import make_own_folder
from agents.isolation.rungs import Rung, available, choose

__all__ = ["Cell", "Finished", "Job", "Overdue", "Rung", "available", "choose", "make_own_folder"]
