"""The ledger alone: what is summed, what a crash leaves, what is refused on reading."""

from decimal import Decimal
from pathlib import Path

import pytest

from agents.metering import Budget, Spent, read_spent
from agents.metering.account import Account
from agents.metering.ledger import Ledger, Refused, Reserved, Settled, Stored, read_ledger
from agents.metering.spent import LEDGER, StepSpent, Tally
from harness.record import HarnessError
from tests.agents.metering.metered import PLENTY


def reserved(call: str, step: str = "claims", usd: str | None = "0.5") -> Reserved:
    worth = None if usd is None else Decimal(usd)
    return Reserved(call=call, step=step, model="m", input_tokens=200, output_tokens=50, usd=worth)


def settled(call: str, step: str = "claims", usd: str | None = "0.1") -> Settled:
    return Settled(
        call=call,
        step=step,
        model="m",
        status=200,
        calls=1,
        input_tokens=100,
        cached_tokens=70,
        output_tokens=5,
        usd=None if usd is None else Decimal(usd),
        assumed=False,
        seconds=0.2,
    )


def test_a_settlement_takes_the_place_of_its_reservation() -> None:
    tally = Tally([reserved("a"), reserved("b", "specs"), settled("a")])
    one = StepSpent(
        calls=1,
        input_tokens=100,
        cached_tokens=70,
        output_tokens=5,
        usd_known=Decimal("0.1"),
        usd=Decimal("0.1"),
    )
    other = StepSpent(
        calls=1,
        assumed=1,
        input_tokens=200,
        output_tokens=50,
        usd_known=Decimal("0.5"),
        usd=Decimal("0.5"),
    )
    spent = tally.spent()
    assert spent.by_step == {"claims": one, "specs": other}
    assert (spent.calls, spent.assumed, spent.input_tokens) == (2, 1, 300)
    assert spent.usd == spent.usd_known == Decimal("0.6")
    assert tally.amount == (2, 355, Decimal("0.6"))


def test_one_call_without_a_price_makes_the_total_unknown_and_not_zero() -> None:
    spent = Tally([reserved("a"), settled("a"), reserved("b", usd=None)]).spent()
    assert (spent.usd, spent.usd_known, spent.unverified) == (None, Decimal("0.1"), 1)
    nothing = Tally([Stored(step="claims", model="m"), Refused(step="s", model="m", why="w")])
    assert (nothing.spent().usd, nothing.spent().stored, nothing.spent().refused) == (0, 1, 1)


def test_sums_survive_a_round_trip_as_json() -> None:
    spent = Tally([reserved("a"), settled("a", usd=None)]).spent()
    assert Spent.model_validate_json(spent.model_dump_json()) == spent


def test_a_torn_last_line_is_dropped_and_what_follows_is_whole(tmp_path: Path) -> None:
    path = tmp_path / LEDGER
    ledger = Ledger(path)
    ledger.append(reserved("a"))
    ledger.append(settled("a"))
    whole = path.read_bytes()
    for length in range(whole.index(b"\n") + 1, len(whole)):
        path.write_bytes(whole[:length])
        assert [*read_ledger(path)] == [reserved("a")]
        assert path.read_bytes() == whole[:length], "reading changes nothing"
    Ledger(path).append(reserved("b"))
    assert [*read_ledger(path)] == [reserved("a"), reserved("b")]


def test_a_line_in_the_middle_that_is_no_event_is_an_error_with_its_place(tmp_path: Path) -> None:
    path = tmp_path / LEDGER
    Ledger(path).append(reserved("a"))
    path.write_bytes(b'{"utc": "x"}\n' + path.read_bytes())
    with pytest.raises(HarnessError, match=rf"{LEDGER}:1: no line of a ledger"):
        read_spent(tmp_path)


def test_a_folder_without_a_ledger_has_spent_nothing(tmp_path: Path) -> None:
    assert read_spent(tmp_path / "none") == Tally().spent()
    assert not (tmp_path / "none").exists()


def test_an_account_counts_what_earlier_runs_left_open(tmp_path: Path) -> None:
    Ledger(tmp_path / LEDGER).append(reserved("a"))
    spent = Account(tmp_path, PLENTY, None).spent()
    assert (spent.calls, spent.assumed, spent.usd) == (1, 1, Decimal("0.5"))


def test_a_budget_without_a_limit_is_none() -> None:
    with pytest.raises(ValueError, match="at least one of usd, tokens, calls"):
        Budget()
