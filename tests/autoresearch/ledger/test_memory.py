from pathlib import Path

import pytest

from harness.autoresearch.ledger.history import History
from harness.autoresearch.ledger.memory import LOG_LIMIT, memory
from harness.autoresearch.proposers.proposer import Remembered
from harness.autoresearch.store import Store
from tests.autoresearch.ledger.events import GATE, SPOKEN, Telling, recipe, told_campaign


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path)


@pytest.fixture
def remembered(store: Store) -> tuple[Remembered, ...]:
    return memory(History(told_campaign(store).events), store)


def test_all_that_ended_is_remembered_and_nothing_that_is_open(store: Store) -> None:
    told = told_campaign(store)
    told.proposed("under way", 0.007)
    found = memory(History(told.events), store)
    assert [each.trial for each in found] == list(range(1, 9))
    assert [each.title for each in found][:2] == ["warm up", "cool down"]


def test_nothing_of_the_gates_is_in_it(store: Store, remembered: tuple[Remembered, ...]) -> None:
    written = "".join(event.model_dump_json() for event in told_campaign(store).events)
    assert written.count(str(GATE)) > 20, "the control: the ledger is full of it"
    assert str(GATE) not in "".join(each.model_dump_json() for each in remembered)


def test_at_the_gate_a_failure_is_told_without_its_reason(
    remembered: tuple[Remembered, ...],
) -> None:
    for trial in (3, 5):
        assert remembered[trial - 1].why == "did not hold on fresh seeds"
        assert remembered[trial - 1].log == ""


def test_scores_and_gains_are_of_dev_and_paired(remembered: tuple[Remembered, ...]) -> None:
    assert [each.score for each in remembered] == [
        pytest.approx(0.7),
        *(0.6, 0.8, None, None, None, None),
        0.9,
    ]
    assert [each.gain for each in remembered] == [
        pytest.approx(0.2),
        *(pytest.approx(-0.1), pytest.approx(0.1), None, None, None, None),
        pytest.approx(0.2),
    ]


def test_each_end_is_told_in_words(remembered: tuple[Remembered, ...]) -> None:
    assert [each.why for each in remembered] == [
        "better on dev: +0.2000 on average over 3 seeds, and it held on fresh seeds",
        "not better: -0.1000 on one seed",
        "did not hold on fresh seeds",
        "l0: 9 latents, at most 4",
        "did not hold on fresh seeds",
        "not run: duplicate: behaves as the starting recipe",
        "not run: it reports a way to cheat: the seed is in the environment",
        "better on dev: +0.2000 on average over 2 seeds, and it held on fresh seeds; "
        "kept without what the score does not need: k",
    ]


def test_what_an_invalid_run_printed_is_shown_harmless_and_short(store: Store) -> None:
    told = Telling(store)
    candidate = told.proposed("loud", 0.002)
    told.invalid(candidate, 0, "\x1b[2Jno\u202e" + "x" * 2 * LOG_LIMIT)
    told.decided(candidate, "invalid", "")
    (found,) = memory(History(told.events), store)
    assert "characters left out" in found.log and len(found.log) < LOG_LIMIT + 50
    assert found.why.startswith("l0: no") and "\u202e" not in found.why + found.log


def test_other_trials_printing_is_not_shown(remembered: tuple[Remembered, ...]) -> None:
    assert [SPOKEN in each.log for each in remembered] == [*[False] * 3, True, *[False] * 4]


def test_values_are_the_recipes_and_empty_where_it_cannot_be_read(store: Store) -> None:
    told = Telling(store)
    told.proposed("fine", 0.002, loophole="none")
    broken = recipe(0.002).model_copy(update={"knobs": "]"})
    proposed = told.events[-1].model_copy(
        update={"trial": 2, "candidate": store.put_candidate(broken)}
    )
    fine, unreadable = memory(History([*told.events, proposed]), store)
    assert fine.values == {"learning_rate": 0.002}
    assert unreadable.values == {}


@pytest.mark.parametrize("why", ["guardrail", "replay"])
def test_a_decisions_message_is_passed_on_where_no_gate_was_run(store: Store, why: str) -> None:
    told = Telling(store)
    candidate = told.proposed("costly", 0.002)
    told.decided(candidate, why, "mcc is worse")
    assert memory(History(told.events), store)[0].why == f"{why}: mcc is worse"
