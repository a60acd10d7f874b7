"""What is never published. Each check raises `HarnessError` before anything is written."""

from dataclasses import replace
from pathlib import Path

from harness.experiments.context import Progress
from harness.publish.checkout import Checkout
from harness.publish.failure import said
from harness.record import HarnessError, read_text
from harness.replication import Replication
from harness.review import Review, audit
from harness.review.repository import commit_of, history, text_at
from harness.review.submission import Submission

_CODE = ("harness", "papers")
"""Folders that the numbers and the limits come from."""
_MOST = 20
"""Places that an error lists."""


def refuse_unfinished(replication: Replication) -> None:
    """A replication that lacks a stage, or whose verdicts are not those of its rows."""
    name = replication.name
    if not replication.measurements():
        raise HarnessError(f"{name}: no measurements; `harness run {name}` makes them")
    stored = replication.stored_verdicts()
    if stored is None:
        raise HarnessError(f"{name}/verdicts.json: not here; `harness judge {name}` writes it")
    if not (replication.root / "report.md").is_file():
        raise HarnessError(f"{name}/report.md: not here; `harness report {name}` writes it")
    differing = [
        found.claim
        for found, own in zip(stored.verdicts, replication.verdicts(), strict=False)
        if found != own
    ]
    if differing or len(stored.verdicts) != len(replication.paper.claims):
        raise HarnessError(
            f"{name}/verdicts.json: not what the measurements give "
            f"({', '.join(differing) or 'other claims'}); `harness judge {name}` judges anew"
        )


def refuse_dirty(checkout: Checkout) -> None:
    """Changes in the code or the papers that are not committed: nobody else has them."""
    listed = checkout.ask(
        *("status", "--porcelain=v1", "-z", "--no-renames", "--untracked-files=all", "--", *_CODE)
    )
    changed = [entry[3:] for entry in listed.decode(errors="replace").split("\0") if entry]
    if changed:
        raise HarnessError(
            "the numbers come from code and papers that are not committed; commit or restore\n"
            + _lines(changed)
        )


def refuse_nameless(checkout: Checkout) -> None:
    """A commit whose author git would have to guess."""
    for who in ("GIT_AUTHOR_IDENT", "GIT_COMMITTER_IDENT"):
        if checkout.run("-c", "user.useConfigOnly=true", "var", who).code != 0:
            raise HarnessError(
                "user.name, user.email: git does not know who commits; "
                "git config user.name NAME and git config user.email ADDRESS say it"
            )


def refuse_branch_name(checkout: Checkout, branch: str) -> None:
    """A name that git cannot give to a branch."""
    ran = checkout.run("check-ref-format", f"refs/heads/{branch}")
    if ran.code != 0:
        raise HarnessError(f"{branch}: git takes no such name for a branch {said(ran.told)}")


def refuse_other_paper(checkout: Checkout, replication: Replication, base: str) -> None:
    """A paper's spec that is not the base branch's: its limits are not agreed on."""
    path = f"papers/{replication.paper.id}/paper.yaml"
    theirs = text_at(checkout.repository, commit_of(checkout.repository, base), path)
    if theirs is None:
        raise HarnessError(f"{path}: the base branch has no such paper; propose the paper first")
    if theirs != read_text(replication.project / path):
        raise HarnessError(
            f"{path}: another than the base branch's, by which claims are judged; bring yours "
            "up to date, then run and judge again"
        )


def reviewed(checkout: Checkout, submission: Submission, base: str, progress: Progress) -> Review:
    """The review of what goes in, held against the base. Raises `HarnessError` for blockers."""
    commit = commit_of(checkout.repository, base)
    paper = f"papers/{Path(submission.name).parent.name}/paper.yaml"
    text = text_at(checkout.repository, commit, paper)
    assert text is not None, paper
    held = replace(
        submission,
        paper=text,
        paper_is_new=False,
        outside=(),
        base=commit.hexsha,
        own_paper=None,
        history=history(checkout.repository, commit),
    )
    review = audit(held, progress=progress)
    blockers = [
        f"{each.place}: {each.message}" for each in review.findings if each.severity == "blocker"
    ]
    if blockers:
        raise HarnessError(f"{review.sentence}\n{_lines(blockers)}")
    return review


def _lines(places: list[str]) -> str:
    more = [f"and {len(places) - _MOST} more"] if len(places) > _MOST else []
    return "\n".join((*places[:_MOST], *more))
