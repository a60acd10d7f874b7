"""Commit, push and propose, step by step; each looks at what stands already.

What was done lives in git and on GitHub and in no file of ours: the same command goes on after any
failure, and changes nothing where all is done.
"""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import get_args

from harness.experiments.context import Progress
from harness.publish.branch import Tips, start
from harness.publish.checkout import Checkout, open_checkout
from harness.publish.commit import commit_on, holds_already, set_branch
from harness.publish.failure import RemoteError
from harness.publish.patch import patch_files, write_patch
from harness.publish.place import look_again
from harness.publish.prepared import Prepared
from harness.publish.proposal import Opener, Proposal
from harness.publish.published import Outcome, Published, Step, StepName
from harness.publish.push import push
from harness.publish.request import Request
from harness.publish.ways import find_way
from harness.record import HarnessError

_NAMES: tuple[StepName, ...] = get_args(StepName)
_SHORT = 12
"""Digits of a hash that are shown."""


def carry_out(
    project: Path,
    request: Request,
    prepare: Callable[[Checkout], Prepared],
    progress: Progress,
) -> Published:
    """Prepare in the project's repository, then take every step.

    Raises `HarnessError` for what the user can mend, with nothing written unless the branch is
    pushed already, which the error then says; `RemoteError` for what fails elsewhere.
    """
    progress("publish", 0, len(_NAMES))
    with open_checkout(project, rehearsal=request.dry_run) as checkout:
        done = _Publication(prepare(checkout), progress).publish()
    progress("publish", len(_NAMES), len(_NAMES))
    return done


class _Publication:
    """The steps after all was looked at, and what they said."""

    def __init__(self, prepared: Prepared, progress: Progress) -> None:
        self._prepared = prepared
        self._progress = progress
        self._place = place = prepared.place
        self._title = prepared.title
        self._steps: list[Step] = []
        base = f"{place.remotes.base.name}/{place.base}"
        self._say("base", f"{base} at {place.tips.base[:_SHORT]}")
        self._say("review", prepared.review)

    def publish(self) -> Published:
        prepared, request, place = self._prepared, self._prepared.request, self._place
        if holds_already(prepared.checkout, place.tips.base, prepared.contents):
            what = prepared.contents.name
            self._say("commit", f"{place.base} holds {what} as it is here; nothing to publish")
            return self._ended("nothing", None)
        commit = self._commit(place.tips)
        if request.dry_run:
            return self._rehearsed(commit)
        if request.patch:
            return self._files(commit)
        way = find_way(place.remotes.base.address)
        commit = self._push(commit)
        return self._files(commit) if way is None else self._propose(commit, way)

    def _commit(self, tips: Tips) -> str:
        """The commit that holds the contents, on the branch here."""
        prepared, contents, branch = self._prepared, self._prepared.contents, self._place.branch
        parent = start(prepared.checkout, tips, branch, contents)
        commit = commit_on(prepared.checkout, parent, contents, self._title)
        if commit == parent:
            self._say("commit", f"{commit[:_SHORT]} holds {contents.name} already")
        else:
            self._say("commit", f"{commit[:_SHORT]} {self._title} ({len(contents.files)} files)")
        if not prepared.request.dry_run:
            set_branch(prepared.checkout, branch, commit)
        return commit

    def _push(self, commit: str) -> str:
        """Push, once more where somebody else was faster; the commit that stands there."""
        tips = self._place.tips
        place = f"{self._place.branch} of {self._place.remotes.fork.name}"
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
            tips = look_again(self._prepared.checkout, self._place).tips
            commit = self._commit(tips)
        raise RemoteError(
            f"{place}: pushed to by others just now, or not to be moved: {reason}; the same "
            "command goes on"
        )

    def _pushed(self, commit: str) -> str | None:
        """Git's reason where the branch had moved."""
        branch, remote = self._place.branch, self._place.remotes.fork
        try:
            return push(self._prepared.checkout, remote, branch, commit)
        except RemoteError as error:
            raise RemoteError(
                f"{error}; the branch {branch} stands here: the same command goes on, --fork OWNER "
                "pushes to a fork, --patch writes files to send"
            ) from error

    def _propose(self, commit: str, way: Opener) -> Published:
        place = self._place
        base, fork = place.remotes.base.address, place.remotes.fork.address
        assert base is not None
        owner = (fork or base).owner
        text = self._text(commit)
        pushed = f"{place.branch} is pushed, and the same command goes on"
        try:
            done = way.propose(Proposal(self._title, text, place.base, owner, place.branch))
        except HarnessError as error:
            raise HarnessError(f"{error}; {pushed}") from error
        except RemoteError as error:
            raise RemoteError(f"{error}; {pushed}") from error
        self._say("pull request", f"{done.outcome} through {way.way}: {done.url}")
        return self._ended(done.outcome, commit, url=done.url)

    def _files(self, commit: str) -> Published:
        """What a person sends: of several commits on the branch, one on the base."""
        prepared = self._prepared
        files = patch_files(prepared.project, prepared.contents.name)
        alone = self._alone(commit)
        text = f"# {self._title}\n\n{self._text(commit)}"
        write_patch(prepared.checkout, files, alone, text)
        names = [path.relative_to(prepared.project).as_posix() for path in files]
        self._say("pull request", f"for you to open: {' and '.join(names)}")
        return self._ended("files", commit, files=names)

    def _alone(self, commit: str) -> str:
        """One commit on the base with all of it: the branch's own where it has no other."""
        prepared, base = self._prepared, self._place.tips.base
        if prepared.checkout.object_at(f"{commit}^") == base:
            return commit
        return commit_on(prepared.checkout, base, prepared.contents, self._title)

    def _rehearsed(self, commit: str) -> Published:
        place = self._place
        if self._prepared.request.patch:
            self._say("pull request", f"files to send: {self._title}")
            return self._ended("dry run", commit)
        stands = commit == place.tips.remote
        moves = "stands there already" if stands else f"moves to {commit[:_SHORT]}"
        self._say("push", f"{place.branch} of {place.remotes.fork.name} {moves}")
        way = find_way(place.remotes.base.address, ask=False)
        told = f"through {way.way}" if way else "neither GITHUB_TOKEN nor gh: files to send"
        self._say("pull request", f"{told}: {self._title}")
        return self._ended("dry run", commit)

    def _text(self, commit: str) -> str:
        prepared = self._prepared
        is_pushed = not prepared.request.patch
        return prepared.text(commit, self._place.remotes.fork.address if is_pushed else None)

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
        contents = self._prepared.contents
        return Published(
            folder=contents.name,
            base=self._place.base,
            branch=self._place.branch,
            commit=commit,
            outcome=outcome,
            url=url,
            files=tuple(files),
            left_out=contents.left_out,
            steps=tuple(self._steps),
        )
