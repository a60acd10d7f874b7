"""The workflow that reviews pull requests, read as data and run on a branch as a server runs it."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from tests.review.desk import NAME, Desk
from tests.review.planted import PROJECT

FILE = PROJECT / ".github/workflows/replication-pr.yml"


@pytest.fixture(scope="module")
def workflow() -> Any:
    return YAML(typ="safe", pure=True).load(FILE.read_text())


def steps(workflow: Any) -> list[Any]:
    return workflow["jobs"]["review"]["steps"]


def test_it_may_read_and_knows_no_secret(workflow: Any) -> None:
    assert workflow["permissions"] == {"contents": "read"}
    assert set(workflow["on"]) == {"pull_request"}
    assert "secrets" not in FILE.read_text()
    assert workflow["jobs"]["review"]["timeout-minutes"] <= 60


def test_it_checks_out_the_base_alone(workflow: Any) -> None:
    [checkout] = [step for step in steps(workflow) if "checkout" in step.get("uses", "")]
    assert checkout["with"]["ref"] == "${{ github.event.pull_request.base.sha }}"
    assert checkout["with"]["persist-credentials"] is False
    assert not any("git checkout" in step.get("run", "") for step in steps(workflow))


def test_nothing_of_the_event_stands_in_a_command(workflow: Any) -> None:
    commands = [step["run"] for step in steps(workflow) if "run" in step]
    assert len(commands) == 3
    assert not any("${{" in command for command in commands)


@pytest.mark.parametrize("honest", [True, False])
def test_its_commands_review_a_request_and_fail_on_a_blocker(
    honest: bool, workflow: Any, tmp_path: Path, harness_cache: Path
) -> None:
    del harness_cache
    desk = Desk.honest(tmp_path / "project")
    if not honest:
        desk.replace(f"{NAME}/report.md", "0.", "0.9")
        desk.commit()
    server = tmp_path / "server.git"
    desk.git("init", "-q", "--bare", str(server))
    desk.git("push", "-q", str(server), "main", "submission:refs/pull/5/head")
    clone = tmp_path / "clone"
    desk.git("clone", "-q", "--branch", "main", str(server), str(clone))
    (clone / ".venv").symlink_to(Path(sys.executable).parents[1])
    base = desk.git("rev-parse", "main").decode().strip()
    summary = tmp_path / "summary.md"
    ended = [
        subprocess.run(
            ["bash", "-e", "-c", step["run"]],
            cwd=clone,
            env={**os.environ, "NUMBER": "5", "BASE": base, "GITHUB_STEP_SUMMARY": str(summary)},
            capture_output=True,
            check=False,
        ).returncode
        for step in steps(workflow)
        if "env" in step
    ]
    assert ended == [0, 0 if honest else 1]
    assert summary.read_text().startswith("## ✅" if honest else "## ❌")
    assert (clone / "review.json").stat().st_size > 100
    assert not desk.canary.exists()
