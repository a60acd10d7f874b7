import json
import re
from pathlib import Path
from typing import Any

import pytest

from harness.freeze import freeze
from harness.frozen import Frozen, require_frozen
from harness.record import HarnessError
from harness.replication import Replication, load_paper, paper_ids, replication_roots

CHECKOUT = Path(__file__).parents[1]
PAPER, REPLICATION = "tiny-truth", "replications/tiny-truth/tiny"
COMMITTED = sorted(path.relative_to(CHECKOUT).as_posix() for path in replication_roots(CHECKOUT))


def frozen(project: Any) -> str:
    """Freeze the paper and write its digest into the replication."""
    digest = freeze(project.root, PAPER).frozen.paper_digest
    project.edit("paper: tiny-truth\n", f"paper: tiny-truth\npaper_digest: {digest}\n")
    return digest


def eased(project: Any) -> None:
    """A claim that only the paper's model shows becomes one that noise shows."""
    for old, new in (
        ("scope: exact", "scope: general"),
        ("target: 0.95", "target: 0.5"),
        ("tolerance: 0.02", "tolerance: 0.45"),
    ):
        project.edit(old, new, paper=True)


def test_an_untouched_frozen_paper_is_checked_and_judged_as_before(finished: Any, cli: Any) -> None:
    before = finished.open().verdicts()
    digest = frozen(finished)
    assert finished.open().spec.paper_digest == digest
    assert cli("check", REPLICATION).code == 0
    assert cli("judge", REPLICATION).code == 0
    stored = finished.open().stored_verdicts()
    assert (stored.paper_digest, stored.verdicts) == (digest, before)


def test_a_tolerance_that_moved_after_the_freeze_is_neither_checked_nor_judged(
    finished: Any, cli: Any
) -> None:
    frozen(finished)
    eased(finished)
    before = finished.state()
    for stage in ("check", "run", "judge"):
        ended = cli(stage, REPLICATION, "--json")
        assert ended.code == 2, stage
        told = json.loads(ended.out)["error"]
        assert told[0].startswith("papers/tiny-truth/paper.yaml: changed since it was frozen")
        assert "`git checkout papers/tiny-truth`" in told[0]
    assert finished.state() == before


def test_the_same_tolerance_turns_a_verdict_where_nothing_is_frozen(
    finished: Any, cli: Any
) -> None:
    """The control: what is refused above is not harmless."""
    outcomes: list[str] = []
    for change in (lambda _: None, eased):
        change(finished)
        assert cli("judge", REPLICATION).code == 0
        verdicts = finished.open().stored_verdicts().verdicts
        outcomes += [each.outcome for each in verdicts if each.claim == "exact-number"]
    assert outcomes == ["not_applicable", "replicated"]


def test_a_replication_of_another_spec_is_told_which_digest_to_write(
    project: Any, cli: Any
) -> None:
    frozen(project)
    project.edit("limit: 0.6", "limit: 0.55", paper=True)
    digest = freeze(project.root, PAPER, again=True).frozen.paper_digest
    ended = cli("check", REPLICATION)
    assert ended.code == 2
    assert f"error: {REPLICATION}/replication.yaml: paper_digest: written against" in ended.err
    found = re.search(r"write paper_digest: ([0-9a-f]{64})", ended.err)
    assert found is not None and found[1] == digest
    text = project.spec_file.read_text()
    project.spec_file.write_text(re.sub(r"paper_digest: \w+", f"paper_digest: {digest}", text))
    assert cli("check", REPLICATION).code == 0


def test_all_other_problems_are_told_beside_it(project: Any, cli: Any) -> None:
    frozen(project)
    project.edit("limit: 0.6", "limit: 0.55", paper=True)
    project.edit("untested:\n  nobody-measures: numbers are not part of this replication\n", "")
    told = cli("check", REPLICATION).err
    assert "changed since it was frozen" in told and "nobody-measures" in told


def test_a_digest_is_64_hexadecimal_digits(project: Any) -> None:
    project.edit("paper: tiny-truth\n", "paper: tiny-truth\npaper_digest: abc\n")
    with pytest.raises(HarnessError, match=r"replication.yaml:3: paper_digest"):
        project.open()


def test_a_file_that_is_no_record_is_an_error_with_its_place(project: Any) -> None:
    file = project.root / "papers/tiny-truth/frozen.json"
    file.write_text('{"paper_digest": "abc", "claims": 0}\n')
    with pytest.raises(HarnessError, match=r"frozen.json.*paper_digest[\s\S]*claims"):
        require_frozen(project.open())


def test_the_copy_that_is_run_again_is_of_the_same_spec(finished: Any, tmp_path: Path) -> None:
    digest = frozen(finished)
    copy = finished.open().copy_specs(tmp_path / "scratch")
    require_frozen(copy)
    assert copy.spec.paper_digest == copy.paper.digest == digest


@pytest.mark.parametrize("paper", paper_ids(CHECKOUT))
def test_every_committed_paper_is_frozen_as_it_stands(paper: str) -> None:
    found, spec = Frozen.load_for(CHECKOUT, paper), load_paper(CHECKOUT, paper)
    assert found is not None
    assert (found.paper_digest, found.claims) == (spec.digest, len(spec.claims))


@pytest.mark.parametrize("name", COMMITTED)
def test_every_committed_replication_names_the_spec_that_it_is_of(name: str) -> None:
    replication = Replication.open(CHECKOUT / name)
    stored = replication.stored_verdicts()
    assert stored is not None
    assert replication.spec.paper_digest == replication.paper.digest == stored.paper_digest
    page = (CHECKOUT / name / "report.md").read_text()
    assert f"Paper spec frozen as <code>{replication.paper.digest[:12]}</code>" in page
