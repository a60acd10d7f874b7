"""An agent without a model: follows a script, a turn a trial, through the same loop and tools."""

from pathlib import Path

from agents.autoresearch.agent import Agent
from agents.autoresearch.engaged import engage
from agents.drivers.script import Action, Script
from agents.drivers.scripted import following
from harness.autoresearch.proposers.fill import Wanted
from harness.autoresearch.proposers.proposer import Brief, Exhausted, Proposal

NAME = "agent_script"


class CampaignScript(Script):
    """What `--script` names: `turns`, one for each trial from the first on."""

    plan: tuple[Action, ...] = ()
    """The turn of the planning sprint."""


class AgentScript:
    """The proposer of a script. Where it is in the script follows from the trial alone."""

    def __init__(self, script: CampaignScript, wanted: Wanted) -> None:
        self._script, self._wanted = script, wanted

    @property
    def name(self) -> str:
        """As `--proposer` takes it."""
        return NAME

    def propose(self, brief: Brief, folder: Path) -> Proposal | Exhausted:
        """What the trial's turn leaves, as `Agent.propose`."""
        turns = self._script.turns
        if brief.trial > len(turns):
            return Exhausted(why="proposer", message=f"the script has {len(turns)} turns")
        return self._agent(turns[brief.trial - 1]).propose(brief, folder)

    def plan(self, brief: Brief, folder: Path) -> tuple[str, ...]:
        """What the script's plan leaves, as `Agent.plan`."""
        return self._agent(self._script.plan).plan(brief, folder) if self._script.plan else ()

    def _agent(self, turn: tuple[Action, ...]) -> Agent:
        return Agent(engage(NAME, following(Script(turns=(turn,))), self._wanted))
