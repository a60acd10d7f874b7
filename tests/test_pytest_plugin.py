import json
from typing import Any

import pytest

CLEAN = ("-p", "no:cacheprovider", "-p", "harness.pytest_plugin", "--import-mode=importlib")


@pytest.fixture(autouse=True)
def _only_our_plugin(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")


@pytest.fixture
def collect(finished: Any, pytester: pytest.Pytester) -> Any:
    """Run pytest in this process on the replications of a finished project."""

    def call(*arguments: str) -> pytest.RunResult:
        return pytester.runpytest_inprocess(*CLEAN, *arguments, str(finished.root / "replications"))

    return call


def test_stored_verdicts_that_still_hold_pass(collect: Any) -> None:
    result = collect("-v")
    result.assert_outcomes(passed=1)
    result.stdout.fnmatch_lines(["*replication.yaml::stored-verdicts PASSED*"])


def test_a_verdict_that_was_edited_by_hand_is_caught(collect: Any, finished: Any) -> None:
    file = finished.folder / "verdicts.json"
    stored = json.loads(file.read_text())
    assert stored["verdicts"][1]["outcome"] != "replicated"
    stored["verdicts"][1]["outcome"] = "replicated"
    file.write_text(json.dumps(stored))
    result = collect()
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*recomputed verdicts differ: negation-flips"])


def test_an_estimate_that_was_edited_by_hand_is_caught(collect: Any, finished: Any) -> None:
    file = finished.folder / "verdicts.json"
    stored = json.loads(file.read_text())
    stored["verdicts"][0]["estimates"][0]["estimate"]["mean"] += 0.001
    file.write_text(json.dumps(stored))
    collect().stdout.fnmatch_lines(["*recomputed verdicts differ: truth-linear"])


def test_a_claim_without_a_stored_verdict_is_caught(collect: Any, finished: Any) -> None:
    file = finished.folder / "verdicts.json"
    stored = json.loads(file.read_text())
    del stored["verdicts"][2]
    file.write_text(json.dumps(stored))
    collect().stdout.fnmatch_lines(["*recomputed verdicts differ: both-repairs"])


def test_an_edited_spec_makes_old_verdicts_fail(collect: Any, finished: Any) -> None:
    finished.edit("seeds: [0, 1]", "seeds: [0, 2]")
    collect().assert_outcomes(failed=1)


def test_a_moved_limit_makes_old_verdicts_fail(collect: Any, finished: Any) -> None:
    finished.edit("limit: 0.4", "limit: 0.45", paper=True)
    result = collect()
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*the paper spec changed since the verdicts were written"])


def test_what_is_not_judged_yet_is_skipped(collect: Any, finished: Any) -> None:
    (finished.folder / "verdicts.json").unlink()
    collect().assert_outcomes(skipped=1)


def test_each_claim_is_an_item_whose_outcome_is_its_verdict(collect: Any, finished: Any) -> None:
    words = {"replicated": "PASSED", "not_replicated": "FAILED", "partial": "FAILED"}
    expected = {
        verdict.claim: words.get(verdict.outcome, "SKIPPED")
        for verdict in finished.open().verdicts()
    }
    result = collect("--claims", "-v")
    result.stdout.fnmatch_lines_random([f"*::{claim} {word}*" for claim, word in expected.items()])
    counted = result.parseoutcomes()
    assert sum(counted.get(word, 0) for word in ("passed", "failed", "skipped")) == 5


@pytest.mark.parametrize(
    ("outcome", "counted"),
    [
        ("replicated", {"passed": 1}),
        ("partial", {"failed": 1}),
        ("not_replicated", {"failed": 1}),
        ("inconclusive", {"skipped": 1}),
        ("not_applicable", {"skipped": 1}),
        ("not_tested", {"skipped": 1}),
    ],
)
def test_every_outcome_has_one_meaning_as_a_test(
    collect: Any, monkeypatch: pytest.MonkeyPatch, outcome: str, counted: dict[str, int]
) -> None:
    from harness.replication import Replication
    from harness.verdict import Verdict

    planted = Verdict.model_validate({"claim": "a", "outcome": outcome, "reason": "planted words"})
    monkeypatch.setattr(Replication, "verdicts", lambda _: (planted,))
    result = collect("--claims", "-rs")
    result.assert_outcomes(**counted)
    if outcome != "replicated":
        result.stdout.fnmatch_lines([f"*{outcome}: planted words*"])


def test_a_broken_yaml_is_a_collection_error_in_plain_words(collect: Any, finished: Any) -> None:
    finished.edit("probes: [mass_mean]", "probess: [mass_mean]")
    result = collect()
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*replication.yaml:*unknown key 'probess'; did you mean*"])
    result.stdout.no_fnmatch_line("*Traceback*")
    result.stdout.no_fnmatch_line("*pydantic_core*")


def test_altered_rows_are_a_collection_error_in_plain_words(collect: Any, finished: Any) -> None:
    for path in (finished.folder / "measurements").glob("transfer.*.jsonl"):
        path.write_text(path.read_text().replace('"value":0.', '"value":0.9', 2))
    result = collect()
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*.jsonl:*: *"])


def test_one_claim_can_be_asked_for_by_its_id(collect: Any) -> None:
    result = collect("--claims", "-k", "exact-number")
    result.assert_outcomes(skipped=1, deselected=4)


def test_other_yaml_files_are_left_alone(pytester: pytest.Pytester) -> None:
    pytester.path.joinpath("other.yaml").write_text("- not ours\n")
    pytester.runpytest_inprocess(*CLEAN, str(pytester.path)).assert_outcomes()
