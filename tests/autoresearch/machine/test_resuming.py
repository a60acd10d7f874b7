"""A campaign that was stopped anywhere goes on as if it had not been."""

import shutil
from pathlib import Path

import pytest

from harness.autoresearch.campaign import Campaign
from harness.autoresearch.ledger.comparable import comparable
from harness.autoresearch.machine.checks import confirm, seal
from harness.autoresearch.machine.desk import untold
from harness.autoresearch.machine.replay import replay
from harness.autoresearch.machine.run import run_campaign
from harness.autoresearch.proposers.scripted import scripted
from harness.experiments.context import no_progress
from harness.record import HarnessError
from tests.autoresearch.planted import PlantedWork, planted_campaign, script

STEPS: tuple[dict[str, object], ...] = (
    {"values": {"good": 1, "idle": 2}},
    {"values": {"worldly": 2}},
    {"values": {"broken": 1}},
    {"values": {"learning_rate": 0.9}},
    {"values": {"good": 3}, "loophole": "planted"},
    {"values": {"good": 3}},
)


def go_on(campaign: Campaign, folder: Path, *, trials: int | None = None) -> None:
    proposer = scripted(script(folder, STEPS))
    run_campaign(
        campaign, proposer, tell=untold, progress=no_progress, trials=trials, work=PlantedWork
    )


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("undisturbed")
    go_on(planted_campaign(folder), folder)
    return folder / "campaign"


def lines(folder: Path) -> list[bytes]:
    return (folder / "ledger.jsonl").read_bytes().splitlines(keepends=True)


def test_from_every_line_the_same_ledger_follows(undisturbed: Path, tmp_path: Path) -> None:
    """Each resumed one is followed to the end of the trial that was open."""
    whole = Campaign.open(undisturbed)
    expected = comparable(whole.ledger.lines)
    outcomes = [trial.outcome for trial in whole.history.trials]
    assert outcomes == ["kept", "rejected", "invalid", "refused", "loophole", "kept"]
    folder = tmp_path / "campaign"
    shutil.copytree(undisturbed, folder)
    starts = {n for n, event in enumerate(expected) if event["kind"] == "proposed"}
    for count in range(1, len(expected) + 1):
        (folder / "ledger.jsonl").write_bytes(b"".join(lines(undisturbed)[:count]))
        go_on(Campaign.open(folder), tmp_path, trials=0)
        *found, stop = comparable(Campaign.open(folder).ledger.lines)
        assert found == expected[: len(found)], count
        assert stop["kind"] == "stopped" and len(found) >= count - 1
        assert len(found) in {*starts, len(expected) - 1, len(expected)}, count


def test_a_torn_last_line_is_no_event(undisturbed: Path, tmp_path: Path) -> None:
    folder = tmp_path / "campaign"
    shutil.copytree(undisturbed, folder)
    kept, torn = lines(undisturbed)[:9], lines(undisturbed)[9]
    (folder / "ledger.jsonl").write_bytes(b"".join([*kept, torn[: len(torn) // 2]]))
    go_on(Campaign.open(folder), tmp_path)
    expected = comparable(Campaign.open(undisturbed).ledger.lines)
    assert comparable(Campaign.open(folder).ledger.lines) == expected


def test_a_finished_campaign_is_not_written_to_by_running_it_again(
    undisturbed: Path, tmp_path: Path
) -> None:
    before = lines(undisturbed)
    go_on(Campaign.open(undisturbed), tmp_path)
    assert lines(undisturbed) == before


def test_replay_finds_nothing_in_what_happened(undisturbed: Path) -> None:
    campaign = Campaign.open(undisturbed)
    assert replay(campaign, rerun=5, progress=no_progress, work=PlantedWork) == []


def test_replay_finds_a_decision_that_does_not_follow(undisturbed: Path, tmp_path: Path) -> None:
    """The forger is thorough: the chain is made anew and holds."""
    folder = tmp_path / "campaign"
    shutil.copytree(undisturbed, folder)
    forge(folder, '"outcome":"rejected","why":"gate"', '"outcome":"kept","why":"better"')
    problems = replay(Campaign.open(folder), rerun=0, progress=no_progress, work=PlantedWork)
    assert len(problems) == 1 and "follows" in problems[0]


def test_replay_finds_a_score_that_the_run_does_not_give(undisturbed: Path, tmp_path: Path) -> None:
    folder = tmp_path / "campaign"
    shutil.copytree(undisturbed, folder)
    forge(folder, '"mcc":0.6', '"mcc":0.7')
    problems = replay(Campaign.open(folder), rerun=1000, progress=no_progress, work=PlantedWork)
    assert problems and all("mcc" in problem for problem in problems)


def forge(folder: Path, old: str, new: str) -> None:
    """Alter events and chain the lines anew."""
    from harness.autoresearch.ledger.ledger import Ledger, read_ledger

    recorded = read_ledger(folder / "ledger.jsonl")
    (folder / "ledger.jsonl").unlink()
    ledger = Ledger(folder / "ledger.jsonl")
    altered = 0
    for line in recorded:
        text = line.event.model_dump_json()
        altered += old in text
        event = type(line.event).model_validate_json(text.replace(old, new))
        ledger.append(event, seconds=line.seconds)
    assert altered, old


def test_a_sealed_score_is_had_once_and_ends_the_campaign(
    undisturbed: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "campaign"
    shutil.copytree(undisturbed, folder)
    had = seal(Campaign.open(folder), pairs=4, progress=no_progress, work=PlantedWork)
    assert had.test.low < 0.06 < had.test.high
    before = lines(folder)
    again = seal(Campaign.open(folder), pairs=9, progress=no_progress, work=PlantedWork)
    assert again == had and lines(folder) == before
    with pytest.raises(HarnessError, match="sealed"):
        go_on(Campaign.open(folder), tmp_path)


def test_more_pairs_confirm_on_seeds_of_their_own(undisturbed: Path, tmp_path: Path) -> None:
    folder = tmp_path / "campaign"
    shutil.copytree(undisturbed, folder)
    first = confirm(Campaign.open(folder), pairs=3, progress=no_progress, work=PlantedWork)
    second = confirm(Campaign.open(folder), pairs=3, progress=no_progress, work=PlantedWork)
    used = {run.seed for run in Campaign.open(undisturbed).history.scores if run.tier == "gate"}
    assert not used & {*first.test.seeds, *second.test.seeds}
    assert not {*first.test.seeds} & {*second.test.seeds}
    campaign = Campaign.open(folder)
    assert replay(campaign, rerun=0, progress=no_progress, work=PlantedWork) == []


def test_a_secret_that_was_exchanged_is_refused(undisturbed: Path, tmp_path: Path) -> None:
    folder = tmp_path / "campaign"
    shutil.copytree(undisturbed, folder)
    from harness.autoresearch.scorer.secret import Secret

    (folder / "secret.key").unlink()
    Secret.draw(99).write(folder / "secret.key")
    with pytest.raises(HarnessError, match="secret"):
        _ = Campaign.open(folder).secret
