"""A turn that the harness was killed in: the same command answers, and nothing is paid twice."""

import json
import os
import subprocess
import sys
from pathlib import Path

from agents.metering import read_spent
from harness.autoresearch.proposers.proposer import Proposal
from tests.agents.autoresearch.briefs import FASTER
from tests.agents.wire_server import WireServer

CHECKOUT = Path(__file__).parents[3]
LINES = {1: "prompt", 2: "answer", 3: "a call begins", 7: "a call's result", 9: "end"}
"""Of the nine of the conversation; the process dies once such a one is on disk."""


def test_a_killed_turn_goes_on_wherever_it_was_and_pays_for_no_answer_twice(
    model: WireServer, tmp_path: Path
):
    kills = [(str(tmp_path / f"killed-{line}"), line) for line in LINES]
    done = subprocess.run(
        [sys.executable, "-m", "tests.agents.autoresearch.killed"],
        input=json.dumps({"kills": kills}),
        cwd=CHECKOUT,
        env=os.environ,
        capture_output=True,
        text=True,
        check=False,
        timeout=100,
    )
    assert done.returncode == 0, done.stderr
    answers = [Proposal.model_validate_json(line) for line in done.stdout.splitlines()]
    assert len(answers) == len(LINES)
    assert {each.candidate.knobs for each in answers} == {FASTER}
    assert {(each.title, each.trespass) for each in answers} == {("Thrice the rate", None)}
    for (folder, line), answer in zip(kills, answers, strict=True):
        asked = [json.dumps(body) for body in model.bodies if body["model"] == Path(folder).name]
        # Whether a call took effect that began is not known: the model is told, and asks again.
        wanted = 4 if LINES[line] == "a call begins" else 3
        assert len(asked) == len(set(asked)) == wanted, line
        spent = read_spent(Path(folder) / "campaign/calls")
        assert spent.calls == len(asked)
        is_known = answer.tokens == 18 * len(asked)
        assert is_known == (spent.assumed == 0), "what was not written yet counts at its most"
