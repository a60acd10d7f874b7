"""A git repository read by its objects alone: no checkout, no hook, no filter, no submodule."""

from collections.abc import Iterator
from pathlib import Path

from git import Commit, Repo
from git.exc import BadName, GitCommandError, InvalidGitRepositoryError, NoSuchPathError

from harness.record import HarnessError
from harness.review.submission import Blob, Change, ChangeKind, Kind

MOST_READ = 1 << 26
"""Bytes read of one file; far more than the rule on sizes lets pass."""
_KINDS: dict[str, Kind] = {
    "100644": "file",
    "100755": "executable",
    "120000": "link",
    "160000": "submodule",
}
_CHANGES: dict[str, ChangeKind] = {"A": "added", "D": "deleted"}


def find_repository(folder: Path) -> Repo | None:
    """The repository that a folder lies in."""
    try:
        return Repo(folder, search_parent_directories=True)
    except (InvalidGitRepositoryError, NoSuchPathError):
        return None


def commit_of(repository: Repo, ref: str) -> Commit:
    """The commit of a branch, tag or hash. Raises `HarnessError` with the branches there are."""
    try:
        if ref.startswith("-"):
            raise ValueError(ref)
        return repository.commit(ref)
    except (BadName, ValueError, IndexError, GitCommandError) as error:
        heads = ", ".join(sorted(head.name for head in repository.references)[:20])
        raise HarnessError(f"{ref!r} is no branch or commit here; there are {heads}") from error


def fork_point(repository: Repo, base: Commit, head: Commit) -> Commit:
    """The newest commit that both hold. Raises `HarnessError` where there is none."""
    shared = repository.merge_base(base, head)
    if not shared:
        raise HarnessError(f"{head.hexsha[:12]} has no history in common with {base.hexsha[:12]}")
    return shared[0]


def changes(repository: Repo, before: Commit, after: Commit) -> list[Change]:
    """Every path that differs; a move is a deletion and an addition."""
    arguments = ["-r", "-z", "--no-renames", "--name-status", before.hexsha, after.hexsha]
    parts = _plumbing(repository, "diff-tree", *arguments).split(b"\0")[:-1]
    found: list[Change] = []
    for status, path in zip(parts[::2], parts[1::2], strict=True):
        found.append(Change(_name(path), _CHANGES.get(status.decode()[:1], "modified")))
    return found


def blobs(repository: Repo, commit: Commit, folder: str) -> Iterator[tuple[str, Blob]]:
    """Every entry under a folder of a commit, by its path there."""
    listed = _plumbing(repository, "ls-tree", "-r", "-z", f"{commit.hexsha}:{folder}")
    for entry in listed.split(b"\0")[:-1]:
        about, _, path = entry.partition(b"\t")
        mode, _, sha = about.decode().split(" ")
        kind = _KINDS[mode]
        content = b"" if kind == "submodule" else _content(repository, sha)
        yield _name(path), Blob(kind, content)


def is_folder(repository: Repo, commit: Commit, path: str) -> bool:
    """Whether a commit has a folder there; a link or a submodule is none."""
    return _plumbing(repository, "ls-tree", "-z", commit.hexsha, "--", path).startswith(b"040000 ")


def text_at(repository: Repo, commit: Commit, path: str) -> str | None:
    """A plain file's text in a commit; `None` where there is no such file, or it is no UTF-8."""
    entry = _plumbing(repository, "ls-tree", "-z", commit.hexsha, "--", path)
    if not entry.startswith((b"100644 ", b"100755 ")):
        return None
    sha = entry.split(b"\t")[0].decode().split(" ")[2]
    try:
        return _content(repository, sha).decode("utf-8")
    except UnicodeDecodeError:
        return None


def history(repository: Repo, commit: Commit) -> frozenset[str] | None:
    """Hashes of a commit and all before it; `None` where the repository is shallow."""
    if (Path(repository.common_dir) / "shallow").exists():
        return None
    listed = _plumbing(repository, "rev-list", commit.hexsha)
    return frozenset(listed.decode().split())


def _content(repository: Repo, sha: str) -> bytes:
    return repository.odb.stream(bytes.fromhex(sha)).read(MOST_READ)


def _plumbing(repository: Repo, *arguments: str) -> bytes:
    """Output of a git command, which looks at objects only."""
    command = ["git", "--no-replace-objects", "--literal-pathspecs", *arguments]
    try:
        done = repository.git.execute(
            command,
            stdout_as_string=False,
            strip_newline_in_stdout=False,
            with_extended_output=False,
        )
    except GitCommandError as error:
        raise HarnessError(f"git cannot read these objects: {error.stderr.strip()}") from error
    assert isinstance(done, bytes), arguments
    return done


def _name(path: bytes) -> str:
    """Any bytes as text that can be printed; what is no UTF-8 shows its bytes."""
    return path.decode("utf-8", "backslashreplace")
