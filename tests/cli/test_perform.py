import json
from pathlib import Path
from typing import Any

import pytest

from harness.models.registry import ModelEntry

REPLICATION = "replications/tiny-truth/tiny"


def test_the_stages_one_by_one_give_what_replicate_gives(project: Any, cli: Any) -> None:
    ran = json.loads(cli("run", REPLICATION, "--device", "cpu", "--json").out)
    assert ran["replication"] == REPLICATION
    assert ran["measurements"] == len(project.open().measurements()) > 50
    assert ran["failures"] == []
    judged = json.loads(cli("judge", REPLICATION, "--json").out)
    assert judged["verdicts"][0]["claim"] == "truth-linear"
    assert sum(judged["outcomes"].values()) == 5
    assert judged["report"] is None
    reported = json.loads(cli("report", REPLICATION, "--json").out)
    assert (project.root / reported["report"]).is_file()
    again = json.loads(cli("judge", REPLICATION, "--json").out)
    assert again["report"] == f"{REPLICATION}/report.html"


def test_a_person_is_shown_a_table_and_an_untested_claim_is_only_counted(
    finished: Any, cli: Any
) -> None:
    shown = cli("judge", REPLICATION).out
    assert "truth-linear" in shown
    assert "nobody-measures" not in shown
    assert "1 · not tested" in shown
    assert finished.folder.exists()


def test_progress_goes_to_standard_error_and_json_is_alone_on_standard_output(
    project: Any, cli: Any
) -> None:
    ended = cli("run", REPLICATION, "--device", "cpu")
    assert ended.out.startswith(f"{REPLICATION}: ")
    assert len(ended.out.splitlines()) == 1
    project.edit("    layer: 1\n", "    layer: 2\n")
    quiet = cli("run", REPLICATION, "--device", "cpu", "--json")
    assert quiet.err == ""
    json.loads(quiet.out)


def test_an_unknown_device_names_those_that_there_are(project: Any, cli: Any) -> None:
    ended = cli("run", REPLICATION, "--device", "cpuu")
    assert ended.code == 2
    assert "did you mean 'cpu'? valid: auto, cpu" in ended.err.replace("cuda, ", "")
    assert project.rows_files() == {}


@pytest.fixture
def small_tier(project: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[str]:
    """A tier of one model that is not there and one that is."""
    models = [f"path:{tmp_path}/gone", f"path:{project.model}"]
    entries = tuple(ModelEntry(id=model, source=model) for model in models)
    monkeypatch.setattr("harness.models.registry.tier", lambda _: entries)
    return models


def test_a_tier_runs_every_model_that_can_be_had(
    project: Any, cli: Any, small_tier: list[str]
) -> None:
    arguments = ("replicate", "tiny-truth", "--tier", "small", "--device", "cpu")
    ended = cli(*arguments, "--json")
    assert ended.code == 2
    told = json.loads(ended.out)
    assert [each["replication"] for each in told["results"]] == [
        "replications/tiny-truth/tiny-llama"
    ]
    assert list(told["error"]) == [small_tier[0]]
    assert "no config.json there" in told["error"][small_tier[0]]
    assert (project.root / "replications/tiny-truth/tiny-llama/report.html").is_file()


def test_a_crash_ends_replicate_with_one_after_the_report_was_written(
    project: Any, cli: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def crash(*_: object) -> None:
        raise RuntimeError("planted")

    monkeypatch.setattr("harness.run.run_experiment", crash)
    ended = cli("replicate", "tiny-truth", "--model", f"path:{project.model}", "--json")
    assert ended.code == 1
    told = json.loads(ended.out)
    assert told["failures"][0]["error"] == "RuntimeError: planted"
    assert {verdict["outcome"] for verdict in told["verdicts"]} == {"not_tested"}
    assert (project.root / told["report"]).is_file()
