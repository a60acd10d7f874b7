"""`harness autoresearch …`, with runs whose scores are planted instead of trained."""

import json
from functools import partial
from io import StringIO
from pathlib import Path
from typing import Any

import pytest

from harness.autoresearch.campaign import Campaign
from harness.autoresearch.ledger.comparable import comparable
from harness.autoresearch.ledger.event import Invalid, Line, Ran
from harness.autoresearch.ledger.ledger import Ledger
from harness.autoresearch.ledger.memory import memory
from harness.autoresearch.machine import checks
from harness.autoresearch.machine import replay as replaying
from harness.autoresearch.machine import run as running
from harness.autoresearch.task import shipped_tasks
from tests.autoresearch.planted import PlantedWork, planted_task, script
from tests.autoresearch.report.told import told_campaign
from tests.cli.test_app import modules_after

GOOD = {"values": {"good": 1}}
STEPS = [
    {"title": "idle away", "values": {"idle": 2}},
    {"title": "what helps", **GOOD},
    {"title": "it crashes", "values": {"broken": 1}},
    {"title": "a way in", "loophole": "the seed is in the environment"},
]


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder, and runs that are planted."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(running, "run_campaign", partial(running.run_campaign, work=PlantedWork))
    for name in ("confirm", "seal", "transfer"):
        monkeypatch.setattr(checks, name, partial(getattr(checks, name), work=PlantedWork))
    monkeypatch.setattr(replaying, "replay", partial(replaying.replay, work=PlantedWork))
    return tmp_path


@pytest.fixture
def autoresearch(cli: Any) -> Any:
    return partial(cli, "autoresearch")


@pytest.fixture
def begun(autoresearch: Any, here: Path) -> Path:
    """A planted campaign on which nothing has run."""
    task = here / "planted.json"
    planted_task(here).dump(task)
    script(here, STEPS)
    ended = autoresearch(
        *("init", str(task), "--policy", "greedy", "--proposer", "scripted", "--folder", "c"),
        *("--isolation", "process", "--device", "cpu", "--secret-seed", "1"),
    )
    assert ended.code == 0, ended.err
    assert "caution    unsafe: no isolation; the secret is known" in ended.out
    assert "next: harness autoresearch run c" in ended.out
    return here / "c"


RUN = ("run", "c", "--script", "script.json")


def test_a_campaign_runs_to_its_end_and_says_how_it_stands(autoresearch: Any, begun: Path) -> None:
    ended = autoresearch(*RUN)
    assert ended.code == 0, ended.err
    assert "incumbent  trial 2, what helps" in ended.out
    assert "4 of 20: 1 rejected, 1 kept, 1 invalid, 1 loophole" in ended.out
    assert "0:00:00 trial 2: kept" in ended.err
    told = json.loads(autoresearch("status", "c", "--json").out)
    assert told["outcomes"] == {"rejected": 1, "kept": 1, "invalid": 1, "loophole": 1}
    assert told["incumbent"]["title"] == "what helps"
    assert told["gate_gain"]["low"] > 0
    assert told["sealed_gain"] is None and told["cost"]["usd"] is None
    assert told["head"] == Campaign.open(begun).ledger.head


def test_json_is_one_document_and_its_lines_go_to_standard_error(
    autoresearch: Any, begun: Path
) -> None:
    ended = autoresearch(*RUN, "--trials", "1", "--json")
    assert json.loads(ended.out)["stop_message"] == "1 trials, as asked for"
    assert "trial 1: rejected" in ended.err
    assert len(Campaign.open(begun).history.trials) == 1


def test_an_interrupted_run_ends_with_130_and_goes_on_as_if_undisturbed(
    autoresearch: Any, begun: Path, here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    left = 5

    class Interrupted(PlantedWork):
        def trained(self) -> Ran | Invalid:
            nonlocal left
            left -= 1
            if left == 0:
                raise KeyboardInterrupt
            return super().trained()

    with monkeypatch.context() as patched:
        work = partial(running.run_campaign, work=Interrupted)
        patched.setattr(running, "run_campaign", work)
        ended = autoresearch(*RUN)
    assert ended.code == 130
    assert "the same command goes on from here" in ended.err
    assert autoresearch(*RUN).code == 0
    disturbed = comparable(Campaign.open(begun).ledger.lines)
    begun.rename(here / "disturbed")
    arguments = ("init", "planted.json", "--policy", "greedy", "--proposer", "scripted")
    fixed = ("--folder", "c", "--isolation", "process", "--device", "cpu", "--secret-seed", "1")
    assert autoresearch(*arguments, *fixed).code == 0
    assert autoresearch(*RUN).code == 0
    assert comparable(Campaign.open(begun).ledger.lines) == disturbed


def test_the_sealed_world_is_scored_once_and_only_when_it_is_meant(
    autoresearch: Any, begun: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert autoresearch(*RUN).code == 0
    told = json.loads(autoresearch("confirm", "c", "--pairs", "3", "--json").out)
    assert (told["what"], len(told["test"]["seeds"])) == ("confirm", 3)
    refused = autoresearch("seal", "c", "--json")
    assert (refused.code, "--yes" in refused.err) == (2, True)
    monkeypatch.setattr("sys.stdin", StringIO("n\n"))
    assert autoresearch("seal", "c").code == 130
    assert Campaign.open(begun).history.sealed is None
    sealed = autoresearch("seal", "c", "--pairs", "3", "--yes")
    assert sealed.code == 0, sealed.err
    assert "the campaign is over" in sealed.out
    assert autoresearch("seal", "c", "--pairs", "3").out == sealed.out
    again = autoresearch(*RUN)
    assert again.code == 2 and "seal" in again.err


@pytest.mark.usefixtures("begun")
def test_nothing_kept_is_nothing_to_seal(autoresearch: Any) -> None:
    ended = autoresearch("seal", "c", "--yes")
    assert ended.code == 2
    assert "nothing was kept" in ended.err


def test_a_replay_finds_an_altered_decision_and_nothing_else(
    autoresearch: Any, begun: Path
) -> None:
    assert autoresearch(*RUN).code == 0
    sound = autoresearch("replay", "c")
    assert sound.code == 0, sound.out
    assert "every decision follows" in sound.out
    _rewrite(begun, '"outcome":"rejected","why":"not_better"', '"outcome":"kept","why":"better"')
    found = autoresearch("replay", "c", "--json")
    assert found.code == 1
    assert len(json.loads(found.out)["problems"]) >= 1


def _rewrite(folder: Path, old: str, new: str) -> None:
    """Alter one event and chain the lines anew, as who knows the format can."""
    path = folder / "ledger.jsonl"
    texts = path.read_text().splitlines()
    assert sum(old in text for text in texts) == 1
    path.unlink()
    ledger = Ledger(path)
    for text in texts:
        ledger.append(Line.model_validate_json(text.replace(old, new)).event)


def test_the_report_is_written_and_named(autoresearch: Any, begun: Path) -> None:
    assert autoresearch(*RUN).code == 0
    told = json.loads(autoresearch("report", "c", "--json").out)
    assert told == {"report": "c/report.md", "page": "c/report.html"}
    text = (begun / "report.md").read_text()
    assert "**1 change kept in 4 trials.**" in text and "what helps" in text


def test_earlier_trials_are_found_by_words_and_by_likeness(autoresearch: Any, here: Path) -> None:
    told_campaign(here / "told")
    found = json.loads(autoresearch("search", "told", "dead", "latents", "--json").out)
    assert found[0]["title"] == "loss on dead latents"
    (here / "plan.diff").write_text(found[0]["diff"])
    near = json.loads(autoresearch("similar", "told", "plan.diff", "--json").out)
    assert (near[0]["trial"], near[0]["match"]) == (12, pytest.approx(1.0))
    assert near[0]["score"] == pytest.approx(0.857, abs=1e-3)
    shown = autoresearch("search", "told", "crash")
    assert "crash" in shown.out and "\x1b[31m" not in shown.out and "\u202e" not in shown.out


def test_an_agents_own_folder_answers_as_the_campaign_does(autoresearch: Any, here: Path) -> None:
    told_campaign(here / "told")
    of_campaign = autoresearch("search", "told", "cosine", "--json").out
    campaign = Campaign.open(here / "told")
    lines = [each.model_dump_json() for each in memory(campaign.history, campaign.store)]
    (here / "memory").mkdir()
    (here / "memory/trials.jsonl").write_text("\n".join(lines) + "\n")
    assert autoresearch("search", "memory", "cosine", "--json").out == of_campaign
    (here / "memory/trials.jsonl").write_text("")
    assert json.loads(autoresearch("search", "memory", "cosine", "--json").out) == []


def test_shipped_tasks_are_listed_with_what_they_measure(autoresearch: Any) -> None:
    told = json.loads(autoresearch("tasks", "--json").out)
    assert [each["id"] for each in told] == shipped_tasks()
    assert all(each["id"][:12] in autoresearch("tasks").out for each in told)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["init", "synthsae-1k-f2"], "did you mean 'synthsae-1k-f1'"),
        (["init", "synthsae-1k-f1", "--policy", "greedy"], "--proposer: policy greedy needs one"),
        (["init", "synthsae-1k-f1", "--proposer", "optun"], "did you mean 'optuna'"),
        (["init", "synthsae-1k-f1", "--policy", "best"], "'--policy'"),
        (["init", "synthsae-1k-f1", "--device", "tpu"], "device 'tpu'"),
        (["run", "nowhere"], "no campaign"),
        (["run", "c"], "--script"),
        (["run", "c", "--trials", "0"], "'--trials'"),
        (["status", "nowhere"], "`harness autoresearch init` begins one"),
        (["report", "nowhere"], "no campaign"),
        (["init", "planted.json", "--proposer", "optuna", "--folder", "c"], "another --folder"),
        (["init", "planted.json", "--folder", "planted.json"], "no folder can be made"),
        (["transfer", "c", "planted.json"], "the campaign's own"),
        (["search", "nowhere", "word"], "no campaign"),
        (["similar", "c", "absent.diff"], "cannot be read"),
        (["confirm", "c", "--pairs", "1"], "'--pairs'"),
    ],
    ids=lambda each: " ".join(each) if isinstance(each, list) else "",
)
def test_a_mistake_ends_with_two_and_names_the_remedy(
    autoresearch: Any, begun: Path, arguments: list[str], said: str
) -> None:
    before = (begun / "ledger.jsonl").read_bytes()
    ended = autoresearch(*arguments)
    assert (ended.code, ended.out) == (2, "")
    assert said in " ".join(ended.err.replace("│", " ").split())
    told = json.loads(autoresearch(*arguments, "--json").out)
    assert said in " ".join(told["error"])
    assert (begun / "ledger.jsonl").read_bytes() == before


@pytest.mark.parametrize(
    "arguments", [["--help"], ["tasks"], ["status", "told"], ["search", "told", "cosine"]]
)
def test_what_only_reads_imports_neither_torch_nor_optuna(
    project: Any, arguments: list[str]
) -> None:
    told_campaign(project.root / "told")
    modules = modules_after(project, "autoresearch", *arguments)
    assert "harness.cli.autoresearch" in modules
    assert not modules & {"torch", "optuna", "matplotlib", "sae_lens", "sklearn"}
