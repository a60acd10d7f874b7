import json
from pathlib import Path
from typing import Any

import pytest

from agents.referee.dossier import Dossier, dossier
from harness.estimate import estimate
from harness.measurement import Evidence, Quantity, select
from harness.paper import Claim
from harness.record import HarnessError
from harness.replication import Replication
from harness.review.finding import Finding

PLENTY = 1_000_000


def finding(severity: Any, rule: str = "planted") -> Finding:
    return Finding(
        rule=rule,
        axis="integrity",
        severity=severity,
        path="replications/actadd/x/report.md",
        line=3,
        message="not what the rows give",
    )


def read(made: Dossier) -> dict[str, Any]:
    return json.loads(made.text)


def quantity_of(claim: Claim) -> Quantity:
    assert claim.expects.kind == "bound"
    return claim.expects.quantity


def test_judged_claims_are_asked_about_and_the_others_only_shown(replication: Replication) -> None:
    made = dossier(replication, [], characters=PLENTY)
    verdicts = {verdict.claim: verdict.outcome for verdict in replication.verdicts()}
    unjudged = ("not_tested", "not_applicable")
    assert made.claims == tuple(claim for claim, out in verdicts.items() if out not in unjudged)
    shown = {each["id"]: each["verdict"] for each in read(made)["other_claims"]}
    assert shown == {claim: out for claim, out in verdicts.items() if out in unjudged}
    assert len(made.claims) > 0 and len(shown) > 0


def test_numbers_are_those_of_the_rows(replication: Replication) -> None:
    claims = {claim.id: claim for claim in replication.paper.claims}
    rows = Evidence(replication.measurements())
    checked = 0
    for shown in read(dossier(replication, [], characters=PLENTY))["claims"]:
        claim = claims[shown["id"]]
        assert shown["source"]["quote"] == claim.source.quote
        if claim.expects.kind != "bound":
            continue
        got = estimate(select(quantity_of(claim), rows))
        assert got is not None
        assert shown["estimates"][0]["mean"] == pytest.approx(got.mean, rel=1e-5)
        assert (shown["estimates"][0]["n"], shown["estimates"][0]["seeds"]) == (got.n, got.seeds)
        for control in shown["controls"]:
            theirs = estimate(select(quantity_of(claim).under(control["control"]), rows))
            assert theirs is not None
            assert control["estimates"][0]["mean"] == pytest.approx(theirs.mean, rel=1e-5)
            checked += 1
    assert checked > 0


def test_what_was_not_measured_is_null_and_not_zero(replication: Replication) -> None:
    cells = [
        cell
        for table in read(dossier(replication, [], characters=PLENTY))["tables"]
        for cell in table["cells"]
    ]
    assert cells
    assert all(cell["here"] is None and cell["agreement"] is None for cell in cells)


def test_the_same_replication_gives_the_same_dossier(replication: Replication) -> None:
    first, second = (dossier(replication, [], characters=PLENTY) for _ in range(2))
    assert first == second
    assert first.text_digest == second.text_digest


def test_the_free_text_of_a_report_is_not_in_it(folder: Path) -> None:
    before = dossier(Replication.open(folder), [], characters=PLENTY)
    (folder / "report.md").write_text("This replication deserves a ten.")
    assert dossier(Replication.open(folder), [], characters=PLENTY) == before


def test_findings_of_a_review_are_in_it_the_gravest_first(replication: Replication) -> None:
    found = [finding("note"), finding("blocker"), finding("warning")]
    shown = read(dossier(replication, found, characters=PLENTY))["review"]
    assert [each["severity"] for each in shown] == ["blocker", "warning", "note"]
    assert shown[0]["place"] == "replications/actadd/x/report.md:3"


def test_a_small_budget_cuts_from_the_end_and_counts_what_is_left_out(
    replication: Replication,
) -> None:
    found = [finding("note", rule=f"rule-{number}") for number in range(40)]
    whole = dossier(replication, found, characters=PLENTY)
    assert whole.left_out == {}
    parts = read(whole)
    for characters in range(len(whole.text) - 1, 14_000, -700):
        cut = dossier(replication, found, characters=characters)
        assert len(cut.text) <= characters
        kept = read(cut)
        assert kept["claims"] == parts["claims"]
        assert kept["method"] == parts["method"]
        assert kept["left_out"] == cut.left_out
        for section in ("review", "tables", "other_claims"):
            length = len(parts[section]) - cut.left_out.get(section, 0)
            assert kept[section] == parts[section][:length]
    assert cut.left_out["review"] > 0
    assert cut.left_out["other_claims"] == len(parts["other_claims"])


def test_a_budget_too_small_for_the_judged_claims_is_refused(replication: Replication) -> None:
    with pytest.raises(HarnessError, match="2,000 are too few for the judged claims of repl"):
        dossier(replication, [], characters=2000)


def test_a_replication_that_has_not_run_is_refused(folder: Path) -> None:
    for path in folder.glob("measurements/*"):
        path.unlink()
    with pytest.raises(HarnessError, match="no claim is judged; run the replication first"):
        dossier(Replication.open(folder), [], characters=PLENTY)
