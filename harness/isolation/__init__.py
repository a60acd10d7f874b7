"""Where an agent's commands run: what they see, what they may write, and that none outlives it."""

from harness.isolation.cell import Cell
from harness.isolation.finished import Finished
from harness.isolation.job import Job, Overdue
from harness.isolation.own_folder import make_own_folder
from harness.isolation.rungs import Rung, available, choose

__all__ = ["Cell", "Finished", "Job", "Overdue", "Rung", "available", "choose", "make_own_folder"]
