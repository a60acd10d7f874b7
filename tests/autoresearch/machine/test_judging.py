"""What becomes of a trial, where the truth of every change is planted."""

from pathlib import Path

import pytest

from harness.autoresearch.campaign import Campaign
from harness.autoresearch.knobs import values
from harness.autoresearch.ledger.event import Ablated, Reduced
from harness.autoresearch.ledger.history import History, Trial
from harness.autoresearch.machine.desk import untold
from harness.autoresearch.machine.run import run_campaign
from harness.autoresearch.proposers.scripted import scripted
from harness.experiments.context import no_progress
from tests.autoresearch.planted import PlantedWork, planted_campaign, script


def ran(folder: Path, *steps: dict[str, object]) -> Campaign:
    """A campaign with these proposals, run to its end."""
    campaign = planted_campaign(folder)
    run_campaign(
        campaign,
        scripted(script(folder, steps)),
        tell=untold,
        progress=no_progress,
        work=PlantedWork,
    )
    return campaign


def only(campaign: Campaign) -> Trial:
    (trial,) = campaign.history.trials
    return trial


def test_a_true_gain_is_kept_with_an_interval_around_it(tmp_path: Path) -> None:
    campaign = ran(tmp_path, {"values": {"good": 1}})
    decided = only(campaign).decided
    assert decided is not None and decided.gate is not None
    assert (decided.outcome, decided.why) == ("kept", "better")
    assert decided.gate.low < 0.02 < decided.gate.high
    assert campaign.history.incumbent.candidate == only(campaign).proposed.candidate


def test_a_change_that_does_nothing_is_not_kept(tmp_path: Path) -> None:
    decided = only(ran(tmp_path, {"values": {"idle": 1}})).decided
    assert decided is not None
    assert (decided.outcome, decided.why) == ("rejected", "not_better")


def test_a_gain_on_the_first_seed_alone_is_not_kept(tmp_path: Path) -> None:
    decided = only(ran(tmp_path, {"values": {"lucky": 5}})).decided
    assert decided is not None and decided.dev is not None
    assert decided.outcome == "rejected"
    assert decided.dev.differences[0] > 0.05  # by which a single seed decides


def test_a_gain_on_the_worlds_it_was_found_on_alone_stops_at_the_gate(tmp_path: Path) -> None:
    decided = only(ran(tmp_path, {"values": {"worldly": 2}})).decided
    assert decided is not None and decided.dev is not None and decided.gate is not None
    assert (decided.outcome, decided.why) == ("rejected", "gate")
    assert decided.dev.low > 0.03
    assert not any(character.isdigit() for character in decided.message)


def test_a_gain_that_is_paid_with_a_guarded_metric_is_not_kept(tmp_path: Path) -> None:
    decided = only(ran(tmp_path, {"values": {"costly": 1}})).decided
    assert decided is not None
    assert (decided.outcome, decided.why) == ("rejected", "guardrail")
    assert "mcc" in decided.message


def test_many_keeps_do_not_pay_little_by_little(tmp_path: Path) -> None:
    campaign = ran(tmp_path, {"values": {"creeping": 1}}, {"values": {"creeping": 2}})
    first, second = (trial.decided for trial in campaign.history.trials)
    assert first is not None and second is not None
    assert first.outcome == "kept"
    assert (second.outcome, second.why) == ("rejected", "gate")
    assert "guardrail" in second.message


def test_a_run_without_a_score_makes_the_trial_invalid_and_no_number(tmp_path: Path) -> None:
    campaign = ran(tmp_path, {"values": {"broken": 1}})
    decided = only(campaign).decided
    assert decided is not None
    assert (decided.outcome, decided.dev, decided.shrunken) == ("invalid", None, None)
    assert "crashed" in decided.message
    candidate = only(campaign).proposed.candidate
    assert all(run.candidate != candidate for run in campaign.history.scores)


def test_of_stacked_changes_only_those_that_are_needed_are_kept(tmp_path: Path) -> None:
    campaign = ran(tmp_path, {"values": {"good": 2, "idle": 3, "learning_rate": 0.002}})
    trial = only(campaign)
    assert {each.change: each.needed for each in trial.ablated} == {
        "good": True,
        "idle": False,
        "learning_rate": False,
    }
    winner = values(campaign.candidate(campaign.history.incumbent.candidate).knobs)
    assert (winner["good"], winner["idle"], winner["learning_rate"]) == (2, 0, 0.001)
    assert trial.decided is not None and trial.decided.candidate == trial.reduced
    assert any(isinstance(event, Reduced) for event in campaign.history.events)


def test_a_single_change_costs_no_ablation(tmp_path: Path) -> None:
    campaign = ran(tmp_path, {"values": {"good": 1}})
    assert not any(isinstance(event, Ablated) for event in campaign.history.events)


def test_dead_code_that_goes_away_at_an_equal_score_is_kept(tmp_path: Path) -> None:
    dead = "def unused():\n    return [\n        0,\n        1,\n    ]\n\n\ndef encode("
    campaign = ran(
        tmp_path,
        {"values": {"good": 1}, "replace": [["def encode(", dead]]},
        {"replace": [[dead, "def encode("]], "title": "less"},
    )
    first, second = campaign.history.trials
    assert first.outcome == "kept"
    winner = campaign.candidate(campaign.history.incumbent.candidate)
    assert "unused" not in winner.code  # by the first trial's ablation, or by the second trial
    assert second.outcome in ("kept", "refused")


@pytest.mark.parametrize(
    ("steps", "why"),
    [
        ([{"values": {"good": 1}}, {"values": {"good": 1}}], "no_change"),
        ([{"values": {"idle": 1}}, {"values": {"idle": 1}}], "duplicate"),
        ([{"values": {"learning_rate": 0.5}}], "contract"),
        ([{"code": "def train(:"}], "unreadable"),
    ],
)
def test_what_is_no_new_candidate_is_refused_unrun(
    tmp_path: Path, steps: list[dict[str, object]], why: str
) -> None:
    campaign = ran(tmp_path, *steps)
    last = campaign.history.trials[-1]
    assert last.refused is not None
    assert last.refused.why in (why, "contract")
    assert not last.materialised


def test_a_reported_loophole_is_recorded_and_not_run(tmp_path: Path) -> None:
    campaign = ran(tmp_path, {"values": {"good": 1}, "loophole": "the scorer rounds up"})
    assert only(campaign).outcome == "loophole"
    assert runs_of(campaign.history, only(campaign)) == 0


def test_each_incumbent_is_challenged_on_seeds_of_its_own(tmp_path: Path) -> None:
    campaign = ran(tmp_path, {"values": {"good": 1}}, {"values": {"good": 2}})
    first, second = campaign.history.trials
    assert first.decided is not None and second.decided is not None
    assert first.decided.dev is not None and second.decided.dev is not None
    assert max(first.decided.dev.seeds) < 1000 <= min(second.decided.dev.seeds)
    assert not {*first.decided.dev.seeds} & {*second.decided.dev.seeds}


def runs_of(history: History, trial: Trial) -> int:
    return sum(run.candidate == trial.proposed.candidate for run in history.scores)
