"""Results that are tampered with are found, and an honest submission passes."""

from collections.abc import Callable
from pathlib import Path

import pytest

from harness.replication import Replication
from harness.report import write
from harness.report.material import Material
from harness.review import review_branch
from tests.review.desk import PAPER, Desk
from tests.review.tampered_results import RESULTS
from tests.review.tampering import CASES, tampered
from tests.review.tampers import Case, drawn_anew, repacked, row

_DRAWN = ("report-differs", "figure-differs", "executable-differs")


@pytest.fixture(scope="module")
def honest(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    return Desk.honest(tmp_path_factory.mktemp("desk") / "honest")


@pytest.fixture(scope="module")
def drawn(honest: Desk) -> dict[str, bytes]:
    """The honest report."""
    return write.report_files(Material.of(Replication.open(honest.folder)))


@pytest.fixture
def draw_once(drawn: dict[str, bytes], monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Where a case is not about the report, the honest one is compared with, drawn before."""
    return lambda: monkeypatch.setattr(write, "report_files", lambda _: dict(drawn))


def test_the_honest_submission_passes(honest: Desk, tmp_path: Path) -> None:
    desk = honest.copy(tmp_path / "project")
    desk.commit()
    review = review_branch(desk.project, "submission")
    assert review.passes and not desk.canary.exists()
    assert {each.rule for each in review.findings} <= {
        "untested",
        "commit",
        "dirty",
        "figure-redrawn",
    }


@pytest.mark.parametrize("case", RESULTS, ids=[case.name for case in RESULTS])
def test_a_tampered_result_is_a_blocker_at_its_place(
    case: Case, honest: Desk, draw_once: Callable[[], None], tmp_path: Path
) -> None:
    if case.rule not in _DRAWN:
        draw_once()
    desk = tampered(case, honest, tmp_path / "project")
    review = review_branch(desk.project, "submission")
    assert case.caught(review.findings), review.findings
    assert not review.passes
    assert not any("could not be checked" in each.message for each in review.findings)
    assert not desk.canary.exists()


def test_verdicts_are_main_s_whatever_limit_the_submission_writes(
    honest: Desk, draw_once: Callable[[], None], tmp_path: Path
) -> None:
    draw_once()
    plain, lowered = honest.copy(tmp_path / "plain"), honest.copy(tmp_path / "lowered")
    lowered.replace(PAPER, "limit: 0.05", "limit: 0.01")  # ours is 0.024: it holds under this
    counts = []
    for desk in (plain, lowered):
        desk.commit()
        counts.append(review_branch(desk.project, "submission").verdicts)
    assert counts[0] == counts[1] and counts[0]["not_replicated"] == 1


def test_numbers_made_up_consistently_need_a_second_run_to_be_found(
    honest: Desk, tmp_path: Path
) -> None:
    """Reading cannot tell them from measured ones: this is what `--spot` and `rerun` are for."""
    raised = repacked(lambda n: [0.2 + 0.0137 * (i % 29) for i in range(n)])
    made_up = drawn_anew(row("logit_difference_recovered", raised, set="short", positions="commas"))
    case = Case("made up", made_up, "", "")
    desk = tampered(case, honest, tmp_path / "project")
    assert review_branch(desk.project, "submission").passes


def test_every_case_has_a_name_of_its_own_and_there_are_enough() -> None:
    assert len({case.name for case in CASES}) == len(CASES) > 60
