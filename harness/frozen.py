"""`papers/PAPER/frozen.json`: the digest that a paper spec must keep, and who asks for it.

Expectations are written down before anything is measured; a limit that moves afterwards moves the
digest. Writing the file is `harness.freeze`'s.
"""

from pathlib import Path
from typing import Annotated, Self

from pydantic import Field, PositiveInt

from harness.paper import PaperSpec
from harness.record import HarnessError, Record
from harness.replication import Replication
from harness.specs.replication import Digest

SHORT = 12
"""Digits of a digest that are shown."""
_NAME = r"^[^\x00-\x1f\x7f-\x9f\u2028\u2029]{1,200}$"
"""One line of characters that can be printed."""


class Frozen(Record):
    """A paper spec that may change no more without anybody noticing."""

    paper_digest: Digest
    """`PaperSpec.digest`, as verdicts.json has it."""
    claims: PositiveInt
    """How many the spec holds."""
    reviewed_by: Annotated[str, Field(pattern=_NAME)] | None = None
    """Who held the spec against the paper; `None`: not said."""

    @classmethod
    def load_for(cls, project: Path, paper: str) -> Self | None:
        """What a paper was frozen as; `None` where it is not. Raises `HarnessError`."""
        path = frozen_file(project, paper)
        return cls.load(path) if path.is_file() else None


def frozen_file(project: Path, paper: str) -> Path:
    """Where it lies."""
    return project / "papers" / paper / "frozen.json"


def require_unchanged(project: Path, paper: PaperSpec) -> Frozen | None:
    """What a paper was frozen as, which it still is; `None` where it is not frozen.

    Raises `HarnessError` where its spec changed since.
    """
    frozen, now = Frozen.load_for(project, paper.id), paper.digest
    if frozen is not None and frozen.paper_digest != now:
        raise HarnessError(
            f"papers/{paper.id}/paper.yaml: changed since it was frozen: it is {now[:SHORT]}, and "
            f"frozen.json says {frozen.paper_digest[:SHORT]}; `git checkout papers/{paper.id}` "
            f"brings it back, or, after a review of the change, `harness freeze {paper.id} --again`"
        )
    return frozen


def require_frozen(replication: Replication) -> None:
    """Raises `HarnessError` where the paper's spec is another than it was frozen as, or than the
    replication was written against.

    A paper that is not frozen, and a replication that names no digest, are let pass.
    """
    paper = replication.paper
    require_unchanged(replication.project, paper)
    now, written = paper.digest, replication.spec.paper_digest
    if written is not None and written != now:
        raise HarnessError(
            f"{replication.name}/replication.yaml: paper_digest: written against the paper spec "
            f"{written[:SHORT]}, and papers/{paper.id}/paper.yaml is {now[:SHORT]}; bring that "
            f"spec back, or hold this replication against the new one and write paper_digest: {now}"
        )
