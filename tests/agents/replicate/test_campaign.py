"""A scripted agent that does everything right, through the real command line."""

import json
from pathlib import Path

import pytest

from tests.agents.replicate.project import KEY, PAPER, REPLICATION, Project
from tests.agents.replicate.running import (
    Ended,
    events,
    files_with_the_key,
    run,
    scripted,
    verdicts,
    wait_for_end,
)
from tests.agents.replicate.scripts import good, misbehaving
from tests.publish.github_double import TOKEN, GitHubDouble, serving

DONE = ["text", "claims", "freeze", "specs", "run", "judge", "reading", "review", "publish"]


@pytest.fixture(scope="module")
def finished(built: Project, tmp_path_factory: pytest.TempPathFactory) -> "Finished":
    project = built.copy(tmp_path_factory.mktemp("good") / "copy")
    with serving() as github:
        told = {"GITHUB_TOKEN": TOKEN, "GITHUB_API_URL": github.address}
        ended = scripted(project, good(project), environment=told)
        again = scripted(project, good(project), environment=told)
    return Finished(project, ended, again, github)


class Finished:
    """A campaign that has ended, and the same command once more."""

    def __init__(self, project: Project, ended: Ended, again: Ended, github: GitHubDouble) -> None:
        self.project, self.ended, self.again, self.github = project, ended, again, github


def test_it_ends_with_two_pull_requests_the_replication_on_top_of_the_paper(
    finished: Finished,
) -> None:
    assert finished.ended.code == 0, finished.ended.err
    told = finished.ended.told
    assert (told["finished"], told["steps_done"], told["why"]) == (True, DONE, None)
    assert [(pull["head"], pull["base"]) for pull in finished.github.pulls] == [
        (f"someone:paper/{PAPER}", "main"),
        (f"someone:replication/{PAPER}/planted", f"paper/{PAPER}"),
    ]
    assert (told["last_words"], told["loopholes"]) == ("One claim is not replicated.", [])
    assert told["published"] == [pull["html_url"] for pull in finished.github.pulls]


def test_the_commit_that_the_manifest_names_is_one_that_was_pushed(finished: Finished) -> None:
    project = finished.project
    manifest = json.loads((project.worktree / REPLICATION / "manifest.json").read_text())
    pushed = project.git("rev-parse", f"refs/heads/paper/{PAPER}", where=project.remote)
    assert (manifest["commit"], manifest["dirty"]) == (pushed, False)


def test_verdicts_are_those_of_the_rows(finished: Finished) -> None:
    assert verdicts(finished.project) == {
        "some-head-matches-prefixes": "not_replicated",
        "best-head": "not_applicable",
        "later-blocks-are-predicted-better": "inconclusive",
    }
    assert finished.ended.told["verdicts"] == {
        "not_replicated": 1,
        "not_applicable": 1,
        "inconclusive": 1,
    }


def test_the_same_command_again_does_nothing_and_says_the_same(finished: Finished) -> None:
    assert finished.again.code == 0
    assert finished.again.told == finished.ended.told
    assert len(events(finished.project)) == len(DONE) + 3 * 3


def test_the_checkout_of_the_person_is_as_it_was(finished: Finished) -> None:
    project = finished.project
    assert project.git("status", "--porcelain") == ""
    assert not (project.top / "papers" / PAPER).exists()
    assert project.git("rev-parse", "--abbrev-ref", "HEAD") == "main"


def test_the_key_is_in_no_file_and_nothing_is_left_running(finished: Finished) -> None:
    assert files_with_the_key(finished.project) == []
    assert wait_for_end(finished.project) == []
    assert KEY not in finished.ended.out + finished.ended.err


def test_status_tells_of_it_and_writes_nothing(
    finished: Finished, monkeypatch: pytest.MonkeyPatch, cli: object
) -> None:
    assert callable(cli)
    monkeypatch.chdir(finished.project.top)
    before = sorted(finished.project.top.rglob("*"))
    rows = json.loads(cli("agent", "status", "--json").out)
    assert [(row["campaign"], row["next"], row["turns"]) for row in rows] == [("planted", None, 3)]
    unknown = cli("agent", "status", "plantet")
    assert (unknown.code, "did you mean 'planted'" in unknown.err) == (2, True)
    assert sorted(finished.project.top.rglob("*")) == before


@pytest.mark.parametrize(
    ("options", "what", "told"),
    [
        (["--driver", "anthropic"], None, "--agent-model"),
        (["--driver", "codex", "--agent-model", "m", "--budget-usd", "1"], None, "--prices FILE"),
        (["--driver", "scripted"], None, "--script: needed"),
        (["--driver", "scripted", "--isolation", "docker"], None, "'docker'"),
        (["--driver", "anthropic", "--agent-model", "m"], "nowhere.pdf", "neither a paper here"),
    ],
)
def test_what_is_missing_is_named_and_nothing_is_written(
    project: Project, options: list[str], what: str | None, told: str
) -> None:
    ended = run(project, options, what=what)
    assert ended.code == 2
    assert told in ended.err
    assert not (project.top / "runs").exists()


def test_everything_that_is_missing_is_told_at_once(project: Project) -> None:
    (project.top / "harness/verdict.py").write_text("LIMIT = 0\n")
    ended = run(
        project,
        ["--driver", "anthropic", "--agent-model", "m", "--budget-usd", "1"],
        environment={"ANTHROPIC_API_KEY": ""},
    )
    assert ended.code == 2
    assert "ANTHROPIC_API_KEY is not set" in ended.err
    assert "harness/verdict.py" in ended.err


def test_a_person_may_read_the_claims_before_they_are_frozen(project: Project) -> None:
    paused = scripted(project, good(project), "--pause-after-claims")
    assert (paused.code, paused.told["why"]) == (0, "paused")
    frozen = project.worktree / "papers" / PAPER / "frozen.json"
    assert not frozen.exists()
    script = [good(project)[0], [{"bash": "sleep 60"}]]
    ended = scripted(
        project, script, "--reviewed-by", "A. Reader", "--turn-minutes", "0.01", "--rounds", "1"
    )
    assert (ended.code, ended.told["why"]) == (1, "rounds")
    assert json.loads(frozen.read_text())["reviewed_by"] == "A. Reader"


def test_results_that_were_edited_between_two_runs_are_found_by_their_hash(
    project: Project,
) -> None:
    script = good(project)
    stop = [{"fail": "a model that is away"}]
    first = scripted(project, [*script[:2], stop], "--rounds", "3")
    assert (first.code, first.told["why"]) == (1, "agent")
    rows = next((project.worktree / REPLICATION / "measurements").glob("*.jsonl"))
    rows.write_text(rows.read_text().replace('"value":0.', '"value":0.9'))
    again = scripted(project, script)
    assert again.code == 2
    assert f"{REPLICATION}/measurements/{rows.name}: modified by hand" in again.err


def test_another_campaign_of_that_name_is_not_gone_on_with(project: Project) -> None:
    scripted(project, misbehaving(project)["quotes what is not there"], "--rounds", "1")
    other = run(project, ["--driver", "anthropic", "--agent-model", "m"])
    assert other.code == 2
    assert "driver: this campaign began with 'scripted', not 'anthropic'" in other.err


def test_a_replication_that_is_here_is_never_written_over(project: Project) -> None:
    there = project.top / REPLICATION
    there.mkdir(parents=True)
    (there / "replication.yaml").write_text("id: planted\n")
    ended = scripted(project, good(project))
    assert ended.code == 2
    assert f"{REPLICATION}: is here already" in ended.err
    assert not Path(project.campaign).exists()
