from pathlib import Path

import pytest

from harness.autoresearch.ledger.event import PlanMade, Run, Stopped
from harness.autoresearch.ledger.history import History
from harness.autoresearch.store import Store
from tests.autoresearch.ledger.events import Telling, recipe, told_campaign


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path)


@pytest.fixture
def told(store: Store) -> Telling:
    return told_campaign(store)


def test_each_trial_has_its_outcome_in_the_order_of_proposals(told: Telling) -> None:
    trials = History(told.events).trials
    assert [trial.number for trial in trials] == list(range(1, 9))
    assert [trial.outcome for trial in trials] == [
        *("kept", "rejected", "rejected", "invalid", "invalid", "refused", "loophole", "kept")
    ]


def test_what_is_kept_reigns_from_then_on(told: Telling) -> None:
    history = History(told.events)
    kept, reduced = recipe(0.002).digest, recipe(0.0095).digest
    assert [(reign.candidate, reign.trial) for reign in history.reigns] == [
        (told.baseline, 0),
        (kept, 1),
        (reduced, 8),
    ]
    assert [trial.reign.number for trial in history.trials] == [0, *[1] * 7]
    assert history.trials[-1].reduced == history.incumbent.candidate == reduced
    assert history.since_keep == 0


def test_reigns_have_no_seed_in_common(told: Telling) -> None:
    reigns = History(told.events).reigns
    seeds = [reign.dev_seed(place) for reign in reigns for place in range(1000)]
    assert len(set(seeds)) == 3000
    with pytest.raises(AssertionError):
        reigns[0].dev_seed(1000)


def test_it_follows_from_the_events_one_by_one_as_from_all(told: Telling) -> None:
    whole, grown = History(told.events), History([])
    for event in told.events:
        grown.add(event)
    for name in ("events", "trials", "reigns", "weights", "scores", "invalid"):
        assert getattr(grown, name) == getattr(whole, name)


def test_a_trial_is_open_until_its_end(told: Telling) -> None:
    history = History(told.events[:1])
    assert history.open_trial is None
    for event in told.events[1:]:
        history.add(event)
        if event.kind in ("proposed", "materialised") and event.trial == 1:
            assert history.open_trial is history.trials[0]
            assert history.trials[0].materialised == (event.kind == "materialised")
    assert history.open_trial is None


def test_dev_scores_are_neither_the_gates_nor_another_tasks(told: Telling) -> None:
    history = History(told.events)
    kept = recipe(0.002).digest
    assert history.dev_scores(kept) == [0.6, 0.7, 0.8, 0.7, 0.7]
    elsewhere = Run(candidate=kept, tier="dev", seed=0, on="another")
    history.scores[elsewhere] = {"latent_f1": 0.0}
    assert history.dev_scores(kept) == [0.6, 0.7, 0.8, 0.7, 0.7]


def test_a_run_without_a_score_has_no_metric_and_not_zero(told: Telling) -> None:
    history = History(told.events)
    dense = recipe(0.005).digest
    assert history.metric(Run(candidate=dense, tier="dev", seed=1000)) == 0.99
    lost = Run(candidate=dense, tier="dev", seed=1001)
    assert history.metric(lost) is None
    assert history.invalid[lost].cause == "l0"


def test_a_stop_ends_with_the_next_proposal(told: Telling) -> None:
    history = History(told.events)
    history.add(Stopped(why="hours", message=""))
    assert history.stopped is not None
    told.proposed("one more", 0.007)
    history.add(told.events[-1])
    assert history.stopped is None


def test_the_plan_and_the_seal_are_known_once_they_are_made(told: Telling) -> None:
    history = History(told.events)
    assert (history.plan, history.sealed) == (None, None)
    history.add(PlanMade(after_trial=8, ideas=("look at k",)))
    told.sealed(history.incumbent.candidate)
    history.add(told.events[-1])
    assert history.plan is not None and history.plan.ideas == ("look at k",)
    assert history.sealed is history.checked[0]


def test_an_event_of_a_trial_that_nobody_proposed_is_no_history(told: Telling) -> None:
    told.trial = 0
    told.materialised(told.baseline)
    with pytest.raises(AssertionError):
        History(told.events)
