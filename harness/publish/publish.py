"""Publish a replication, step by step; each looks at what stands already.

What was done lives in git and on GitHub and in no file of ours: the same command goes on after any
failure, and changes nothing where all is done.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import get_args

from harness.experiments.context import Progress, no_progress
from harness.publish.body import Told, body, title
from harness.publish.branch import Tips, start
from harness.publish.checkout import open_checkout
from harness.publish.commit import commit_on, holds_already, set_branch
from harness.publish.failure import RemoteError
from harness.publish.patch import patch_files, write_patch
from harness.publish.prepare import Prepared, Request, look, prepare
from harness.publish.proposal import Opener, Proposal
from harness.publish.published import Outcome, Published, Step, StepName
from harness.publish.push import push
from harness.publish.ways import find_way
from harness.record import HarnessError
from harness.replication import Replication
from harness.report.material import Material

_NAMES: tuple[StepName, ...] = get_args(StepName)
_SHORT = 12
"""Digits of a hash that are shown."""


def publish(
    replication: Replication, request: Request, *, progress: Progress = no_progress
) -> Published:
    """Review, commit, push and propose a replication.

    Raises `HarnessError` for what the user can mend, with nothing written unless the branch is
    pushed already, which the error then says; `RemoteError` for what fails elsewhere.
    """
    progress("publish", 0, len(_NAMES))
    with open_checkout(replication.project, rehearsal=request.dry_run) as checkout:
        prepared = prepare(replication, request, checkout, progress)
        done = _Publication(prepared, progress).publish()
    progress("publish", len(_NAMES), len(_NAMES))
    return done


class _Publication:
    """The steps after all was looked at, and what they said."""

    def __init__(self, prepared: Prepared, progress: Progress) -> None:
        self._prepared = prepared
        self._progress = progress
        self._material = Material.of(prepared.replication)
        self._title = title(self._material)
        self._steps: list[Step] = []
        base = f"{prepared.remotes.base.name}/{prepared.base}"
        self._say("base", f"{base} at {prepared.tips.base[:_SHORT]}")
        self._say("review", prepared.review.sentence)

    def publish(self) -> Published:
        prepared, request = self._prepared, self._prepared.request
        if holds_already(prepared.checkout, prepared.tips.base, prepared.contents.submission):
            self._say("commit", f"{prepared.base} holds exactly this folder; nothing to publish")
            return self._ended("nothing", None)
        commit = self._commit(prepared.tips)
        if request.dry_run:
            return self._rehearsed(commit)
        if request.patch:
            return self._files(commit)
        way = find_way(prepared.remotes.base.address)
        commit = self._push(commit)
        return self._files(commit) if way is None else self._propose(commit, way)

    def _commit(self, tips: Tips) -> str:
        """The commit that holds the folder, on the branch here."""
        prepared, submission = self._prepared, self._prepared.contents.submission
        parent = start(prepared.checkout, tips, prepared.branch, submission.name)
        commit = commit_on(prepared.checkout, parent, submission, self._title)
        if commit == parent:
            self._say("commit", f"{commit[:_SHORT]} holds this folder already")
        else:
            self._say("commit", f"{commit[:_SHORT]} {self._title} ({len(submission.files)} files)")
        if not prepared.request.dry_run:
            set_branch(prepared.checkout, prepared.branch, commit)
        return commit

    def _push(self, commit: str) -> str:
        """Push, once more where somebody else was faster; the commit that stands there."""
        prepared, tips = self._prepared, self._prepared.tips
        place = f"{prepared.branch} of {prepared.remotes.fork.name}"
        reason = None
        for _ in range(2):
            if commit == tips.remote:
                self._say("push", f"{place} stands there already")
                return commit
            reason = self._pushed(commit)
            if reason is None:
                self._say("push", f"{place} stands at {commit[:_SHORT]}")
                return commit
            self._say("push", f"{place} moved meanwhile; its new tip is built upon")
            tips = look(prepared.checkout, prepared.remotes, prepared.base, prepared.branch)
            commit = self._commit(tips)
        raise RemoteError(
            f"{place}: pushed to by others just now, or not to be moved: {reason}; the same "
            "command goes on"
        )

    def _pushed(self, commit: str) -> str | None:
        """Git's reason where the branch had moved."""
        prepared = self._prepared
        branch, remote = prepared.branch, prepared.remotes.fork
        try:
            return push(prepared.checkout, remote, branch, commit)
        except RemoteError as error:
            raise RemoteError(
                f"{error}; the branch {branch} stands here: the same command goes on, --fork OWNER "
                "pushes to a fork, --patch writes files to send"
            ) from error

    def _propose(self, commit: str, way: Opener) -> Published:
        prepared = self._prepared
        base, fork = prepared.remotes.base.address, prepared.remotes.fork.address
        assert base is not None
        owner = (fork or base).owner
        text = self._body(commit)
        pushed = f"{prepared.branch} is pushed, and the same command goes on"
        try:
            done = way.propose(Proposal(self._title, text, prepared.base, owner, prepared.branch))
        except HarnessError as error:
            raise HarnessError(f"{error}; {pushed}") from error
        except RemoteError as error:
            raise RemoteError(f"{error}; {pushed}") from error
        self._say("pull request", f"{done.outcome} through {way.way}: {done.url}")
        return self._ended(done.outcome, commit, url=done.url)

    def _files(self, commit: str) -> Published:
        """What a person sends: of several commits on the branch, one on the base."""
        prepared = self._prepared
        spec = prepared.replication.spec
        files = patch_files(prepared.replication.project, spec.paper, spec.id)
        alone = self._alone(commit)
        text = f"# {self._title}\n\n{self._body(commit)}"
        write_patch(prepared.checkout, files, alone, text)
        names = [self._from_project(path) for path in files]
        self._say("pull request", f"for you to open: {' and '.join(names)}")
        return self._ended("files", commit, files=names)

    def _alone(self, commit: str) -> str:
        """One commit on the base with all of the folder: the branch's own where it has no other."""
        prepared, base = self._prepared, self._prepared.tips.base
        if prepared.checkout.object_at(f"{commit}^") == base:
            return commit
        return commit_on(prepared.checkout, base, prepared.contents.submission, self._title)

    def _rehearsed(self, commit: str) -> Published:
        prepared = self._prepared
        if prepared.request.patch:
            self._say("pull request", f"files to send: {self._title}")
            return self._ended("dry run", commit)
        stands = commit == prepared.tips.remote
        moves = "stands there already" if stands else f"moves to {commit[:_SHORT]}"
        self._say("push", f"{prepared.branch} of {prepared.remotes.fork.name} {moves}")
        way = find_way(prepared.remotes.base.address, ask=False)
        told = f"through {way.way}" if way else "neither GITHUB_TOKEN nor gh: files to send"
        self._say("pull request", f"{told}: {self._title}")
        return self._ended("dry run", commit)

    def _body(self, commit: str) -> str:
        prepared, replication = self._prepared, self._prepared.replication
        stored = replication.stored_verdicts()
        address = prepared.remotes.fork.address if not prepared.request.patch else None
        return body(
            Told(
                material=self._material,
                review=prepared.review,
                files=tuple(prepared.contents.submission.files),
                commit=commit,
                held_by=address,
                verdicts_stand=stored is not None
                and stored.verdicts == tuple(self._material.verdicts),
            )
        )

    def _from_project(self, path: Path) -> str:
        return path.relative_to(self._prepared.replication.project).as_posix()

    def _say(self, name: StepName, said: str) -> None:
        self._steps.append(Step(name=name, said=said))
        self._progress("publish", _NAMES.index(name) + 1, len(_NAMES))

    def _ended(
        self,
        outcome: Outcome,
        commit: str | None,
        *,
        url: str | None = None,
        files: Sequence[str] = (),
    ) -> Published:
        prepared = self._prepared
        return Published(
            replication=prepared.replication.name,
            base=prepared.base,
            branch=prepared.branch,
            commit=commit,
            outcome=outcome,
            url=url,
            files=tuple(files),
            left_out=prepared.contents.left_out,
            steps=tuple(self._steps),
        )
