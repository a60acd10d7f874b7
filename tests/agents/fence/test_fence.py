"""Every change counts, only allowed ones stay, and the rest leaves nothing behind."""

import os
import time
from pathlib import Path

import pytest

from agents.fence import Allowed, Change, Fence, Worktree
from harness.record import HarnessError
from tests.agents.fence.conftest import listing
from tests.agents.fence.tampers import TAMPERS, deep

NOTHING = Allowed(paths=())


@pytest.mark.parametrize("name", TAMPERS)
def test_a_change_is_found_and_undone(fence: Fence, tree: Worktree, name: str) -> None:
    before = listing(tree.top)
    TAMPERS[name].do(tree.top)
    changes = [Change(path, kind) for path, kind in TAMPERS[name].changed]
    assert listing(tree.top) != before
    assert fence.changes() == changes
    assert [each.change for each in fence.hold(NOTHING)] == changes
    assert listing(tree.top) == before
    assert fence.changes() == []


@pytest.mark.parametrize("name", TAMPERS)
def test_a_change_counts_beside_one_that_is_allowed(
    fence: Fence, tree: Worktree, name: str
) -> None:
    before = listing(tree.top)
    (tree.top / "allowed.yaml").write_text("x")
    TAMPERS[name].do(tree.top)
    changes = [each.change for each in fence.hold(Allowed(paths=("allowed.yaml",)))]
    assert changes == [Change(path, kind) for path, kind in TAMPERS[name].changed]
    assert listing(tree.top) == before


def test_what_is_too_deep_for_a_path_is_undone(fence: Fence, tree: Worktree) -> None:
    before = listing(tree.top)
    deep(tree.top)
    (trespass,) = fence.hold(Allowed(paths=(f"{'d' * 100}/",)))
    assert trespass.reason == "neither a plain file nor a folder that can be looked into"
    assert listing(tree.top) == before


@pytest.mark.parametrize("length", [2050, 2300, 4080, 4090, 4095, 4100, 5000])
@pytest.mark.parametrize("inside", ["runs", ".venv", "harness", "__pycache__", "papers/runs"])
def test_compiled_code_at_the_end_of_a_long_path_does_not_stop_the_fence(
    fence: Fence, tree: Worktree, inside: str, length: int
) -> None:
    before = listing(tree.top)
    top = tree.top / inside
    top.mkdir(exist_ok=True)
    steps, rest = divmod(length - len(os.fsencode(top / "x" / "__pycache__")), 101)
    deep(top, [*["d" * 100] * steps, "e" * (rest + 1), "__pycache__"])
    is_scratch = inside in ("runs", ".venv", "__pycache__")
    assert (fence.hold(NOTHING) == []) == is_scratch
    if inside not in ("runs", ".venv"):
        assert listing(tree.top) == before
    fence.accept()
    assert fence.changes() == []


def test_compiled_code_in_scratch_is_left_alone(fence: Fence, tree: Worktree) -> None:
    for inside in ("runs/x", ".venv/x", "papers/x"):
        (tree.top / inside / "__pycache__").mkdir(parents=True)
    fence.hold(Allowed(paths=("papers/x/",)))
    assert (tree.top / "runs/x/__pycache__").is_dir()
    assert (tree.top / ".venv/x/__pycache__").is_dir()
    assert not (tree.top / "papers/x/__pycache__").exists()


def test_what_is_allowed_stays(fence: Fence, tree: Worktree) -> None:
    (tree.top / "papers/b").mkdir()
    (tree.top / "papers/b/paper.yaml").write_text("id: b\n")
    (tree.top / "replications/a/two/replication.yaml").unlink()
    (tree.top / "replications/a/two/notes").mkdir()
    (tree.top / "replications/a/two/notes/n.md").write_text("n")
    allowed = Allowed(paths=("papers/b/paper.yaml", "replications/a/two/"))
    changed = listing(tree.top)
    assert fence.hold(allowed) == []
    assert listing(tree.top) == changed
    assert len(fence.changes()) == 3
    fence.accept()
    assert fence.changes() == []
    (tree.top / "papers/b/paper.yaml").write_text("id: changed\n")
    assert [each.change for each in fence.hold(NOTHING)] == [
        Change("papers/b/paper.yaml", "modified")
    ]
    assert listing(tree.top) == changed


def test_an_allowed_name_does_not_cover_its_neighbours(fence: Fence, tree: Worktree) -> None:
    allowed = Allowed(paths=("papers/b/paper.yaml",))
    (tree.top / "papers/b").mkdir()
    for name in ("paper.yaml", "paper.yaml.bak", "frozen.json"):
        (tree.top / "papers/b" / name).write_text("x")
    found = {each.change.path for each in fence.hold(allowed)}
    assert found == {"papers/b/paper.yaml.bak", "papers/b/frozen.json"}


@pytest.mark.parametrize("path", ["/etc/passwd", "../x", "a/../../x", "", ".git", ".git/hooks/"])
def test_paths_out_of_the_tree_cannot_be_allowed(path: str) -> None:
    with pytest.raises(ValueError, match="not a path in the working tree"):
        Allowed(paths=(path,))


def test_a_link_is_no_plain_file_even_where_its_name_is_allowed(
    fence: Fence, tree: Worktree
) -> None:
    allowed = Allowed(paths=("link.yaml", "hard.yaml", "root.sh"))
    (tree.top / "link.yaml").symlink_to("/etc/passwd")
    (tree.top / "hard.yaml").hardlink_to(tree.top / "papers/a/paper.yaml")
    (tree.top / "root.sh").write_text("x")
    (tree.top / "root.sh").chmod(0o4755)
    found = {each.change.path: each.reason for each in fence.hold(allowed)}
    assert found == {
        "link.yaml": "a link; only plain files may be written",
        "hard.yaml": "another name of a file that stands elsewhere too (a hard link)",
        "root.sh": "its mode is 4755; only plain files may be written",
    }


def test_writing_through_a_hard_link_does_not_outlive_the_undoing(
    fence: Fence, tree: Worktree
) -> None:
    before = listing(tree.top)
    (tree.top / "papers/a/mine.yaml").hardlink_to(tree.top / "papers/a/paper.yaml")
    (tree.top / "papers/a/mine.yaml").write_text("id: mine\n")
    assert len(fence.hold(Allowed(paths=("papers/a/mine.yaml",)))) == 2
    assert listing(tree.top) == before


def test_scratch_is_free_and_compiled_code_is_cleared(fence: Fence, tree: Worktree) -> None:
    for name in ("runs/x", ".venv/x", ".pytest_cache/x", "harness/__pycache__/judge.pyc"):
        (tree.top / name).parent.mkdir(parents=True, exist_ok=True)
        (tree.top / name).write_text("x")
    assert fence.changes() == []
    assert fence.hold(NOTHING) == []
    assert (tree.top / "runs/x").exists()
    assert not (tree.top / "harness/__pycache__").exists()


REASONS = {
    "papers/a/paper.yaml": "frozen",
    "papers/a/frozen.json": "the harness alone freezes",
    "replications/a/one/measurements/m.jsonl": "results are written by the harness alone",
    "replications/a/one/verdicts.json": "results are written by the harness alone",
    "replications/a/one/report.html": "results are written by the harness alone",
    "replications/a/one/replication.ipynb": "results are written by the harness alone",
    "replications/a/two/replication.yaml": "it belongs to another replication",
    "replications/a/one/notes.md": "may change: replications/a/one/replication.yaml",
    "harness/judge.py": "the harness's own code",
    "tests/test_judge.py": "the harness's own tests",
    "pyproject.toml": "may change: replications/a/one/replication.yaml",
    ".git": "git's own files",
}


def test_the_agent_is_told_why(fence: Fence, tree: Worktree) -> None:
    for name in REASONS:
        with (tree.top / name).open("a") as file:
            file.write("changed")
    found = fence.hold(Allowed(paths=("replications/a/one/replication.yaml",)))
    assert {each.change.path for each in found} == set(REASONS)
    for each in found:
        assert REASONS[each.change.path] in each.reason, each


def test_what_the_harness_writes_is_accepted(fence: Fence, tree: Worktree) -> None:
    (tree.top / "replications/a/one/verdicts.json").write_text("{}")
    fence.accept()
    assert fence.hold(NOTHING) == []
    (tree.top / "replications/a/one/verdicts.json").write_text("[]")
    assert len(fence.hold(NOTHING)) == 1
    assert (tree.top / "replications/a/one/verdicts.json").read_text() == "{}"


def test_undo_puts_back_without_a_trespass(fence: Fence, tree: Worktree) -> None:
    before = listing(tree.top)
    (tree.top / "papers/a/paper.yaml").write_text("x")
    fence.undo()
    assert listing(tree.top) == before


def test_a_file_that_has_settled_is_not_read_again(
    fence: Fence, tree: Worktree, monkeypatch: pytest.MonkeyPatch
) -> None:
    later = time.time_ns() + 10**10
    with monkeypatch.context() as patched:
        patched.setattr("agents.fence.entries.time.time_ns", lambda: later)
        fence.accept()
    read: list[Path] = []
    real = os.open

    def noted(path: Path, *arguments: int) -> int:
        read.append(Path(path))
        return real(path, *arguments)

    monkeypatch.setattr("agents.fence.entries.os.open", noted)
    assert fence.changes() == []
    assert read == []
    same = tree.top / "harness/judge.py"
    was = same.stat()
    same.write_text("LIMIT = 0.1\n")
    os.utime(same, ns=(was.st_atime_ns, was.st_mtime_ns))
    assert fence.changes() == [Change("harness/judge.py", "modified")]
    assert read == [same]


def sparse(file: Path, mebibytes: int, last: bytes = b"") -> None:
    """A file of that size that takes next to no room on the disk."""
    with file.open("wb") as stream:
        stream.truncate(mebibytes * 2**20 - len(last))
        stream.seek(0, os.SEEK_END)
        stream.write(last)


def test_a_huge_file_is_found_and_undone_by_its_size_alone(fence: Fence, tree: Worktree) -> None:
    before = listing(tree.top)
    begin = time.monotonic()
    for name in ("huge", "harness/judge.py", "papers/huge"):
        sparse(tree.top / name, 8192)
    found = [
        Change("harness/judge.py", "modified"),
        Change("huge", "added"),
        Change("papers/huge", "added"),
    ]
    assert fence.changes() == found
    assert [each.change for each in fence.hold(NOTHING)] == found
    assert time.monotonic() - begin < 5, "reading them takes a minute"
    assert listing(tree.top) == before


def test_a_huge_file_that_was_accepted_is_kept_by_content(fence: Fence, tree: Worktree) -> None:
    allowed, file = Allowed(paths=("papers/huge",)), tree.top / "papers/huge"
    sparse(file, 65, b"mine")
    assert fence.hold(allowed) == []
    fence.accept()
    assert fence.changes() == []
    was, before = file.stat(), listing(tree.top)
    sparse(file, 65, b"evil")
    os.utime(file, ns=(was.st_atime_ns, was.st_mtime_ns))
    assert [each.change for each in fence.hold(NOTHING)] == [Change("papers/huge", "modified")]
    assert file.read_bytes().endswith(b"mine")
    file.unlink()
    sparse(file, 65, b"mine")
    assert fence.changes() == [], "the same content at another time"
    sparse(file, 66)
    assert len(fence.hold(NOTHING)) == 1
    assert listing(tree.top) == before


def test_a_damaged_store_is_told(fence: Fence, tree: Worktree, tmp_path: Path) -> None:
    for content in (tmp_path / "store/contents").rglob("*"):
        if content.is_file():
            content.write_text("damaged")
    (tree.top / "papers/a/paper.yaml").write_text("x")
    with pytest.raises(HarnessError, match="damaged"):
        fence.hold(NOTHING)


def test_the_store_lies_out_of_the_tree(tree: Worktree) -> None:
    with pytest.raises(AssertionError):
        Fence(tree.top, tree.top / "store")
