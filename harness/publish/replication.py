"""Propose a finished replication: its folder, reviewed against the base branch's paper."""

from dataclasses import replace

from harness.experiments.context import Progress, no_progress
from harness.frozen import require_frozen
from harness.publish.branch import start
from harness.publish.checkout import Checkout
from harness.publish.contents import read_replication
from harness.publish.place import find_place
from harness.publish.prepared import Prepared, Text
from harness.publish.publication import carry_out
from harness.publish.published import Published
from harness.publish.refuse import (
    refuse_blockers,
    refuse_branch_name,
    refuse_dirty,
    refuse_nameless,
)
from harness.publish.replication_text import Told, body, title
from harness.publish.request import Request
from harness.record import HarnessError, read_text
from harness.replication import Replication
from harness.report.material import Material
from harness.review import Review, audit
from harness.review.repository import commit_of, history, text_at
from harness.review.submission import Submission


def publish(
    replication: Replication, request: Request, *, progress: Progress = no_progress
) -> Published:
    """Review, commit, push and propose a replication.

    Raises `HarnessError` for what the user can mend, with nothing written unless the branch is
    pushed already, which the error then says; `RemoteError` for what fails elsewhere.
    """
    return carry_out(
        replication.project,
        request,
        lambda checkout: _prepare(replication, request, checkout, progress),
        progress,
    )


def branch_name(replication: str) -> str:
    """`replication/<paper>/<id>` for `replications/<paper>/<id>`."""
    return f"replication/{replication.removeprefix('replications/')}"


def _prepare(
    replication: Replication, request: Request, checkout: Checkout, progress: Progress
) -> Prepared:
    """Look at everything. Raises `HarnessError` for whatever is not published."""
    branch = branch_name(replication.name)
    refuse_unfinished(replication)
    refuse_dirty(checkout)
    refuse_nameless(checkout)
    refuse_branch_name(checkout, branch)
    submission, contents = read_replication(checkout, replication.root)
    place = find_place(checkout, request, branch)
    refuse_other_paper(checkout, replication, place.tips.base)
    start(checkout, place.tips, branch, contents)
    review = reviewed(checkout, submission, place.tips.base, progress)
    material = Material.of(replication)
    return Prepared(
        project=replication.project,
        request=request,
        checkout=checkout,
        place=place,
        contents=contents,
        title=title(material),
        review=review.sentence,
        text=_text(material, review, submission),
    )


def refuse_unfinished(replication: Replication) -> None:
    """A replication that lacks a stage, or whose verdicts are not those of its rows."""
    name = replication.name
    require_frozen(replication)
    if not replication.measurements():
        raise HarnessError(f"{name}: no measurements; `harness run {name}` makes them")
    stored = replication.stored_verdicts()
    if stored is None:
        raise HarnessError(f"{name}/verdicts.json: not here; `harness judge {name}` writes it")
    if not (replication.root / "report.md").is_file():
        raise HarnessError(f"{name}/report.md: not here; `harness report {name}` writes it")
    own = replication.verdicts()
    if stored.verdicts != own:
        told = ", ".join(stored.differing(own)) or "in their order, or in a last digit"
        raise HarnessError(
            f"{name}/verdicts.json: not what the measurements give ({told}); `harness judge "
            f"{name}` judges anew"
        )


def refuse_other_paper(checkout: Checkout, replication: Replication, base: str) -> None:
    """A paper's spec that is not the base branch's: its limits are not agreed on."""
    paper = replication.paper.id
    path = f"papers/{paper}/paper.yaml"
    theirs = text_at(checkout.repository, commit_of(checkout.repository, base), path)
    if theirs is None:
        raise HarnessError(
            f"{path}: the base branch has no such paper; `harness publish papers/{paper}` proposes "
            f"it, and `--base paper/{paper}` a replication on top of that"
        )
    if theirs != read_text(replication.project / path):
        raise HarnessError(
            f"{path}: another than the base branch's, by which claims are judged; bring yours "
            "up to date, then run and judge again"
        )


def reviewed(checkout: Checkout, submission: Submission, base: str, progress: Progress) -> Review:
    """The review of what goes in, held against the base. Raises `HarnessError` for blockers."""
    commit = commit_of(checkout.repository, base)
    folder = f"papers/{submission.name.split('/')[1]}"
    paper = text_at(checkout.repository, commit, f"{folder}/paper.yaml")
    assert paper is not None, folder
    held = replace(
        submission,
        paper=paper,
        paper_is_new=False,
        frozen=text_at(checkout.repository, commit, f"{folder}/frozen.json"),
        outside=(),
        base=commit.hexsha,
        own_paper=None,
        history=history(checkout.repository, commit),
    )
    review = audit(held, progress=progress)
    refuse_blockers(review.sentence, review.findings)
    return review


def _text(material: Material, review: Review, submission: Submission) -> Text:
    files = tuple(submission.files)
    return lambda commit, held_by: body(Told(material, review, files, commit, held_by))
