"""Freeze a paper's spec, so that no claim or limit moves unseen once there are results."""

from pathlib import Path
from typing import Literal

from harness.check.numbers import impossible_numbers
from harness.frozen import Frozen, frozen_file, require_unchanged
from harness.record import HarnessError, Record, read_text
from harness.replication import load_paper, replication_roots

__all__ = ["Freezing", "Frozen", "freeze", "require_own_files", "written_against"]

_NAMES_DIGEST = ("replication.yaml", "verdicts.json")
"""Files of a replication that say which spec it is about."""


class Freezing(Record):
    """What freezing a paper did."""

    paper: str
    frozen: Frozen
    outcome: Literal["frozen", "unchanged", "replaced"]
    no_longer_of: tuple[str, ...] = ()
    """Replications that were made against the spec that was frozen before."""


def freeze(
    project: Path, paper_id: str, *, reviewed_by: str | None = None, again: bool = False
) -> Freezing:
    """Write `papers/PAPER/frozen.json`; what says the same already is left alone.

    Raises `HarnessError` for a spec that does not load or has numbers that its metrics cannot take,
    and, unless `again`, where another spec or another reviewer is frozen.
    """
    if reviewed_by is not None and not (reviewed_by.isprintable() and 0 < len(reviewed_by) <= 200):
        raise HarnessError("--reviewed-by: expected a name of at most 200 printable characters")
    require_own_files(project, paper_id)
    paper = load_paper(project, paper_id)
    faults = list(impossible_numbers(paper))
    if faults:
        raise HarnessError("\n".join(faults))
    before = Frozen.load_for(project, paper_id)
    same = before if before is not None and before.paper_digest == paper.digest else None
    reviewer = reviewed_by or (same.reviewed_by if same is not None else None)
    now = Frozen(paper_digest=paper.digest, claims=len(paper.claims), reviewed_by=reviewer)
    if before == now:
        return Freezing(paper=paper_id, frozen=now, outcome="unchanged")
    if before is not None and not again:
        require_unchanged(project, paper)
        _require_same_reviewer(before, now, paper_id)
    now.dump(frozen_file(project, paper_id))
    if before is None or same is not None:
        return Freezing(paper=paper_id, frozen=now, outcome="frozen")
    others = tuple(written_against(project, paper_id, before.paper_digest))
    return Freezing(paper=paper_id, frozen=now, outcome="replaced", no_longer_of=others)


def written_against(project: Path, paper_id: str, digest: str) -> list[str]:
    """Replications whose spec or verdicts name a digest, as `replications/<paper>/<id>`.

    Found by the digits, so that a replication that is only half written is no obstacle.
    """
    return [
        root.relative_to(project).as_posix()
        for root in replication_roots(project, paper_id)
        if any(digest in read_text(root / name) for name in _NAMES_DIGEST if (root / name).exists())
    ]


def require_own_files(project: Path, paper_id: str) -> None:
    """Raises `HarnessError` for a link, which leads to a text that readers of the repository do not
    see."""
    folder = project / "papers" / paper_id
    for path in (folder, folder / "paper.yaml", frozen_file(project, paper_id)):
        if path.is_symlink():
            raise HarnessError(f"{path}: a symbolic link; a paper's spec is a file of its own")


def _require_same_reviewer(before: Frozen, now: Frozen, paper_id: str) -> None:
    if before.reviewed_by not in (None, now.reviewed_by):
        raise HarnessError(
            f"papers/{paper_id}/frozen.json: reviewed by {before.reviewed_by!r}; --again names "
            f"{now.reviewed_by!r} instead"
        )
