"""Whole campaigns by agents with a model, from a paper's text to a pull request.

Claude Code and Codex are those that their makers ship, and the three loops ask their APIs through
their SDKs; the model of each plays the script of an agent that does everything right.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal

import pytest

from agents.drivers.claude_code import CLAUDE
from agents.drivers.codex import CODEX
from agents.drivers.driver import DriverName
from tests.agents.drivers.conftest import Clis, find_clis
from tests.agents.replicate.model import LOOP, Tools, claude_code, codex, plays
from tests.agents.replicate.project import KEY, Project
from tests.agents.replicate.running import (
    Ended,
    files_with_the_key,
    run,
    verdicts,
    wait_for_end,
)
from tests.agents.replicate.scripts import Script, bash, good
from tests.agents.wire_server import WireServer, wire_server

VERDICTS = {
    "some-head-matches-prefixes": "not_replicated",
    "best-head": "not_applicable",
    "later-blocks-are-predicted-better": "inconclusive",
}
"""Of the scripted agent that does everything right: a tiny model without training has no head that
matches, and nothing else in the script depends on who plays it."""
CALLS = {"claims": 4, "specs": 4, "reading": 2}
"""Actions of the script, each of which is one answer of the model; the first looks at variables."""
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


@pytest.fixture(scope="session")
def clis() -> Clis:
    return find_clis()


def script_for(project: Project, driver: DriverName) -> Script:
    """The good agent's, which looks at its variables first and signs by its own name."""
    claims, specs, reading = good(project)
    name = f"a-model ({driver})"
    signed = [json.loads(json.dumps(each).replace("script (scripted)", name)) for each in specs]
    assert signed != specs
    return [[bash("env"), *claims], signed, reading]


@contextmanager
def campaign(
    project: Project, driver: DriverName, tools: Tools, **environment: str
) -> Iterator[tuple[Ended, WireServer]]:
    """One that has ended, and the server that played its model."""
    prices = project.root / "prices.yaml"
    prices.write_text(PRICES)
    options = ["--driver", driver, "--agent-model", "a-model"]
    options += ["--prices", str(prices), "--budget-usd", "20", "--max-turns", "20"]
    model = plays(
        script_for(project, driver),
        tools,
        tokens=lambda number: (100 + 100 * number, 10 + 10 * number),
    )
    with wire_server(model) as server:
        if driver == "openai_compatible":
            options += ["--base-url", server.url, "--api-key-env", "OPENAI_API_KEY"]
        bases = {"ANTHROPIC_BASE_URL": server.url, "OPENAI_BASE_URL": server.url}
        yield run(project, options, environment={**bases, **environment}), server


def require_finished(project: Project, ended: Ended) -> None:
    """To its end in three turns, with the verdicts of the scripted agent."""
    assert ended.code == 0, (ended.out, ended.err)
    told = ended.told
    assert (told["finished"], told["why"]) == (True, None)
    assert (told["turns"], told["turns_undone"]) == (3, 0)
    assert verdicts(project) == VERDICTS
    assert wait_for_end(project) == []


def require_metered(ended: Ended, server: WireServer) -> None:
    """Every call that came to the server, and what it costs."""
    spent = ended.told["spent"]
    assert spent["calls"] == len(server.requests) == sum(CALLS.values())
    assert {step: each["calls"] for step, each in spent["by_step"].items()} == CALLS
    assert (spent["input_tokens"], spent["output_tokens"]) == (TOKENS_IN, TOKENS_OUT)
    assert Decimal(spent["usd"]) == USD
    unsure = ("stored", "refused", "assumed", "unverified")
    assert {spent[name] for name in unsure} == {0}


def require_secret(project: Project, server: WireServer) -> None:
    """The real key came to the server in its header, and is nowhere else."""
    for _, headers, body in server.requests:
        holding = {name for name, value in headers.items() if KEY in value}
        assert len(holding) == 1
        assert holding < {"x-api-key", "authorization"}
        assert KEY not in json.dumps(body)
    assert files_with_the_key(project) == []


def transcript(project: Project) -> str:
    """Of the first turn, in which the agent looked at its variables."""
    return (project.campaign / "turns/001/part-1/transcript.md").read_text()


def test_claude_code_replicates_a_paper(project: Project, clis: Clis) -> None:
    tools = claude_code(project.worktree)
    found = {CLAUDE.variable: str(clis.claude)}
    with campaign(project, "claude_code", tools, **found) as (ended, server):
        require_finished(project, ended)
        require_metered(ended, server)
        require_secret(project, server)
    assert "ANTHROPIC_API_KEY=[key]" in transcript(project), "the control: the meter's key is seen"
    assert KEY not in transcript(project)


def test_codex_replicates_a_paper(project: Project, clis: Clis) -> None:
    found = {CODEX.variable: str(clis.codex)}
    with campaign(project, "codex", codex(), **found) as (ended, server):
        require_finished(project, ended)
        require_metered(ended, server)
        require_secret(project, server)
    assert "HARNESS_METER_KEY=[key]" in transcript(project), "the control: the meter's key is seen"
    assert KEY not in transcript(project)


@pytest.mark.parametrize("driver", ["anthropic", "openai", "openai_compatible"])
def test_a_loop_around_an_api_replicates_a_paper(project: Project, driver: DriverName) -> None:
    with campaign(project, driver, LOOP) as (ended, server):
        require_finished(project, ended)
        require_metered(ended, server)
        require_secret(project, server)
    assert "HF_HUB_OFFLINE=1" in transcript(project), "the control: variables are seen"
    assert "KEY" not in transcript(project), "neither the real key nor that of the meter"
