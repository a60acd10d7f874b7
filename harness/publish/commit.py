"""One commit with what is proposed, built by plumbing: the user's index and files play no part.

Bytes are stored as they were reviewed; no filter or line ending is applied.
"""

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from harness.publish.checkout import Checkout
from harness.publish.contents import Contents
from harness.record import HarnessError
from harness.review.submission import Blob

_MODES = {"file": "100644", "executable": "100755"}
_NOTHING = "0" * 40


def build_tree(checkout: Checkout, parent: str, contents: Contents) -> str:
    """The parent's tree with these places replaced; its hash."""
    with TemporaryDirectory(prefix="tree-") as scratch:
        folder = Path(scratch)
        index, entries = folder / "index", folder / "entries"
        checkout.ask("read-tree", parent, index=index)
        lines = (*_removed(checkout, index, contents), *_added(checkout, folder, contents))
        entries.write_bytes(b"".join(line + b"\0" for line in lines))
        checkout.ask("update-index", "-z", "--index-info", given=entries, index=index)
        return checkout.line("write-tree", index=index)


def commit_on(checkout: Checkout, parent: str, contents: Contents, message: str) -> str:
    """A commit with the contents on a parent; the parent where nothing differs.

    HEAD, where it is that already: a manifest may name it.
    """
    tree = build_tree(checkout, parent, contents)
    if tree == checkout.object_at(f"{parent}^{{tree}}"):
        return parent
    head = (checkout.object_at("HEAD^{tree}"), checkout.object_at("HEAD^"))
    if head == (tree, parent):
        return checkout.line("rev-parse", "HEAD")
    return checkout.line("commit-tree", tree, "-p", parent, "-m", message)


def holds_already(checkout: Checkout, commit: str, contents: Contents) -> bool:
    """Whether a commit holds exactly this."""
    return build_tree(checkout, commit, contents) == checkout.object_at(f"{commit}^{{tree}}")


def set_branch(checkout: Checkout, branch: str, commit: str) -> bool:
    """Let the branch here stand on a commit; not where it is checked out, for files would lag.

    Raises `HarnessError` where it moves meanwhile.
    """
    ref = f"refs/heads/{branch}"
    before = checkout.object_at(ref)
    if before == commit:
        return True
    if checkout.line("for-each-ref", "--format=%(worktreepath)", ref) or _is_unborn(checkout, ref):
        return False
    checkout.ask("update-ref", "-m", "harness publish", ref, commit, before or _NOTHING)
    return True


def _is_unborn(checkout: Checkout, ref: str) -> bool:
    """Whether HEAD stands on a branch that has no commit yet."""
    head = checkout.run("symbolic-ref", "--quiet", "HEAD").out.decode(errors="replace").strip()
    return head == ref


def _removed(checkout: Checkout, index: Path, contents: Contents) -> Iterator[bytes]:
    listed = checkout.ask("ls-files", "-z", "--", *contents.places, index=index)
    for path in filter(None, listed.split(b"\0")):
        yield f"0 {_NOTHING}\t".encode() + path


def _added(checkout: Checkout, scratch: Path, contents: Contents) -> Iterator[bytes]:
    """Lines of an index for every file, each stored as an object."""
    copies, names = scratch / "copies", scratch / "names"
    copies.mkdir()
    paths = [copies / str(place) for place, _ in enumerate(contents.files)]
    for path, blob in zip(paths, contents.files.values(), strict=True):
        path.write_bytes(blob.content)
    names.write_text("".join(f"{path}\n" for path in paths))
    hashes = checkout.line("hash-object", "-w", "--no-filters", "--stdin-paths", given=names)
    for (name, blob), sha in zip(contents.files.items(), hashes.splitlines(), strict=True):
        yield f"{_mode(name, blob)} {sha}\t{name}".encode()


def _mode(name: str, blob: Blob) -> str:
    if blob.kind not in _MODES:
        raise HarnessError(f"{name}: a {blob.kind}; only plain files are proposed")
    return _MODES[blob.kind]
