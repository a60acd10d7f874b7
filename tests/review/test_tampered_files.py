"""Files that run, hide, lead away, load, leak or speak are found, and nothing of them is run."""

import pickle
import subprocess
from pathlib import Path

import pytest

from harness.review import review_branch
from harness.review.reading import read_branch
from harness.review.rules import ON_BYTES
from tests.review.desk import Desk
from tests.review.tampered_files import FILES
from tests.review.tampering import tampered
from tests.review.tampers import Case, Runs, with_pickle


@pytest.fixture(scope="module")
def honest(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    return Desk.honest(tmp_path_factory.mktemp("desk") / "honest")


@pytest.mark.parametrize("case", FILES, ids=[case.name for case in FILES])
def test_a_planted_file_is_found_at_its_place_and_is_not_run(
    case: Case, honest: Desk, tmp_path: Path
) -> None:
    desk = tampered(case, honest, tmp_path / "project")
    given = read_branch(desk.project, "submission")
    findings = [finding for rule in ON_BYTES for finding in rule(given)]
    assert case.caught(findings), findings
    assert all(each.path.isprintable() and each.message.isprintable() for each in findings)
    assert not desk.canary.exists()


def test_the_honest_files_hold_nothing_of_the_kind(honest: Desk) -> None:
    given = read_branch(honest.project, "submission")
    assert [finding for rule in ON_BYTES for finding in rule(given)] == []


@pytest.mark.parametrize("name", ["pickle in an array", "experiment of its own", "tag in YAML"])
def test_a_whole_review_runs_nothing(name: str, honest: Desk, tmp_path: Path) -> None:
    (case,) = (case for case in FILES if case.name == name)
    desk = tampered(case, honest, tmp_path / "project")
    review = review_branch(desk.project, "submission")
    assert case.caught(review.findings) and not review.passes and not desk.canary.exists()


def test_the_marks_are_left_where_planted_files_do_run(honest: Desk, tmp_path: Path) -> None:
    """The control: loading the pickle, or checking the branch out, leaves the mark."""
    desk = honest.copy(tmp_path / "project")
    with_pickle("probe.pt")(desk)
    desk.commit()
    assert not desk.canary.exists()
    pickle.loads((desk.folder / "probe.pt").read_bytes())
    assert desk.canary.exists()
    desk.canary.unlink()
    desk.git("checkout", "-f", "-q", "submission")
    assert desk.canary.exists()
    desk.canary.unlink()
    subprocess.run(Runs(desk.command()).__reduce__()[1][0], shell=True, check=True)
    assert desk.canary.exists()
