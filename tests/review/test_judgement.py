"""Verdicts, disclosure and provenance, each held against the same honest submission."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from harness.review.opened import Opened
from harness.review.rules.disclosure import disclosure
from harness.review.rules.provenance import provenance
from harness.review.rules.verdicts import verdicts
from tests.review.altered import (
    MANIFEST,
    SPEC,
    VERDICTS,
    Change,
    gone,
    opened,
    swap,
    told,
    with_json,
)


def stored(change: Any) -> Change:
    return with_json(lambda document: change(document["verdicts"]))


def test_verdicts_that_the_rows_give_agree(tmp_path: Path) -> None:
    assert told(verdicts, tmp_path, {}) == []


@pytest.mark.parametrize(
    "change",
    [
        lambda given: given[0].update(outcome="replicated", reason="clearly"),
        lambda given: given[0].update(reason=given[0]["reason"] + " indeed"),
        lambda given: given[0]["estimates"][0]["estimate"].update(mean=0.123),
        lambda given: given[0].update(claim="nobody-said-this"),
        lambda given: given.append(given[0]),
    ],
    ids=["outcome", "reason", "estimate", "claim", "twice"],
)
def test_a_stored_verdict_that_says_anything_else_is_a_blocker(change: Any, tmp_path: Path) -> None:
    found = told(verdicts, tmp_path, {VERDICTS: stored(change)})
    assert {(rule, severity) for rule, severity, _ in found} == {("verdict-differs", "blocker")}


def test_the_line_of_the_claim_is_told(tmp_path: Path) -> None:
    change = stored(lambda given: given[1].update(reason="no"))
    given = opened(tmp_path, {VERDICTS: change})
    [found] = verdicts(given)
    text = given.submission.files[VERDICTS].content.decode().splitlines()
    claim = given.verdicts[1].claim
    assert found.line is not None
    assert text[found.line - 1].strip() == f'"claim": "{claim}",'


def test_verdicts_by_another_paper_or_none_are_blockers(tmp_path: Path) -> None:
    other = with_json(lambda document: document.update(paper_digest="0" * 64))
    assert told(verdicts, tmp_path / "a", {VERDICTS: other}) == [
        ("paper-digest", "blocker", f"{VERDICTS}:2")
    ]
    assert told(verdicts, tmp_path / "b", {VERDICTS: gone}) == [
        ("verdicts-missing", "blocker", VERDICTS)
    ]


def test_a_deviation_that_is_not_declared_is_a_blocker_with_the_line_to_add(
    tmp_path: Path,
) -> None:
    given = opened(tmp_path, {})
    untold = given.replication.spec.model_copy(update={"deviations": ()})
    found = [
        each
        for each in disclosure(Opened(given.submission, replace(given.replication, spec=untold)))
        if each.rule == "undeclared"
    ]
    assert len(found) >= 1
    assert found[0].severity == "blocker"
    assert "- {what: " in found[0].message


def test_what_is_untested_is_counted_and_unexplained_gaps_are_warnings(tmp_path: Path) -> None:
    given = opened(tmp_path, {})
    assert [(each.rule, each.severity) for each in disclosure(given)] == [("untested", "note")]
    silent = given.replication.spec.model_copy(update={"untested": {}})
    paper = given.replication.paper
    general = tuple(claim.model_copy(update={"scope": "general"}) for claim in paper.claims)
    asked = paper.model_copy(update={"claims": general})
    changed = replace(given.replication, spec=silent, paper=asked)
    found = list(disclosure(Opened(given.submission, changed)))
    warned = {each.message.split()[1].rstrip(":") for each in found if each.severity == "warning"}
    assert warned == set(given.replication.spec.untested)


def test_a_claim_that_is_called_untested_and_is_measured_is_a_warning(tmp_path: Path) -> None:
    given = opened(tmp_path, {})
    tested = next(each.claim for each in given.verdicts if each.outcome == "replicated")
    untested = {**given.replication.spec.untested, tested: "no time"}
    hidden = given.replication.spec.model_copy(update={"untested": untested})
    found = list(disclosure(Opened(given.submission, replace(given.replication, spec=hidden))))
    assert any(tested in each.message and each.severity == "warning" for each in found)


def test_an_unknown_model_is_a_blocker_and_nothing_is_looked_for(tmp_path: Path) -> None:
    found = told(disclosure, tmp_path, {SPEC: swap("model: smollm2", "model: no-such-smollm2")})
    assert found == [("unknown-model", "blocker", SPEC)]


def test_a_model_in_a_folder_is_not_looked_at(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def opened_outside(_: object) -> None:
        raise AssertionError("a folder outside was looked at")

    monkeypatch.setattr("harness.check.layers.folder", opened_outside)
    change = swap("model: smollm2-135m-instruct", "model: path:/srv/weights")
    rules = {rule for rule, _, _ in told(disclosure, tmp_path, {SPEC: change})}
    assert "undeclared" in rules


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ({"dirty": True}, "dirty"),
        ({"commit": None}, "commit"),
        ({"commit": "main; rm"}, "commit"),
        ({"packages": {}}, "packages"),
    ],
)
def test_gaps_of_the_manifest_are_warnings(
    change: dict[str, Any], rule: str, tmp_path: Path
) -> None:
    alter = with_json(lambda manifest: manifest.update(change))
    assert told(provenance, tmp_path, {MANIFEST: alter}) == [(rule, "warning", MANIFEST)]


def test_a_whole_manifest_passes_and_none_is_a_blocker(tmp_path: Path) -> None:
    assert told(provenance, tmp_path / "a", {}) == []
    assert told(provenance, tmp_path / "b", {MANIFEST: gone}) == [
        ("manifest-missing", "blocker", MANIFEST)
    ]


def test_a_commit_that_main_does_not_hold_is_a_warning(tmp_path: Path) -> None:
    given = opened(tmp_path, {})
    manifest = given.replication.manifest()
    assert manifest is not None
    assert manifest.commit is not None
    for history, expected in (
        (frozenset({"0" * 40}), ["commit"]),
        (frozenset({manifest.commit}), []),
        (None, []),
    ):
        submission = replace(given.submission, history=history)
        found = provenance(Opened(submission, given.replication))
        assert [each.rule for each in found] == expected
