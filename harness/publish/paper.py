"""Propose a paper's spec alone, new or changed: claims and limits, before anybody measures."""

from pathlib import Path, PurePosixPath

from pydantic import ValidationError

from harness.check.numbers import impossible_numbers
from harness.experiments.context import Progress, no_progress
from harness.freeze import require_own_files, written_against
from harness.frozen import Frozen, require_unchanged
from harness.paper import PaperSpec
from harness.publish.branch import start
from harness.publish.checkout import Checkout
from harness.publish.contents import Contents
from harness.publish.paper_text import Before, Told, body, outcome_sentence, title
from harness.publish.place import find_place
from harness.publish.prepared import Prepared
from harness.publish.publication import carry_out
from harness.publish.published import Published
from harness.publish.refuse import (
    refuse_blockers,
    refuse_branch_name,
    refuse_dirty,
    refuse_nameless,
)
from harness.publish.request import Request
from harness.record import HarnessError, parse_yaml
from harness.replication import load_paper
from harness.review.finding import Finding
from harness.review.repository import commit_of, text_at
from harness.review.rules import ON_BYTES
from harness.review.submission import Blob, Submission

_CODE = ("harness",)
"""What reads a spec, and so decides on its digest."""
_FILES = ("paper.yaml", "frozen.json")
"""The text of the paper, which may lie beside them, is its authors'."""


def publish_paper(
    project: Path, paper_id: str, request: Request, *, progress: Progress = no_progress
) -> Published:
    """Commit, push and propose `papers/PAPER`: its spec and what it was frozen as.

    Raises `HarnessError` for what the user can mend, with nothing written unless the branch is
    pushed already, which the error then says; `RemoteError` for what fails elsewhere.
    """
    project = project.resolve()
    return carry_out(
        project, request, lambda checkout: _prepare(project, paper_id, request, checkout), progress
    )


def branch_name(paper_id: str) -> str:
    """`paper/<paper>`."""
    return f"paper/{paper_id}"


def _prepare(project: Path, paper_id: str, request: Request, checkout: Checkout) -> Prepared:
    """Look at everything. Raises `HarnessError` for whatever is not published."""
    branch = branch_name(paper_id)
    require_own_files(project, paper_id)
    paper = load_paper(project, paper_id)
    frozen = _frozen(project, paper)
    contents = _contents(project, paper_id)
    findings = _reviewed(contents)
    refuse_dirty(checkout, _CODE)
    refuse_nameless(checkout)
    refuse_branch_name(checkout, branch)
    place = find_place(checkout, request, branch)
    start(checkout, place.tips, branch, contents)
    told = Told(paper, frozen, _before(project, checkout, place.tips.base, paper_id), findings)
    return Prepared(
        project=project,
        request=request,
        checkout=checkout,
        place=place,
        contents=contents,
        title=title(told),
        review=outcome_sentence(told),
        text=lambda commit, held_by: body(told, commit, held_by),
    )


def _frozen(project: Path, paper: PaperSpec) -> Frozen:
    """What the spec is frozen as. Raises `HarnessError` where it is not, or can never be met."""
    frozen = require_unchanged(project, paper)
    if frozen is None:
        raise HarnessError(
            f"papers/{paper.id}: not frozen; `harness freeze {paper.id}` after a review"
        )
    faults = list(impossible_numbers(paper))
    if frozen.claims != len(paper.claims):
        faults.append(f"papers/{paper.id}/frozen.json: claims: {len(paper.claims)} in paper.yaml")
    if faults:
        raise HarnessError("\n".join(faults))
    return frozen


def _contents(project: Path, paper_id: str) -> Contents:
    name = f"papers/{paper_id}"
    paths = [f"{name}/{each}" for each in _FILES]
    files = {path: Blob("file", (project / path).read_bytes()) for path in paths}
    return Contents(name, files, tuple(paths))


def _reviewed(contents: Contents) -> tuple[Finding, ...]:
    """What the rules on bytes find. Raises `HarnessError` for blockers."""
    files = {PurePosixPath(path).name: blob for path, blob in contents.files.items()}
    submission = Submission(contents.name, files, paper="")
    findings = tuple(found for rule in ON_BYTES for found in rule(submission))
    refuse_blockers(f"{contents.name}: may not be proposed", findings)
    return findings


def _before(project: Path, checkout: Checkout, base: str, paper_id: str) -> Before | None:
    """The base branch's spec of this paper; `None` where it has none."""
    path = f"papers/{paper_id}/paper.yaml"
    text = text_at(checkout.repository, commit_of(checkout.repository, base), path)
    if text is None:
        return None
    try:
        paper = PaperSpec.model_validate(parse_yaml(text, Path(path)))
    except (HarnessError, ValidationError):
        return Before(None, ())
    return Before(paper, tuple(written_against(project, paper_id, paper.digest)))
