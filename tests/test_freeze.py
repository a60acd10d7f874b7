import json
from pathlib import Path
from typing import Any

import pytest

from harness.freeze import freeze, written_against
from harness.frozen import Frozen
from harness.record import HarnessError
from harness.replication import load_paper

PAPER, REPLICATION = "tiny-truth", "replications/tiny-truth/tiny"


def frozen_json(project: Any) -> Path:
    return project.root / "papers/tiny-truth/frozen.json"


def test_a_frozen_paper_is_known_by_its_digest_the_number_of_claims_and_the_reviewer(
    project: Any,
) -> None:
    assert Frozen.load_for(project.root, PAPER) is None
    done = freeze(project.root, PAPER, reviewed_by="B. Reader")
    assert done.outcome == "frozen"
    assert json.loads(frozen_json(project).read_text()) == {
        "paper_digest": load_paper(project.root, PAPER).digest,
        "claims": 5,
        "reviewed_by": "B. Reader",
    }
    assert Frozen.load_for(project.root, PAPER) == done.frozen


def test_freezing_again_changes_nothing_and_says_so(project: Any, cli: Any) -> None:
    assert cli("freeze", PAPER).code == 0
    project.edit("scope: general", "scope: general  # a comment", paper=True)
    before = project.state()
    ended = cli("freeze", PAPER)
    assert (ended.code, project.state()) == (0, before)
    assert "frozen already as" in ended.out and "5 claims, who reviewed: not said" in ended.out
    assert json.loads(cli("freeze", PAPER, "--json").out)["outcome"] == "unchanged"


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("limit: 0.6", "limit: 60", r"claim truth-linear: 60 is outside the range of accuracy"),
        ("title: ", "titel: ", r"paper.yaml:2: titel: unknown key"),
        ("id: tiny-truth", "id: tiny", r"'tiny' belongs in a folder of that name"),
    ],
)
def test_a_spec_that_cannot_be_met_or_read_is_not_frozen(
    project: Any, old: str, new: str, said: str
) -> None:
    project.edit(old, new, paper=True)
    with pytest.raises(HarnessError, match=said):
        freeze(project.root, PAPER)
    assert not frozen_json(project).exists()


def test_a_limit_that_moved_is_refused_until_it_is_frozen_again(project: Any, cli: Any) -> None:
    first = freeze(project.root, PAPER, reviewed_by="B. Reader").frozen
    project.edit("limit: 0.6", "limit: 0.55", paper=True)
    before = project.state()
    ended = cli("freeze", PAPER, "--json")
    assert (ended.code, project.state()) == (2, before)
    told = json.loads(ended.out)["error"][0]
    assert "changed since it was frozen" in told and "harness freeze tiny-truth --again" in told
    done = freeze(project.root, PAPER, again=True)
    assert done.outcome == "replaced"
    assert done.frozen.paper_digest != first.paper_digest
    assert done.frozen.reviewed_by is None  # nobody has read the new limit yet


def test_replications_of_the_spec_before_are_listed_and_others_are_not(
    project: Any, cli: Any
) -> None:
    digest = freeze(project.root, PAPER).frozen.paper_digest
    texts = {
        "judged": ("id: judged\n", json.dumps({"paper_digest": digest})),
        "half-written": (f"paper_digest: {digest}\nexperiments: TODO [\n", None),
        "of-another": (f"paper_digest: {'0' * 64}\n", "{}"),
    }
    for name, (spec, verdicts) in texts.items():
        folder = project.folder.with_name(name)
        folder.mkdir()
        (folder / "replication.yaml").write_text(spec)
        if verdicts is not None:
            (folder / "verdicts.json").write_text(verdicts)
    old = ["replications/tiny-truth/half-written", "replications/tiny-truth/judged"]
    assert written_against(project.root, PAPER, digest) == old
    project.edit("limit: 0.6", "limit: 0.55", paper=True)
    ended = cli("freeze", PAPER, "--again")
    assert ended.code == 0
    assert [line.rpartition(" ")[2] for line in ended.err.splitlines()] == old


def test_a_reviewer_may_be_named_later_and_is_not_replaced_unasked(project: Any) -> None:
    freeze(project.root, PAPER)
    assert freeze(project.root, PAPER, reviewed_by="B. Reader").outcome == "frozen"
    with pytest.raises(HarnessError, match=r"reviewed by 'B. Reader'; --again names 'C. Other'"):
        freeze(project.root, PAPER, reviewed_by="C. Other")
    assert freeze(project.root, PAPER).frozen.reviewed_by == "B. Reader"
    again = freeze(project.root, PAPER, reviewed_by="C. Other", again=True)
    assert (again.frozen.reviewed_by, again.no_longer_of) == ("C. Other", ())


@pytest.mark.parametrize("name", ["", "A\x1b[2J", "A\nB", "A" * 201])
def test_a_name_that_no_line_can_show_is_refused(project: Any, name: str) -> None:
    with pytest.raises(HarnessError, match="--reviewed-by"):
        freeze(project.root, PAPER, reviewed_by=name)
    with pytest.raises(ValueError, match="reviewed_by"):
        Frozen(paper_digest="0" * 64, claims=1, reviewed_by=name)


@pytest.mark.parametrize("linked", ["paper.yaml", "frozen.json", ""])
def test_a_link_is_never_frozen_nor_written_through(
    project: Any, tmp_path: Path, linked: str
) -> None:
    folder, target = project.paper_file.parent, tmp_path / "elsewhere"
    freeze(project.root, PAPER)
    (folder / linked).rename(target)
    (folder / linked).symlink_to(target)
    before = project.state()
    with pytest.raises(HarnessError, match="a symbolic link"):
        freeze(project.root, PAPER, reviewed_by="B. Reader")
    assert project.state() == before


def test_a_paper_that_is_not_there_is_answered_with_those_there_are(project: Any, cli: Any) -> None:
    ended = cli("freeze", "tiny-trut")
    assert ended.code == 2 and "did you mean 'tiny-truth'?" in ended.err
    assert "belongs in a folder of that name" in cli("freeze", "../papers/tiny-truth").err
    assert not frozen_json(project).exists()
