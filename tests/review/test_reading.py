import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from harness.record import HarnessError
from harness.review.reading import read_branch, read_folder
from harness.review.submission import Change
from tests.review.desk import NAME, OTHER, PAPER, Desk


@pytest.fixture(scope="module")
def honest(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("HARNESS_CACHE", str(tmp_path_factory.mktemp("cache")))
        return Desk.honest(tmp_path_factory.mktemp("desk") / "project")


@pytest.fixture
def desk(honest: Desk, tmp_path: Path) -> Iterator[Desk]:
    made = honest.copy(tmp_path / "project")
    yield made
    assert not made.canary.exists(), "something planted has run"


def test_a_branch_and_its_folder_on_disk_are_one_submission(desk: Desk) -> None:
    branch, folder = read_branch(desk.project, "submission"), read_folder(desk.folder)
    assert branch.files == folder.files
    assert (branch.name, branch.paper, branch.base) == (folder.name, folder.paper, folder.base)
    assert branch.name == NAME
    assert branch.outside == folder.outside == ()
    assert branch.commit == desk.git("rev-parse", "submission").decode().strip()
    assert folder.commit is None
    assert branch.history == folder.history == frozenset({branch.base})


def test_reading_a_branch_leaves_the_repository_as_it_was(desk: Desk) -> None:
    def state() -> dict[str, Any]:
        paths = sorted(path for path in desk.project.rglob("*") if path.is_file())
        return {str(path): path.read_bytes() for path in paths}

    desk.put(f"{NAME}/.gitattributes", "* filter=canary\n")
    desk.commit()
    shutil.rmtree(desk.folder)
    before = state()
    assert "report.md" in read_branch(desk.project, "submission").files
    assert state() == before


def test_a_link_on_disk_is_told_and_not_followed(desk: Desk, tmp_path: Path) -> None:
    (tmp_path / "secret.md").write_text("secret")
    (desk.folder / "linked.md").symlink_to(tmp_path / "secret.md")
    (desk.folder / "folder").symlink_to(tmp_path)
    files = read_folder(desk.folder).files
    assert files["linked.md"] == ("link", str(tmp_path / "secret.md").encode())
    assert files["folder"].kind == "link"
    assert not any(name.startswith("folder/") for name in files)


def test_an_executable_is_told_and_a_pipe_is_not_opened(desk: Desk) -> None:
    (desk.folder / "report.md").chmod(0o755)
    assert read_folder(desk.folder).files["report.md"].kind == "executable"
    os.mkfifo(desk.folder / "pipe")
    with pytest.raises(HarnessError, match="pipe: no file, but a pipe"):
        read_folder(desk.folder)


def test_main_s_paper_counts_whatever_the_submission_says(desk: Desk) -> None:
    honest = read_branch(desk.project, "submission")
    desk.replace(PAPER, "limit: ", "limit: 0")
    desk.commit()
    for found in (read_branch(desk.project, "submission"), read_folder(desk.folder)):
        assert found.paper == honest.paper
        assert found.own_paper == (desk.project / PAPER).read_text() != honest.paper
        assert found.outside == (Change(PAPER, "modified"),)


def test_a_paper_that_moved_on_main_is_not_held_against_an_older_branch(desk: Desk) -> None:
    text = (desk.project / PAPER).read_text()
    desk.put(PAPER, text + "# later\n")
    desk.git("add", PAPER)
    desk.git("update-ref", "refs/heads/main", _commit_of_index(desk, "main"))
    found = read_branch(desk.project, "submission")
    assert found.paper == text + "# later\n"
    assert found.own_paper is None
    assert found.outside == ()


def test_a_paper_of_its_own_is_new(desk: Desk) -> None:
    desk.git("rm", "-q", "-r", "--cached", "papers/sentiment", NAME)
    desk.git("update-ref", "refs/heads/main", _commit_of_index(desk))
    desk.commit()
    found = read_branch(desk.project, "submission")
    assert found.paper_is_new
    assert Change(PAPER, "added") in found.outside
    assert found.paper == (desk.project / PAPER).read_text()


def test_whatever_else_a_branch_touches_is_outside(desk: Desk) -> None:
    desk.put("harness/verdict.py", "LIMIT = 0\n")
    desk.put(f"{OTHER}/report.md", "better")
    (desk.project / ".github/workflows/ci.yml").unlink()
    desk.commit()
    found = read_branch(desk.project, "submission")
    assert found.name == NAME
    assert set(found.outside) == {
        Change("harness/verdict.py", "modified"),
        Change(f"{OTHER}/report.md", "modified"),
        Change(".github/workflows/ci.yml", "deleted"),
    }


def test_links_submodules_and_odd_names_of_a_branch_are_told(desk: Desk) -> None:
    entries = [
        ("120000", "link", b"/etc/passwd"),
        ("160000", "module", b"1" * 40),
        ("100644", "line\nbreak ÿ", b"x"),
        ("100755", "run", b"x"),
    ]
    desk.commit(
        *((mode, f"{NAME}/{n}".replace("/", "\0"), content) for mode, n, content in entries)
    )
    files = read_branch(desk.project, "submission").files
    assert files["link"] == ("link", b"/etc/passwd")
    assert files["module"] == ("submodule", b"")
    assert files["run"].kind == "executable"
    assert files["line\nbreak ÿ"].content == b"x"


@pytest.mark.parametrize(
    "ref", ["nowhere", "--output=x", "main:harness", "", "submission^9", "@{9}"]
)
def test_a_ref_that_is_not_there_is_an_error_with_those_that_are(ref: str, desk: Desk) -> None:
    with pytest.raises(
        HarnessError, match="is no branch or commit here; there are main, submission"
    ):
        read_branch(desk.project, ref)


def test_a_branch_without_a_replication_is_an_error(desk: Desk) -> None:
    with pytest.raises(HarnessError, match="'main' touches no folder replications/<paper>/<id>"):
        read_branch(desk.project, "main")


def test_a_branch_of_another_history_is_an_error(desk: Desk) -> None:
    tree = desk.git("rev-parse", "submission^{tree}").decode().strip()
    orphan = desk.git("commit-tree", tree, "-m", "alone").decode().strip()
    with pytest.raises(HarnessError, match="no history in common"):
        read_branch(desk.project, orphan)


def test_a_shallow_clone_knows_no_history(desk: Desk, tmp_path: Path) -> None:
    command = ["git", "clone", "-q", "--depth", "1", "--branch", "main"]
    source = desk.project.as_uri()
    subprocess.run([*command, source, str(tmp_path / "shallow")], check=True, capture_output=True)
    shutil.copytree(desk.folder, tmp_path / "shallow" / NAME)
    found = read_folder(tmp_path / "shallow" / NAME)
    assert found.history is None
    assert found.base is not None


def test_outside_of_git_the_paper_on_disk_counts(desk: Desk, tmp_path: Path) -> None:
    for name in (NAME, "papers/sentiment"):
        shutil.copytree(desk.project / name, tmp_path / "plain" / name)
    found = read_folder(tmp_path / "plain" / NAME)
    assert found.paper == (desk.project / PAPER).read_text()
    assert (found.base, found.history, found.own_paper) == (None, None, None)
    assert not found.paper_is_new
    shutil.rmtree(tmp_path / "plain/papers")
    with pytest.raises(HarnessError, match="neither main nor the submission has this paper"):
        read_folder(tmp_path / "plain" / NAME)


def test_a_folder_elsewhere_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(HarnessError, match="not a folder replications/<paper>/<id>"):
        read_folder(tmp_path)


def _commit_of_index(desk: Desk, *parents: str) -> str:
    tree = desk.git("write-tree").decode().strip()
    given = [part for parent in parents for part in ("-p", parent)]
    return desk.git("commit-tree", tree, *given, "-m", "state").decode().strip()
