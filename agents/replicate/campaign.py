"""What was asked for, kept in the campaign's folder: the same command goes on with it."""

from pathlib import Path
from typing import Annotated, Self

from pydantic import Field, PositiveFloat, PositiveInt

from agents.drivers.driver import DriverName
from harness.isolation import Rung
from harness.paper import Id
from harness.record import HarnessError, Record

_MAY_CHANGE = frozenset({"reviewed_by", "pause_after_claims", "turn_minutes", "rounds", "publish"})
"""What a person may set anew between two runs of one campaign."""


class Publishing(Record):
    """Where the pull request goes; each as `harness publish` takes it."""

    wanted: bool = True
    remote: str = "origin"
    base: str | None = None
    fork: str | None = None
    patch: bool = False


class Campaign(Record):
    """One paper, one model, one agent. Holds no key."""

    paper: Id
    source: str | None
    """Address or file name of the paper's text; `None` where the paper's spec is here already."""
    replication: Id
    model: str
    """As replication.yaml names it."""
    driver: DriverName
    agent_model: Annotated[str, Field(min_length=1)]
    """The provider's own name of the model that the agent runs on; `script` where it asks none."""
    rung: Rung
    commit: str
    """Of the project, which the working tree of the agent starts from."""
    turn_minutes: PositiveFloat
    rounds: PositiveInt
    """The most turns of one step."""
    max_output_tokens: PositiveInt
    reviewed_by: str | None = None
    """Who read the claims before they were frozen; `None`: nobody."""
    pause_after_claims: bool = False
    publish: Publishing

    @property
    def is_new_paper(self) -> bool:
        """Whether the agent writes the paper's spec too."""
        return self.source is not None

    @property
    def replication_name(self) -> str:
        """`replications/<paper>/<id>`."""
        return f"replications/{self.paper}/{self.replication}"

    @property
    def paper_file(self) -> str:
        """The paper's spec, from the project's folder."""
        return f"papers/{self.paper}/paper.yaml"

    def begun_in(self, folder: Path) -> Self:
        """This campaign as it began in a folder, with what may be set anew; written there.

        Raises `HarnessError` where another one began there.
        """
        file = folder / "campaign.json"
        if file.exists():
            begun = type(self).load(file)
            self._require_same(begun, file)
            merged = begun.model_copy(update={name: getattr(self, name) for name in _MAY_CHANGE})
        else:
            merged = self
        merged.dump(file)
        return merged

    def _require_same(self, begun: Self, file: Path) -> None:
        """The commit may have moved on meanwhile; the working tree stays where it began."""
        other = self.model_dump(exclude={*_MAY_CHANGE, "commit"})
        for name, value in begun.model_dump(exclude={*_MAY_CHANGE, "commit"}).items():
            if other[name] != value:
                raise HarnessError(
                    f"{file}: {name}: this campaign began with {value!r}, not {other[name]!r}; "
                    "give the new one another --name"
                )
