"""What is proposed: title, text and branch of a pull request, and who opens it."""

from typing import Literal, NamedTuple, Protocol


class Proposal(NamedTuple):
    """A pull request, as it is sent."""

    title: str
    body: str
    """Markdown."""
    base: str
    """Branch that it is to go into."""
    owner: str
    """Who holds the branch that is proposed."""
    branch: str

    @property
    def head(self) -> str:
        """`OWNER:BRANCH`."""
        return f"{self.owner}:{self.branch}"


class Opened(NamedTuple):
    """A pull request that stands."""

    url: str
    outcome: Literal["opened", "updated"]


class Opener(Protocol):
    """A way to GitHub."""

    @property
    def way(self) -> str:
        """As a sentence names it."""
        ...

    def propose(self, proposal: Proposal) -> Opened:
        """Open the pull request, or write the one that is open already anew.

        Raises `HarnessError` for what the user can mend, `RemoteError` for all else.
        """
        ...
