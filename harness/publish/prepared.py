"""What may be proposed, after everything was looked at and before anything is written."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from harness.publish.address import Address
from harness.publish.checkout import Checkout
from harness.publish.contents import Contents
from harness.publish.place import Place
from harness.publish.request import Request

Text = Callable[[str, Address | None], str]
"""A pull request's text in Markdown, of the commit and the repository that holds the branch; `None`
where that is not known, and files are named and not linked."""


@dataclass(frozen=True)
class Prepared:
    """A replication or a paper's spec, and where it goes to."""

    project: Path
    request: Request
    checkout: Checkout
    place: Place
    contents: Contents
    title: str
    """Of the commit and of the pull request: what it is, on one line."""
    review: str
    """What was found of it, in a sentence."""
    text: Text
