import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from harness.autoresearch.ledger.index import write_index
from harness.autoresearch.ledger.ledger import Ledger
from harness.autoresearch.store import Store
from tests.autoresearch.ledger.events import GATE, recipe, told_campaign

Rows = list[tuple[object, ...]]


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    told = told_campaign(Store(tmp_path / "store"))
    told.sealed(told.baseline)
    written = Ledger(tmp_path / "ledger.jsonl")
    for event in told.events:
        written.append(event, seconds=2.0)
    return written


@pytest.fixture
def path(ledger: Ledger, tmp_path: Path) -> Path:
    path = tmp_path / "index.sqlite"
    write_index(ledger.history, ledger.lines, path)
    return path


def asked(path: Path, query: str) -> Rows:
    with closing(sqlite3.connect(path)) as database:
        return database.execute(query).fetchall()


def test_trials_are_rows_with_their_tests(path: Path) -> None:
    assert asked(path, "SELECT trial, outcome, why FROM trials") == [
        (1, "kept", "better"),
        (2, "rejected", "not_better"),
        (3, "rejected", "gate"),
        (4, "invalid", "invalid"),
        (5, "invalid", "invalid"),
        (6, "refused", "duplicate"),
        (7, "loophole", None),
        (8, "kept", "better"),
    ]
    query = "SELECT dev_pairs, dev_mean, gate_pairs, gate_mean, shrunken FROM trials"
    (first, second, *_) = asked(path, query)
    assert first == (3, pytest.approx(0.2), 3, pytest.approx(GATE), GATE)
    assert second == (None,) * 5, "what was not tested is no number"


def test_a_trials_seconds_are_those_of_its_events(path: Path) -> None:
    # Proposed, materialised, two runs of the incumbent and one of its own in two events, decided.
    assert asked(path, "SELECT seconds FROM trials WHERE trial = 2") == [(10.0,)]


def test_runs_without_a_score_say_why(path: Path) -> None:
    query = "SELECT trial, tier, seed, cause, weights IS NULL FROM runs WHERE status = 'invalid'"
    assert asked(path, query) == [(4, "dev", 1001, "l0", 0), (5, "gate", 5000, "l0", 0)]
    assert asked(path, "SELECT count(*) FROM runs WHERE status = 'scored'") == asked(
        path, "SELECT count(DISTINCT candidate || tier || seed) FROM scores"
    )


def test_scores_are_rows_a_metric(path: Path) -> None:
    query = f"SELECT seed, value FROM scores WHERE candidate = '{recipe(0.002).digest}' "
    found = asked(path, query + "AND metric = 'mcc' AND tier = 'dev' AND seed < 1000")
    assert found == [(0, 0.3), (1, 0.35), (2, 0.4)]


def test_checks_are_rows(path: Path) -> None:
    assert asked(path, "SELECT what, pairs, metrics FROM checks") == [
        ("seal", 3, '{"latent_f1": [0.6, 0.7, 0.8]}')
    ]


def test_it_is_rebuilt_whole(ledger: Ledger, path: Path) -> None:
    tables = ("trials", "runs", "scores", "checks")
    before = [asked(path, f"SELECT * FROM {table}") for table in tables]
    path.write_bytes(b"damaged")
    for _ in range(2):
        write_index(ledger.history, ledger.lines, path)
    assert [asked(path, f"SELECT * FROM {table}") for table in tables] == before
    assert not list(path.parent.glob("*.partial"))
