"""The proposer that follows a file."""

from pathlib import Path

import pytest

from harness.autoresearch.knobs import values
from harness.autoresearch.proposers.proposer import Exhausted, Proposal
from harness.autoresearch.proposers.scripted import Scripted, scripted
from harness.record import HarnessError
from tests.autoresearch.knob_recipes import CODE, KNOBS, TOY, brief

SCRIPT = """
proposals:
  - {title: Faster, reason: It is slow., idea: speed, values: {learning_rate: 0.002}, usd: 0.5}
  - title: Ones
    reason: Zeros stay zero.
    replace: [[zeros, ones], [torch.relu, torch.abs]]
  - {title: Whole, reason: Why not., code: "def train(:", knobs: ""}
  - {title: Hole, reason: I found one., loophole: The scorer rounds up.}
  - {title: Lost, reason: Nothing there., replace: [[absent, present]], values: {shape: linear}}
  - {title: Bad, reason: Too far., values: {learning_rate: 9.0}}
ideas: [Try the other shape.]
"""


@pytest.fixture
def proposer(tmp_path: Path) -> Scripted:
    path = tmp_path / "script.yaml"
    path.write_text(SCRIPT)
    return scripted(path)


def step(proposer: Scripted, trial: int) -> Proposal:
    answer = proposer.propose(brief(trial), Path())
    assert isinstance(answer, Proposal), answer
    return answer


def test_values_are_set_in_the_parent(proposer: Scripted) -> None:
    answer = step(proposer, 1)
    assert values(answer.candidate.knobs) == {**values(KNOBS), "learning_rate": 0.002}
    assert answer.candidate.code == CODE
    assert (answer.title, answer.idea, answer.usd, answer.tokens) == ("Faster", "speed", 0.5, None)


def test_text_is_replaced_in_the_parent(proposer: Scripted) -> None:
    code = step(proposer, 2).candidate.code
    assert code == CODE.replace("zeros", "ones").replace("torch.relu", "torch.abs")


def test_whole_files_stand_for_the_parents(proposer: Scripted) -> None:
    assert step(proposer, 3).candidate.files == {"recipe.py": "def train(:", "knobs.yaml": ""}


def test_a_loophole_is_reported(proposer: Scripted) -> None:
    assert step(proposer, 4).loophole == "The scorer rounds up."


def test_a_step_whose_text_is_not_there_changes_nothing(proposer: Scripted) -> None:
    assert step(proposer, 5).candidate == TOY


def test_a_value_that_cannot_be_had_is_told_with_its_place(proposer: Scripted) -> None:
    with pytest.raises(HarnessError, match=r"script\.yaml: proposals\[5\]\.values: .*lies outside"):
        proposer.propose(brief(6), Path())


def test_after_the_last_step_it_is_exhausted(proposer: Scripted) -> None:
    answer = proposer.propose(brief(7), Path())
    assert isinstance(answer, Exhausted) and "6 proposals" in answer.message


def test_the_trial_alone_says_where_it_is(proposer: Scripted) -> None:
    later = step(proposer, 2)
    assert step(proposer, 1) != later
    assert step(proposer, 2) == later


def test_the_plan_is_the_files(proposer: Scripted) -> None:
    assert proposer.plan(brief(), Path()) == ("Try the other shape.",)


def test_a_bad_script_is_told_with_line_and_key(tmp_path: Path) -> None:
    path = tmp_path / "script.yaml"
    path.write_text("proposals:\n  - {title: A, reason: B, valuess: {}}\n")
    with pytest.raises(HarnessError, match=r"script\.yaml:2: .*did you mean 'values'"):
        scripted(path)
