"""Whole campaigns by agents with a model, from a paper's text to its pull requests.

Claude Code and Codex are those that their makers ship, and the three loops ask their APIs through
their SDKs; the model of each plays the script of an agent that does everything right.
"""

import json
from decimal import Decimal
from typing import NamedTuple

import pytest

from agents.drivers.claude_code import CLAUDE
from agents.drivers.codex import CODEX
from agents.drivers.driver import DriverName
from tests.agents.drivers.conftest import Clis, find_clis
from tests.agents.replicate.model import LOOP, SHELL, Tools, claude_code, plays
from tests.agents.replicate.project import KEY, PAPER, REPLICATION, Project
from tests.agents.replicate.running import Ended, files_with_the_key, run, verdicts, wait_for_end
from tests.agents.replicate.scripts import Script, bash, good
from tests.agents.wire_server import WireServer, wire_server
from tests.publish.github_double import TOKEN, GitHubDouble, serving

VERDICTS = {
    "some-head-matches-prefixes": "not_replicated",
    "best-head": "not_applicable",
    "later-blocks-are-predicted-better": "inconclusive",
}
"""Of the scripted agent that writes the same specs."""
CALLS = {"claims": 4, "specs": 4, "reading": 2}
"""Actions of the script, each of which is one answer of the model."""
TOKENS_IN, TOKENS_OUT = 5_500, 550
"""The n-th of ten answers has 100 n tokens in and 10 n out; 1 + … + 10 = 55."""
USD = Decimal("0.02475")
"""5,500 x 3 and 550 x 15 dollars for a million: 0.0165 + 0.00825."""
PRICES = """\
source: made up
read_on: 2026-01-01
models:
  a-model: {input_usd: 3, output_usd: 15, max_output_tokens: 4000}
"""


class Campaign(NamedTuple):
    """One that has ended, and those whom it spoke to."""

    project: Project
    ended: Ended
    server: WireServer
    github: GitHubDouble

    def transcript(self, turn: int) -> str:
        """What a person reads of a turn."""
        return (self.project.campaign / f"turns/{turn:03}/part-1/transcript.md").read_text()


@pytest.fixture(scope="module")
def found() -> Clis:
    return find_clis()


def campaign(project: Project, driver: DriverName, tools: Tools, **environment: str) -> Campaign:
    """Run one to its end."""
    prices = project.root / "prices.yaml"
    prices.write_text(PRICES)
    options = ["--driver", driver, "--agent-model", "a-model"]
    options += ["--prices", str(prices), "--budget-usd", "20", "--max-turns", "20"]
    model = plays(signed(good(project), driver), tools)
    with wire_server(model) as server, serving() as github:
        if driver == "openai_compatible":
            options += ["--base-url", server.url, "--api-key-env", "OPENAI_API_KEY"]
        environment |= {"ANTHROPIC_BASE_URL": server.url, "OPENAI_BASE_URL": server.url}
        environment |= {"GITHUB_TOKEN": TOKEN, "GITHUB_API_URL": github.address}
        return Campaign(project, run(project, options, environment=environment), server, github)


def signed(script: Script, driver: DriverName) -> Script:
    """The script of one that looks at its variables first, and signs by its own name."""
    claims, specs, reading = script
    named = json.dumps(specs).replace("script (scripted)", f"a-model ({driver})")
    assert json.loads(named) != specs
    return [[bash("env"), *claims], json.loads(named), reading]


def require_finished(done: Campaign) -> None:
    """To its end in three turns, with the verdicts of the scripted agent."""
    assert done.ended.code == 0, (done.ended.out, done.ended.err)
    told = done.ended.told
    assert (told["finished"], told["turns"], told["turns_undone"]) == (True, 3, 0)
    assert f"{REPLICATION}: ready; 3 claims" in done.transcript(2), "its own `harness check`"
    assert verdicts(done.project) == VERDICTS
    bases = [pull["base"] for pull in done.github.pulls]
    assert bases == ["main", f"paper/{PAPER}"]
    assert wait_for_end(done.project) == []


def require_metered(done: Campaign) -> None:
    """Each call that came to the server is counted once, and all of them cost what they cost."""
    spent = done.ended.told["spent"]
    assert spent["calls"] == len(done.server.requests) == sum(CALLS.values())
    assert {step: each["calls"] for step, each in spent["by_step"].items()} == CALLS
    assert (spent["input_tokens"], spent["output_tokens"]) == (TOKENS_IN, TOKENS_OUT)
    assert Decimal(spent["usd"]) == USD
    assert {spent[name] for name in ("stored", "refused", "assumed", "unverified")} == {0}


def require_secret(done: Campaign) -> None:
    """The real key came to the server in one header, and is nowhere else."""
    for _, headers, body in done.server.requests:
        assert [name for name, value in headers.items() if KEY in value] in (
            ["x-api-key"],
            ["authorization"],
        )
        assert KEY not in json.dumps(body)
    assert KEY not in done.ended.out + done.ended.err
    assert files_with_the_key(done.project) == []
    (planted := done.project.campaign / "planted").write_text(KEY)
    assert files_with_the_key(done.project) == [planted], "the control: a file that holds it"


def require_unseen(done: Campaign, seen: str) -> None:
    """The agent's shell had neither the real key nor that of GitHub among its variables."""
    told = done.transcript(1)
    assert seen in told, "the control: variables are seen"
    assert KEY not in told
    assert TOKEN not in told


def test_claude_code_replicates_a_paper(project: Project, found: Clis) -> None:
    tools = claude_code(project.worktree)
    done = campaign(project, "claude_code", tools, **{CLAUDE.variable: str(found.claude)})
    require_finished(done)
    require_metered(done)
    require_unseen(done, "ANTHROPIC_API_KEY=[key]")
    require_secret(done)


def test_codex_replicates_a_paper(project: Project, found: Clis) -> None:
    done = campaign(project, "codex", SHELL, **{CODEX.variable: str(found.codex)})
    require_finished(done)
    require_metered(done)
    require_unseen(done, "HARNESS_METER_KEY=[key]")
    require_secret(done)


@pytest.mark.parametrize("driver", ["anthropic", "openai", "openai_compatible"])
def test_a_loop_around_an_api_replicates_a_paper(project: Project, driver: DriverName) -> None:
    done = campaign(project, driver, LOOP)
    require_finished(done)
    require_metered(done)
    require_unseen(done, "HF_HUB_OFFLINE=1")
    assert "[key]" not in done.transcript(1), "a loop's shell has not even the meter's key"
    require_secret(done)
