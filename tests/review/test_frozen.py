import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from harness.review.finding import Finding
from harness.review.opened import Opened, open_submission
from harness.review.reading import read_branch, read_folder
from harness.review.rules.frozen import frozen, frozen_changes
from harness.review.rules.paths import outside
from harness.review.submission import Change, Submission
from tests.review.altered import altered, swap
from tests.review.desk import FROZEN, NAME, PAPER, Desk
from tests.review.planted import PROJECT

PATH = "papers/actadd/frozen.json"
TEXT = (PROJECT / PATH).read_text()
DIGEST = json.loads(TEXT)["paper_digest"]
LINE = f"paper_digest: {DIGEST}\n"


def findings(given: Submission, project: Path) -> list[tuple[str, str, str]]:
    """Rule, severity and place of what the rule on records finds."""
    opened = open_submission(given, project)
    assert isinstance(opened, Opened), opened
    return [(each.rule, each.severity, each.place) for each in frozen(opened)]


def test_a_replication_of_the_paper_that_main_froze_gives_nothing(tmp_path: Path) -> None:
    assert findings(replace(altered({}), frozen=TEXT), tmp_path) == []
    assert findings(altered({}), tmp_path) == []


def test_a_digest_that_is_missing_is_a_warning_where_main_s_paper_is_frozen(tmp_path: Path) -> None:
    given = altered({"replication.yaml": swap(LINE, "")})
    place = f"{given.name}/replication.yaml"
    expected = [("paper-digest-missing", "warning", place)]
    assert findings(replace(given, frozen=TEXT), tmp_path / "frozen") == expected
    assert findings(given, tmp_path / "not") == []


@pytest.mark.parametrize("text", [TEXT, None], ids=["frozen", "not frozen"])
def test_another_digest_than_main_s_paper_has_is_a_blocker_at_its_line(
    text: str | None, tmp_path: Path
) -> None:
    given = altered({"replication.yaml": swap(DIGEST, "a" * 64)})
    place = f"{given.name}/replication.yaml:4"
    assert findings(replace(given, frozen=text), tmp_path) == [("paper-spec", "blocker", place)]


@pytest.mark.parametrize(
    "text",
    [
        TEXT.replace(DIGEST, "0" * 64),
        "",
        "[",
        "[" * 9_000,
        '{"a":' * 1_000,
        "9" * 9_000,
        '{"paper_digest": "\\ud800", "claims": 1}',
        TEXT + " " * 10_000,
        TEXT.replace("{", '{"x": 1,'),
    ],
    ids=["other", "empty", "open", "deep", "deep keys", "digits", "surrogate", "long", "key"],
)
def test_a_file_that_freezes_something_else_is_a_blocker_of_a_new_paper_and_never_a_crash(
    text: str, tmp_path: Path
) -> None:
    given = replace(altered({}), frozen=text)
    new = replace(given, paper_is_new=True)
    assert findings(new, tmp_path / "new") == [("frozen-differs", "blocker", PATH)]
    assert findings(given, tmp_path / "main") == [("frozen-differs", "warning", PATH)]


def told(
    rule: Callable[[Submission], Iterator[Finding]], given: Submission
) -> list[tuple[str, str, str]]:
    return [(each.rule, each.severity, each.path) for each in rule(given)]


@pytest.mark.parametrize("kind", ["added", "modified", "deleted"])
def test_main_s_file_is_not_a_replication_s_to_change(kind: str) -> None:
    change = Change(PATH, kind)  # pyright: ignore[reportArgumentType]
    given = replace(altered({}), outside=(change,))
    assert told(frozen_changes, given) == [("frozen-changed", "blocker", PATH)]
    [found] = frozen_changes(given)
    assert "`harness publish papers/actadd`" in found.message


def test_a_new_paper_brings_its_own_file() -> None:
    added = tuple(
        Change(f"papers/actadd/{name}", "added") for name in ("paper.yaml", "frozen.json")
    )
    new = replace(altered({}), outside=added, paper_is_new=True)
    assert told(frozen_changes, new) == []
    assert [severity for _, severity, _ in told(outside, new)] == ["note", "note"]
    known = replace(new, paper_is_new=False)
    assert [severity for _, severity, _ in told(outside, known)] == ["blocker", "blocker"]


def test_main_s_file_counts_whatever_the_submission_holds(tmp_path: Path) -> None:
    desk = Desk.honest(tmp_path / "project")
    theirs = (desk.project / FROZEN).read_text()
    for found in (read_branch(desk.project, "submission"), read_folder(desk.folder)):
        assert (found.frozen, found.outside) == (theirs, ())
    desk.put(FROZEN, theirs.replace("project", "somebody"))
    desk.commit()
    for found in (read_branch(desk.project, "submission"), read_folder(desk.folder)):
        assert (found.frozen, found.outside) == (theirs, (Change(FROZEN, "modified"),))


def test_to_freeze_main_s_paper_beside_a_folder_is_nobody_s_concern_but_on_a_branch_it_is(
    tmp_path: Path,
) -> None:
    desk = Desk.honest(tmp_path / "project")
    text = (desk.project / FROZEN).read_text()
    without = _without(desk, FROZEN, NAME)
    desk.git("update-ref", "refs/heads/main", without)
    desk.put(FROZEN, text)
    desk.commit()
    folder, branch = read_folder(desk.folder), read_branch(desk.project, "submission")
    assert (folder.frozen, folder.outside) == (None, ())
    assert (branch.frozen, branch.outside) == (None, (Change(FROZEN, "added"),))
    assert told(frozen_changes, branch) == [("frozen-changed", "blocker", FROZEN)]


def _without(desk: Desk, *paths: str) -> str:
    """A commit of the folder without some paths, which stay on disk."""
    desk.git("rm", "-q", "-r", "--cached", *paths)
    return desk.git("commit-tree", desk.git("write-tree").decode().strip(), "-m", "x").decode()[:40]


def test_of_a_new_paper_the_submission_s_own_file_counts(tmp_path: Path) -> None:
    desk = Desk.honest(tmp_path / "project")
    text = (desk.project / FROZEN).read_text()
    desk.git("update-ref", "refs/heads/main", _without(desk, PAPER, FROZEN, NAME))
    desk.commit()
    for found in (read_branch(desk.project, "submission"), read_folder(desk.folder)):
        assert (found.frozen, found.paper_is_new) == (text, True)
        assert Change(FROZEN, "added") in found.outside
