import hashlib
import re
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from harness.autoresearch.ledger.event import Line, PlanMade, Ran, Run, Scored, Stopped
from harness.autoresearch.ledger.ledger import FIRST
from harness.autoresearch.ledger.verify import verify
from harness.autoresearch.store import Store
from tests.autoresearch.ledger.events import Telling, recipe, told_campaign


class Written(NamedTuple):
    told: Telling
    path: Path
    folder: Path

    def problems(self) -> list[str]:
        """Of the events, whatever they say, in a chain that holds: as a forger makes it."""
        texts: list[bytes] = []
        previous = FIRST
        for number, event in enumerate(self.told.events):
            line = Line(number=number, utc="", seconds=0.0, event=event, previous=previous)
            texts.append(line.model_dump_json().encode())
            previous = hashlib.sha256(texts[-1]).hexdigest()
        self.path.write_bytes(b"\n".join(texts) + b"\n")
        return verify(self.path, self.told.store)


@pytest.fixture
def written(tmp_path: Path) -> Written:
    told = told_campaign(Store(tmp_path / "store"))
    return Written(told, tmp_path / "ledger.jsonl", tmp_path / "store")


def test_a_campaign_as_it_is_has_no_problem(written: Written) -> None:
    assert written.problems() == []


def test_a_ledger_with_a_torn_last_line_has_no_problem(written: Written) -> None:
    written.problems()
    with written.path.open("ab") as file:
        file.write(b'{"number":')
    assert verify(written.path, written.told.store) == []


def test_a_missing_ledger_is_a_problem(written: Written) -> None:
    assert verify(written.path, written.told.store) == [
        f"{written.path}: no ledger, or an empty one"
    ]


def test_a_broken_chain_is_told_with_its_line(written: Written) -> None:
    written.problems()
    written.path.write_text(written.path.read_text().replace("warm up", "cheat", 1))
    (told,) = verify(written.path, written.told.store)
    assert re.search(r"ledger\.jsonl:8: line 9 holds another hash", told)


def test_each_artefact_that_is_missing_or_altered_is_told_of(written: Written) -> None:
    (weights,) = {event.weights for event in written.told.events[1:2] if isinstance(event, Ran)}
    (written.folder / weights).unlink()
    altered = written.folder / recipe(0.003).digest
    altered.chmod(0o644)
    altered.write_text("{}")
    problems = written.problems()
    assert f"{written.path}:2: {written.folder / weights}: this artefact is missing" in problems
    assert {each.split(": ", 1)[1] for each in problems} == {
        f"{written.folder / weights}: this artefact is missing",
        f"{altered}: altered: its SHA-256 is no longer its name",
    }


def score(told: Telling, seed: int, value: float) -> None:
    """Without the training before it."""
    run = Run(candidate=told.baseline, tier="dev", seed=seed)
    told.events.append(Scored(trial=0, run=run, metrics={"latent_f1": value}))


def another_number(told: Telling) -> None:
    told.scored(told.baseline, 0, 0.9)


def untrained(told: Telling) -> None:
    score(told, 77, 0.5)


def without_the_metric(told: Telling) -> None:
    told.trained(told.baseline, 78)
    run = Run(candidate=told.baseline, tier="dev", seed=78)
    told.events.append(Scored(trial=0, run=run, metrics={"mcc": 0.1}))


def a_gap(told: Telling) -> None:
    told.trial += 1
    told.proposed("late", 0.007)


def no_end(told: Telling) -> None:
    told.proposed("open", 0.007)
    told.proposed("next", 0.0071)


def ended_twice(told: Telling) -> None:
    told.decided(told.baseline, "not_better", "")


def another_trial(told: Telling) -> None:
    told.trial = 3
    told.materialised(told.baseline)


def a_run_of_a_trial_to_come(told: Telling) -> None:
    told.trial = 99
    told.scored(told.baseline, 79, 0.5)


def begun_again(told: Telling) -> None:
    told.events.append(told.events[0])


def proposed_after_the_seal(told: Telling) -> None:
    told.sealed(told.baseline)
    told.proposed("more", 0.007)


def stopped_after_the_seal(told: Telling) -> None:
    told.sealed(told.baseline)
    told.events.append(Stopped(why="trials", message=""))


def planned_after_the_seal(told: Telling) -> None:
    told.sealed(told.baseline)
    told.events.append(PlanMade(after_trial=8, ideas=()))


def sealed_twice(told: Telling) -> None:
    told.sealed(told.baseline)
    told.sealed(told.baseline)


def scored_after_the_seal(told: Telling) -> None:
    told.sealed(told.baseline)
    told.scored(told.baseline, 0, 0.5, "sealed")


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        (another_number, "dev seed 0 twice, with other numbers"),
        (untrained, "dev seed 77, which had not been trained"),
        (without_the_metric, "dev seed 78 without latent_f1, the task's metric"),
        (a_gap, "trial 10 is proposed where 9 follows"),
        (no_end, "trial 9 has no end, and the next is proposed"),
        (ended_twice, "decided of trial 8, which had ended"),
        (another_trial, "materialised of trial 3, but trial 8 is the last"),
        (a_run_of_a_trial_to_come, "scored in trial 99, but trial 8 is the last"),
        (begun_again, "a campaign begins once"),
        (proposed_after_the_seal, "proposed after the seal"),
        (stopped_after_the_seal, "stopped after the seal"),
        (planned_after_the_seal, "plan_made after the seal"),
        (sealed_twice, "sealed a second time"),
        (scored_after_the_seal, "sealed seed 0 after the seal"),
    ],
)
def test_what_a_campaign_never_writes_is_found(
    written: Written, wrong: Callable[[Telling], None], told: str
) -> None:
    wrong(written.told)
    last = len(written.told.events)
    problems = written.problems()
    assert any(each.startswith(f"{written.path}:{last}: ") and told in each for each in problems)


def test_a_scores_repetition_is_no_problem(written: Written) -> None:
    written.told.scored(written.told.baseline, 0, 0.5)
    assert written.problems() == []


def test_after_the_seal_checks_and_their_runs_may_come(written: Written) -> None:
    told = written.told
    for seed in range(3):
        told.scored(told.baseline, seed, 0.5, "sealed")
    told.sealed(told.baseline)
    told.scored(told.baseline, 9000, 0.5, "gate")
    confirmed = told.events[-3].model_copy(update={"what": "confirm"})
    told.events.append(confirmed)
    assert written.problems() == []


def test_a_refused_trespass_may_report_a_loophole_too(written: Written) -> None:
    written.told.proposed("both", 0.007, loophole="a way")
    written.told.refused("it wrote elsewhere")
    written.told.proposed("next", 0.0071)
    assert written.problems() == []
