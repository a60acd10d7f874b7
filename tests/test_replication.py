import shutil
from typing import Any

import pytest

from harness.measurement import Failure
from harness.record import HarnessError
from harness.replication import Replication, load_paper, paper_ids, replication_roots


def test_a_folder_of_another_name_is_refused(finished: Any) -> None:
    shutil.copytree(finished.folder, finished.folder.with_name("copy"))
    with pytest.raises(HarnessError, match="belong in a folder tiny-truth/tiny, not tiny-truth/co"):
        Replication.open(finished.folder.with_name("copy"))


def test_a_paper_of_another_name_is_refused(project: Any) -> None:
    project.edit("id: tiny-truth", "id: tiny-lies", paper=True)
    with pytest.raises(HarnessError, match=r"paper.yaml: id: 'tiny-lies' belongs in a folder"):
        project.open()


def test_a_paper_outside_of_its_folder_is_not_loaded(project: Any, tmp_path: Any) -> None:
    (tmp_path / "evil").mkdir()
    shutil.copy(project.paper_file, tmp_path / "evil/paper.yaml")
    with pytest.raises(HarnessError, match="belongs in a folder of that name"):
        load_paper(project.root, "../../evil")


def test_papers_and_replications_are_listed_from_the_folders(project: Any) -> None:
    assert paper_ids(project.root) == ["tiny-truth"]
    assert list(replication_roots(project.root)) == [project.folder]
    assert list(replication_roots(project.root, "another")) == []


def test_every_claim_has_a_verdict_also_where_nothing_ran(project: Any) -> None:
    verdicts = project.open().verdicts()
    assert [verdict.claim for verdict in verdicts] == [
        claim.id for claim in project.open().paper.claims
    ]
    assert {verdict.outcome for verdict in verdicts} == {"not_tested"}
    assert all(verdict.estimates == () for verdict in verdicts)


def test_a_claim_left_untested_carries_the_replications_own_reason(finished: Any) -> None:
    last = finished.open().verdicts()[-1]
    assert (last.claim, last.outcome) == ("nobody-measures", "not_tested")
    assert last.reason == "numbers are not part of this replication"


def test_a_number_of_the_papers_own_model_is_shown_beside_ours_and_not_judged(
    finished: Any,
) -> None:
    exact = finished.open().verdicts()[3]
    assert (exact.claim, exact.outcome) == ("exact-number", "not_applicable")
    assert len(exact.estimates) == 1


def test_rows_that_are_not_judged_decide_nothing(finished: Any) -> None:
    opened = finished.open()
    assert {row.experiment for row in opened.measurements()} == {"transfer", "by-statement"}
    assert {row.experiment for row in opened.evidence()} == {"transfer"}


def test_rows_with_an_altered_value_are_refused_with_file_and_line(finished: Any) -> None:
    file = finished.open().measurements_file(finished.open().spec.experiments[0])
    lines = file.read_text().splitlines()
    place = next(i for i, line in enumerate(lines) if '"items"' in line)
    lines[place] = lines[place].replace('"value":0.', '"value":0.9', 1)
    file.write_text("\n".join(lines) + "\n")
    with pytest.raises(HarnessError, match=rf"jsonl:{place + 1}: .*not the mean of its items"):
        finished.open().verdicts()


def test_a_file_of_rows_cut_off_in_the_middle_is_refused(finished: Any) -> None:
    file = finished.open().measurements_file(finished.open().spec.experiments[0])
    file.write_bytes(file.read_bytes()[:-40])
    with pytest.raises(HarnessError, match=r"transfer\..*jsonl:\d+"):
        finished.open().verdicts()


def test_a_failure_of_an_edited_spec_is_not_reported(project: Any) -> None:
    opened = project.open()
    first = opened.spec.experiments[0]
    Failure(experiment="transfer", error="x", traceback="y").dump(opened.failure_file(first))
    assert len(project.open().failures()) == 1
    project.edit("seeds: [0, 1]", "seeds: [0, 2]")
    assert project.open().failures() == []


def test_a_change_of_any_key_of_an_experiment_changes_its_files_name(project: Any) -> None:
    names = {project.open().measurements_file(project.open().spec.experiments[0]).name}
    for old, new in (
        ("seeds: [0, 1]", "seeds: [0, 2]"),
        ("sizes: {sp_en_trans: 48, neg", "sizes: {sp_en_trans: 50, neg"),
        ("    folds: 3\n    sweep:", "    folds: 4\n    sweep:"),
        ("    pictures: [sp_en_trans]\n", ""),
        ("    angles:\n      - [sp_en_trans, neg_sp_en_trans]\n", ""),
        (f"path:{project.model}", f"path:{project.model}/"),
    ):
        project.edit(old, new)
        names.add(project.open().measurements_file(project.open().spec.experiments[0]).name)
    assert len(names) == 7


def test_layout_and_comments_of_the_yaml_do_not_change_the_files_name(project: Any) -> None:
    before = project.open().spec.experiments[0].digest
    project.edit("experiments:\n", "# a note\nexperiments:\n\n")
    project.edit("seeds: [0, 1]", "seeds:\n    - 0\n    - 1")
    assert project.open().spec.experiments[0].digest == before
