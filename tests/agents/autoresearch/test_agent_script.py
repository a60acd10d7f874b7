"""What agents leave behind, honest and not, by scripts that go through the same loop and tools."""

import json
from pathlib import Path
from typing import Any

import pytest

from agents.autoresearch import proposers
from harness.autoresearch.proposers.proposer import Exhausted, Proposal
from harness.isolation import available
from harness.record import HarnessError
from tests.agents.autoresearch.briefs import (
    FASTER,
    KNOBS,
    PARENT,
    brief,
    proposal,
    scripted,
    trial_folder,
)

ISOLATED = [rung for rung in available() if rung != "process"]
EDIT = {"write": {"path": "knobs.yaml", "content": FASTER}}


def bash(command: str) -> dict[str, Any]:
    return {"bash": command}


def proposed(root: Path, *actions: dict[str, Any], **fields: Any) -> Proposal:
    """By an agent that does so in the first trial."""
    asked = scripted(root, [actions], **fields)
    return proposal(proposers.agent_script(asked).propose(brief(), trial_folder(asked)))


def test_the_place_in_the_script_follows_from_the_trial_alone(tmp_path: Path):
    slower = {"write": {"path": "knobs.yaml", "content": KNOBS.replace("0.001", "0.0005")}}
    asked = scripted(tmp_path, [[EDIT], [slower, {"say": "Slower."}]])
    second = proposers.agent_script(asked).propose(brief(trial=2), trial_folder(asked, 2))
    assert proposal(second).candidate.knobs == KNOBS.replace("0.001", "0.0005")
    assert proposal(second).reason == "Slower.", "its last words stand in for a reason"
    first = proposal(proposers.agent_script(asked).propose(brief(), trial_folder(asked)))
    assert first.candidate.knobs == FASTER
    assert (first.usd, first.tokens) == (None, None), "no model was asked"
    third = proposers.agent_script(asked).propose(brief(trial=3), trial_folder(asked, 3))
    assert third == Exhausted(why="proposer", message="the script has 2 turns")


def test_the_words_of_a_proposal_are_short_and_harmless(tmp_path: Path):
    words = {"title": "A\u202e title\n" * 40, "reason": "why " * 1000, "idea": "rates", "x": 1}
    answer = proposed(
        tmp_path, {"write": {"path": "proposal.json", "content": json.dumps(words)}}, EDIT
    )
    assert answer.title.startswith("A title A title")
    assert len(answer.title) < 170
    assert len(answer.reason) < 1_300
    assert answer.idea == "rates"


def test_a_sprint_that_goes_on_keeps_its_idea(tmp_path: Path):
    words = json.dumps({"title": "t", "reason": "r", "idea": "another"})
    asked = scripted(tmp_path, [[{"write": {"path": "proposal.json", "content": words}}]])
    answer = proposers.agent_script(asked).propose(brief(idea="the sprint's"), trial_folder(asked))
    assert proposal(answer).idea == "the sprint's"


def test_a_loophole_that_is_written_down_is_passed_on(tmp_path: Path):
    note = {"write": {"path": "loophole.md", "content": "Seeds repeat.\n"}}
    assert proposed(tmp_path, note).loophole == "Seeds repeat."


@pytest.mark.parametrize(
    ("command", "why"),
    [
        ("ln -sf /etc/hostname recipe.py", "recipe.py: a link"),
        ("rm recipe.py; mkfifo recipe.py", "recipe.py: not a regular file"),
        ("rm knobs.yaml; mkdir knobs.yaml", "knobs.yaml: not a regular file"),
        ("rm knobs.yaml", "knobs.yaml: not there any more"),
        ("truncate -s 300000 recipe.py", "recipe.py: over 262,144 bytes"),
        ("truncate -s 900M loophole.md", "loophole.md: over 262,144 bytes"),
        (r"printf '\xff' > recipe.py", "recipe.py: not text in UTF-8"),
        ("ln -s /etc/passwd proposal.json", "proposal.json: a link"),
        ("cd ..; rm -rf work/*; ln -s /etc work/recipe.py", "recipe.py: a link"),
    ],
)
def test_what_is_no_plain_small_text_is_refused(command: str, why: str, tmp_path: Path):
    answer = proposed(tmp_path, bash(command))
    assert (answer.trespass or "").startswith(why)
    assert answer.candidate == PARENT, "nothing of what is refused is taken"


@pytest.mark.parametrize("rung", ISOLATED)
def test_an_isolated_agent_sees_no_secret_and_reaches_no_other_trial(rung: str, tmp_path: Path):
    asked = scripted(
        tmp_path,
        [
            [
                bash(f"cat {tmp_path}/campaign/secret.key > seen.txt; ls {tmp_path}/campaign >> s"),
                bash(f"echo x > {tmp_path}/campaign/trials/0002/work; ls > seen-here.txt"),
                EDIT,
            ]
        ],
        rung=rung,
    )
    other = trial_folder(asked, 2) / "work"
    other.parent.mkdir(parents=True)
    other.write_text("of another trial\n")
    answer = proposal(proposers.agent_script(asked).propose(brief(), trial_folder(asked)))
    assert answer.trespass is None
    assert answer.candidate.knobs == FASTER
    work = trial_folder(asked) / "work"
    assert (work / "seen.txt").read_text() == ""
    assert "TASK.md" in (work / "seen-here.txt").read_text(), "the control: its own folder is seen"
    assert other.read_text() == "of another trial\n"


@pytest.mark.parametrize(
    ("command", "named"),
    [
        ("echo x >> {campaign}/ledger.jsonl", "ledger.jsonl"),
        ("rm {campaign}/store/weights", "store/weights"),
        ("touch {campaign}/trials/0002/new", "trials/0002/new"),
    ],
)
def test_an_agent_that_is_not_isolated_is_caught_outside_of_its_folder(
    command: str, named: str, tmp_path: Path
):
    act = bash(command.format(campaign=tmp_path / "campaign"))
    asked = scripted(tmp_path, [[act, EDIT], [EDIT]], rung="process")
    for path in ("ledger.jsonl", "store/weights", "trials/0002/recipe.py"):
        (asked.folder / path).parent.mkdir(parents=True, exist_ok=True)
        (asked.folder / path).write_text("as it was\n")
    answer = proposal(proposers.agent_script(asked).propose(brief(), trial_folder(asked)))
    assert answer.trespass is not None
    assert named in answer.trespass
    honest = proposers.agent_script(asked).propose(brief(trial=2), trial_folder(asked, 7))
    assert proposal(honest).trespass is None, "the control: an agent that stays inside"


def test_a_plan_has_a_few_ideas(tmp_path: Path):
    ideas = ["anneal k", "", *(f"idea {place}" for place in range(20))]
    write = {"write": {"path": "ideas.json", "content": json.dumps(ideas)}}
    asked = scripted(tmp_path, [[EDIT]], plan=[write])
    found = proposers.agent_script(asked).plan(brief(trial=6), trial_folder(asked, 6) / "plan")
    assert found == ("anneal k", *(f"idea {place}" for place in range(7)))
    told = (trial_folder(asked, 6) / "plan/work/TASK.md").read_text()
    assert "come to a halt" in told


@pytest.mark.parametrize("content", ["no JSON", '{"a": 1}', "[1, 2]"])
def test_a_plan_that_is_no_list_of_texts_has_no_ideas(content: str, tmp_path: Path):
    asked = scripted(
        tmp_path, [[EDIT]], plan=[{"write": {"path": "ideas.json", "content": content}}]
    )
    assert proposers.agent_script(asked).plan(brief(), trial_folder(asked) / "plan") == ()


def test_a_script_without_a_plan_has_no_ideas(tmp_path: Path):
    asked = scripted(tmp_path, [[EDIT]])
    assert proposers.agent_script(asked).plan(brief(), trial_folder(asked) / "plan") == ()


def test_an_agent_that_fails_leaves_no_proposal(tmp_path: Path):
    asked = scripted(tmp_path, [[EDIT, {"fail": "out of order"}]])
    with pytest.raises(HarnessError, match="failed: out of order"):
        proposers.agent_script(asked).propose(brief(), trial_folder(asked))


def test_a_deadline_before_any_answer_is_no_turn_of_the_agent(tmp_path: Path):
    asked = scripted(tmp_path, [[{"sleep_seconds": 30}, EDIT]], turn_minutes=0.005)
    with pytest.raises(HarnessError, match=r"failed: over 0\.3 s, without any answer of the model"):
        proposers.agent_script(asked).propose(brief(), trial_folder(asked))


def test_at_the_deadline_what_stands_is_the_answer(tmp_path: Path):
    answer = proposed(tmp_path, EDIT, {"sleep_seconds": 30}, turn_minutes=0.015)
    assert answer.candidate.knobs == FASTER
    assert (answer.title, answer.reason) == ("untitled", "none given")


def test_a_script_is_needed(tmp_path: Path):
    asked = scripted(tmp_path, [[EDIT]]).model_copy(update={"script": None})
    with pytest.raises(HarnessError, match="--script: the proposer agent_script needs"):
        proposers.agent_script(asked)
