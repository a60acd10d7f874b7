"""Agents over the three APIs as proposers, against a model on this machine."""

import json
from pathlib import Path

import pytest

from agents.autoresearch import proposers
from harness.autoresearch.candidate import Candidate
from harness.autoresearch.proposers.proposer import Exhausted
from harness.record import HarnessError
from tests.agents.autoresearch.briefs import (
    CODE,
    FASTER,
    PARENT,
    brief,
    proposal,
    remembered,
    trial_folder,
    wanted,
)
from tests.agents.autoresearch.models import EDITS, playing
from tests.agents.wire_server import Call, Reply, WireServer

PRICES = """source: a page of the tests
read_on: 2099-12-31
models:
  a-model: {input_usd: 3, output_usd: 15, max_output_tokens: 16000}
"""
USD = 3 * (11 * 3 + 7 * 15) / 1e6
"""Three answers of 11 tokens in and 7 out."""


@pytest.mark.parametrize("name", ["anthropic", "openai", "openai_compatible"])
def test_an_edited_knob_comes_back_with_its_words_and_its_cost(
    name: str, model: WireServer, tmp_path: Path
):
    (tmp_path / "prices.yaml").write_text(PRICES)
    asked = wanted(
        tmp_path,
        model="a-model",
        prices=tmp_path / "prices.yaml",
        budget_usd=5.0,
        base_url=model.url if name == "openai_compatible" else None,
    )
    proposer = getattr(proposers, name)(asked)
    assert proposer.name == name
    answer = proposal(proposer.propose(brief(), trial_folder(asked)))
    assert answer.candidate == Candidate(code=CODE, knobs=FASTER)
    assert (answer.title, answer.reason) == ("Thrice the rate", "It underfits.")
    assert (answer.loophole, answer.trespass, answer.idea) == (None, None, None)
    assert answer.tokens == 3 * 18
    assert answer.usd == pytest.approx(USD)
    assert len(model.requests) == 3


def test_what_the_model_is_asked_has_the_task_and_not_the_campaigns_key(
    model: WireServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("OTHER_KEY", "another-key-0123456789")
    asked = wanted(tmp_path, model="a-model", max_turns=9, api_key_env="OTHER_KEY")
    proposers.anthropic(asked).propose(brief(memory=(remembered(),), trial=2), trial_folder(asked))
    first = json.dumps(model.bodies[0])
    assert "latent_f1" in first
    assert "Twice the rate" in first
    assert "secret of the campaign" not in json.dumps(model.bodies)
    assert model.requests[0][1]["x-api-key"] == "another-key-0123456789"
    kept = [path for path in asked.folder.rglob("*") if path.is_file()]
    assert len(kept) > 8
    assert not [path for path in kept if b"another-key-0123456789" in path.read_bytes()]


def test_a_trial_without_a_price_has_tokens_and_no_dollars(model: WireServer, tmp_path: Path):
    asked = wanted(tmp_path, model="a-model", max_turns=9)
    answer = proposal(proposers.anthropic(asked).propose(brief(), trial_folder(asked)))
    assert (answer.usd, answer.tokens) == (None, 54)
    assert len(model.requests) == 3


def test_a_loophole_that_the_tool_is_told_is_passed_on(model: WireServer, tmp_path: Path):
    told = Call("report_loophole", {"text": "The scorer can be seen."})
    model.script = playing((Reply(calls=(told,)), Reply("I stop.")))
    asked = wanted(tmp_path, model="a-model", max_turns=9)
    answer = proposal(proposers.anthropic(asked).propose(brief(), trial_folder(asked)))
    assert answer.loophole == "The scorer can be seen."
    assert answer.candidate == PARENT


def test_a_finished_turn_is_not_taken_again(model: WireServer, tmp_path: Path):
    asked = wanted(tmp_path, model="a-model", max_turns=9)
    first = proposers.anthropic(asked).propose(brief(), trial_folder(asked))
    again = proposers.anthropic(asked).propose(brief(), trial_folder(asked))
    assert again == first
    assert len(model.requests) == 3
    other = brief(trial=2, memory=(remembered(),))
    second = proposal(proposers.anthropic(asked).propose(other, trial_folder(asked, 2)))
    assert second.tokens == 54, "of its own trial alone"
    assert len(model.requests) == 6, "the control: another trial asks the model"


def test_a_spent_budget_exhausts_it_and_a_larger_one_goes_on(model: WireServer, tmp_path: Path):
    asked = wanted(tmp_path, model="a-model", max_turns=1)
    spent = proposers.anthropic(asked).propose(brief(), trial_folder(asked))
    assert spent == Exhausted(why="dollars", message="the budget of 1 calls is spent")
    assert len(model.requests) == 1
    larger = asked.model_copy(update={"max_turns": 9})
    answer = proposal(proposers.anthropic(larger).propose(brief(), trial_folder(asked)))
    assert answer.candidate.knobs == FASTER
    assert len(model.requests) == 3, "nothing is paid twice"


def test_a_server_that_fails_is_the_users_to_mend_and_the_trial_goes_on(
    model: WireServer, tmp_path: Path
):
    model.script = [Reply("out of order", status=400)]
    asked = wanted(tmp_path, model="a-model", max_turns=9)
    with pytest.raises(HarnessError, match=r"failed: HTTP 400: .*out of order.*Nothing was scored"):
        proposers.anthropic(asked).propose(brief(), trial_folder(asked))
    assert len(model.requests) == 2, "a turn that failed is begun anew once"
    model.script = playing((*EDITS,))
    answer = proposal(proposers.anthropic(asked).propose(brief(), trial_folder(asked)))
    assert answer.candidate.knobs == FASTER


def test_a_model_that_declines_leaves_no_proposal(model: WireServer, tmp_path: Path):
    model.script = [Reply("I will not.", stop="refusal")]
    asked = wanted(tmp_path, model="a-model", max_turns=9)
    with pytest.raises(HarnessError, match="refused: the model declined to answer"):
        proposers.anthropic(asked).propose(brief(), trial_folder(asked))
    assert len(model.requests) == 1


def test_what_is_missing_is_told_before_anything_is_asked(model: WireServer, tmp_path: Path):
    with pytest.raises(HarnessError, match="--model: "):
        proposers.anthropic(wanted(tmp_path, max_turns=9))
    with pytest.raises(HarnessError, match="--budget-usd, --max-turns: one of them"):
        proposers.anthropic(wanted(tmp_path, model="a-model"))
    with pytest.raises(HarnessError, match="--budget-usd: needs --prices"):
        proposers.anthropic(wanted(tmp_path, model="a-model", budget_usd=1.0))
    (tmp_path / "prices.yaml").write_text(PRICES)
    priced = {"budget_usd": 1.0, "prices": tmp_path / "prices.yaml"}
    with pytest.raises(HarnessError, match=r"models\.other: no price"):
        proposers.openai(wanted(tmp_path, model="other", **priced))
    with pytest.raises(HarnessError, match="--base-url: needed"):
        proposers.openai_compatible(wanted(tmp_path, model="a-model", max_turns=9))
    with pytest.raises(HarnessError, match="--script: the proposer anthropic follows none"):
        proposers.anthropic(wanted(tmp_path, model="a-model", script=tmp_path / "s.yaml"))
    assert not model.requests
