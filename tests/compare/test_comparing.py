"""Claims side by side: numbers, verdicts, and what only one replication measured."""

from pathlib import Path

import numpy as np
import pytest

from harness.compare.comparing import compare
from harness.compare.side_by_side import ClaimDifference, SideBySide
from harness.examine import NamedEstimate
from harness.measurement import Measurement
from harness.record import HarnessError
from harness.replication import Replication
from tests.compare.planted import PAPER, accuracies, angles, drawn, planted

P = {"a": 0.9, "b": 0.75, "c": 0.55, "d": 0.7, "e": 0.6}


def rows(seed: int, *, units: str, **other: float) -> list[Measurement]:
    rng = np.random.default_rng(seed)
    chances = {**P, **other}
    return accuracies({test: drawn(rng, p, 300) for test, p in chances.items()}, units=units)


def by_claim(found: SideBySide) -> dict[str, ClaimDifference]:
    return {claim.claim: claim for claim in found.claims}


def test_a_replication_against_itself_differs_by_nothing(tmp_path: Path):
    same = planted(tmp_path, "one", [*rows(0, units="u"), *angles(3)])
    found = compare(same, same)
    assert [claim.claim for claim in found.compared] == [claim.id for claim in same.paper.claims]
    for claim in found.claims:
        assert claim.same_verdict
        assert claim.numbers == "not_told_apart"
        assert {each.difference.mean for each in claim.quantities if each.difference} == {0.0}
    paired = {claim.claim: {each.paired for each in claim.quantities} for claim in found.claims}
    assert paired["high"] == paired["ordered"] == paired["tabled"] == {True}
    assert paired["rising"] == {False}


def test_planted_differences_are_found_with_their_sign_and_size(tmp_path: Path):
    first = planted(tmp_path, "one", [*rows(0, units="u"), *angles(3)])
    second = planted(tmp_path, "two", [*rows(1, units="v", a=0.5), *angles(5)])
    found = by_claim(compare(first, second))
    high = found["high"]
    (number,) = high.quantities
    assert (high.first, high.second, high.same_verdict) == ("replicated", "not_replicated", False)
    assert (high.numbers, number.paired) == ("differ", False)
    assert number.difference is not None
    assert number.difference.low is not None and number.difference.high is not None
    assert number.difference.low < -0.4 < number.difference.high < -0.2
    turned = by_claim(compare(second, first))["high"].quantities[0].difference
    assert turned is not None and turned.mean == pytest.approx(-number.difference.mean)
    slope = found["rising"].quantities[0].difference
    assert slope is not None and slope.mean == pytest.approx(2.0)
    assert found["rising"].numbers == "differ"
    assert found["seven"].numbers == "not_told_apart"


def test_each_pair_of_an_ordering_and_each_cell_is_a_number_of_its_own(tmp_path: Path):
    first = planted(tmp_path, "one", rows(0, units="u"))
    second = planted(tmp_path, "two", rows(1, units="v", e=0.95))
    found = by_claim(compare(first, second))
    verdicts = {verdict.claim: verdict for verdict in first.verdicts()}
    for name in ("high", "ordered", "seven", "tabled"):
        ours = [each.name for each in verdicts[name].estimates]
        assert [each.name for each in found[name].quantities] == ours
    cells = {each.name: each.numbers for each in found["tabled"].quantities}
    assert cells.pop("one / e") == "differ"
    assert set(cells.values()) == {"not_told_apart"}
    assert found["tabled"].numbers == "differ"


def test_estimates_of_each_side_are_those_of_its_verdict(tmp_path: Path):
    first = planted(tmp_path, "one", rows(0, units="u"))
    second = planted(tmp_path, "two", rows(1, units="v"))
    verdicts = {verdict.claim: verdict for verdict in second.verdicts()}
    for claim in compare(first, second).compared:
        if claim.claim in ("high", "ordered", "seven"):
            theirs = [
                NamedEstimate(name=q.name, estimate=q.second) for q in claim.quantities if q.second
            ]
            assert all(map(NamedEstimate.agrees, theirs, verdicts[claim.claim].estimates))


def test_the_papers_numbers_come_from_targets_cells_and_printed_tables(tmp_path: Path):
    same = planted(tmp_path, "one", rows(0, units="u"))
    found = by_claim(compare(same, same))
    given = {name: [each.paper for each in claim.quantities] for name, claim in found.items()}
    assert given["high"] == [0.9]
    assert given["ordered"] == pytest.approx([0.1, 0.3])
    assert given["rising"] == [None]
    assert given["seven"] == [0.7]
    assert given["tabled"] == [0.9, 0.8, 0.5, 0.7, 0.6]


def test_many_cells_need_a_wider_interval_than_one_number(tmp_path: Path):
    """A difference of a little over two standard errors: enough alone, not as one of five."""
    scores = {test: [[1.0] * 200 + [0.0] * 100] for test in P}
    first = planted(tmp_path, "one", accuracies(scores, units="u"))
    scores = {**scores, "d": [[1.0] * 175 + [0.0] * 125]}
    second = planted(tmp_path, "two", accuracies(scores, units="v"))
    found = by_claim(compare(first, second))
    alone, cell = found["seven"].quantities[0], found["tabled"].quantities[3]
    assert alone.difference == cell.difference
    assert alone.difference is not None and alone.difference.high is not None
    assert alone.difference.high < 0
    assert (found["seven"].numbers, found["tabled"].numbers) == ("differ", "not_told_apart")


def test_what_one_alone_measured_is_listed_with_the_others_reason(tmp_path: Path):
    first = planted(tmp_path, "one", [*rows(0, units="u"), *angles(3)])
    second = planted(
        tmp_path, "two", [r for r in rows(1, units="v") if r.conditions["test"] != "d"]
    )
    found = compare(first, second)
    left = {claim.claim: claim for claim in found.left_out}
    assert set(left) == {"rising", "seven"}
    assert left["seven"].measured == left["rising"].measured == "first"
    assert left["seven"].why == "B: accuracy_binary[test=d] was not measured"
    assert left["seven"].quantities[0].first is not None
    assert left["seven"].quantities[0].difference is None
    assert left["seven"].numbers is None
    back = {claim.claim: claim for claim in compare(second, first).left_out}
    assert back["seven"].measured == "second"
    assert back["seven"].why == "A: accuracy_binary[test=d] was not measured"
    cells = by_claim(found)["tabled"].quantities
    assert [each.numbers is None for each in cells] == [False, False, False, True, False]


def test_what_neither_measured_is_not_called_agreement(tmp_path: Path):
    first = planted(tmp_path, "one", rows(0, units="u"))
    second = planted(tmp_path, "two", rows(1, units="v"))
    found = compare(first, second)
    assert [claim.claim for claim in found.unmeasured] == ["rising"]
    assert "rising" not in {claim.claim for claim in (*found.compared, *found.left_out)}
    assert found.unmeasured[0].numbers is None


def test_claims_of_another_version_of_the_paper_spec_are_not_compared(tmp_path: Path):
    newer = PAPER.replace("target: 0.7", "target: 0.9").replace("id: high", "id: higher")
    first = planted(tmp_path / "old", "one", rows(0, units="u"))
    second = planted(tmp_path / "new", "one", rows(0, units="u"), paper=newer)
    found = compare(first, second)
    why = {claim.claim: claim.why for claim in found.left_out}
    assert why == {
        "high": "only the paper spec of A has this claim",
        "seven": "the paper specs of A and B ask for different numbers",
        "higher": "only the paper spec of B has this claim",
    }
    assert by_claim(found)["higher"].first is None


def test_replications_of_different_papers_are_refused(tmp_path: Path):
    first = planted(tmp_path, "one", rows(0, units="u"))
    other = planted(tmp_path, "one", rows(0, units="u"), paper=PAPER.replace("planted", "other", 1))
    with pytest.raises(HarnessError, match="of paper 'other', and replications/planted/one of 'pl"):
        compare(first, other)


def test_a_replication_that_did_not_run_is_refused(tmp_path: Path):
    first, empty = planted(tmp_path, "one", rows(0, units="u")), planted(tmp_path, "two", [])
    empty.measurements_file(empty.spec.experiments[0]).unlink()
    with pytest.raises(HarnessError, match="planted/two: no measurements to compare"):
        compare(first, empty)


def test_an_imported_side_names_who_measured_and_their_commit():
    project = Path(__file__).parents[2]
    ours, theirs = "smollm2-135m-instruct", "zachgoldfine44-qwen2.5-1.5b"
    folder = project / "replications/geometry-of-truth"
    found = compare(Replication.open(folder / ours), Replication.open(folder / theirs))
    assert found.first.authors == () and found.second.authors[0].startswith("Zach Goldfine")
    assert found.second.commit == "3b3ab2b2df0e7c1eda68d76fe4151f13318bed0c"
    assert found.first.commit != found.second.commit
