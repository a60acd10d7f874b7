"""The ledger as an SQLite file, for questions that people ask in SQL.

It is rebuilt whole from the ledger, which alone counts, and holds scores of every tier: it is no
reading for a proposer.
"""

import json
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path

from harness.autoresearch.ledger.event import Checked, Invalid, Line, Ran, Run, Scored, Test
from harness.autoresearch.ledger.history import History, Trial
from harness.record import write_bytes

_TABLES = """
CREATE TABLE trials (
  trial INTEGER PRIMARY KEY, utc TEXT NOT NULL, how TEXT NOT NULL, proposed_by TEXT NOT NULL,
  parent TEXT NOT NULL, candidate TEXT NOT NULL, title TEXT NOT NULL, reason TEXT NOT NULL,
  idea TEXT, outcome TEXT, why TEXT, message TEXT, level REAL,
  dev_pairs INTEGER, dev_mean REAL, dev_low REAL, dev_high REAL, dev_p REAL,
  gate_pairs INTEGER, gate_mean REAL, gate_low REAL, gate_high REAL, gate_p REAL,
  shrunken REAL, seconds REAL NOT NULL, usd REAL, tokens INTEGER
);
CREATE TABLE runs (
  trial INTEGER NOT NULL, candidate TEXT NOT NULL, tier TEXT NOT NULL, seed INTEGER NOT NULL,
  other_task TEXT, status TEXT NOT NULL, cause TEXT, message TEXT, weights TEXT,
  seconds REAL NOT NULL
);
CREATE TABLE scores (
  candidate TEXT NOT NULL, tier TEXT NOT NULL, seed INTEGER NOT NULL, other_task TEXT,
  metric TEXT NOT NULL, value REAL NOT NULL
);
CREATE TABLE checks (
  what TEXT NOT NULL, task TEXT NOT NULL, candidate TEXT NOT NULL, baseline TEXT NOT NULL,
  pairs INTEGER NOT NULL, mean REAL NOT NULL, low REAL NOT NULL, high REAL NOT NULL,
  p REAL NOT NULL, level REAL NOT NULL, metrics TEXT NOT NULL, baseline_metrics TEXT NOT NULL
);
"""
"""`seconds` of a trial are all that its events took; `other_task` is set where a run was measured
on another task; `metrics` are JSON."""

Row = tuple[str | int | float | None, ...]


def write_index(history: History, lines: Sequence[Line], path: Path) -> None:
    """Write tables `trials`, `runs`, `scores` and `checks`; a reader sees the old file or the new.

    `history` is that of `lines`. Raises `HarnessError` where the disk is full.
    """
    tables = {
        "trials": [_trial(trial, lines) for trial in history.trials],
        "runs": list(_runs(history, lines)),
        "scores": list(_scores(history)),
        "checks": [_check(checked) for checked in history.checked],
    }
    with closing(sqlite3.connect(":memory:")) as database:
        database.executescript(_TABLES)
        for name, rows in tables.items():
            for row in rows:
                database.execute(f"INSERT INTO {name} VALUES ({', '.join('?' * len(row))})", row)
        database.commit()
        write_bytes(path, database.serialize())


def _trial(trial: Trial, lines: Sequence[Line]) -> Row:
    own = [line for line in lines if getattr(line.event, "trial", None) == trial.number]
    proposed, refused, decided = trial.proposed, trial.refused, trial.decided
    ended = refused or decided
    return (
        *(trial.number, own[0].utc, proposed.how, proposed.by, proposed.parent),
        *(proposed.candidate, proposed.title, proposed.reason, proposed.idea, trial.outcome),
        ended.why if ended else None,
        ended.message if ended else proposed.loophole,
        decided.level if decided else None,
        *_test(decided.dev if decided else None),
        *_test(decided.gate if decided else None),
        decided.shrunken if decided else None,
        sum(line.seconds for line in own),
        *(proposed.usd, proposed.tokens),
    )


def _test(test: Test | None) -> Row:
    if test is None:
        return (None,) * 5
    return (len(test.differences), test.mean, test.low, test.high, test.p)


def _runs(history: History, lines: Sequence[Line]) -> Iterator[Row]:
    spent: dict[Run, float] = {}
    trials: dict[Run, int] = {}
    for line in lines:
        if isinstance(line.event, Ran | Scored | Invalid):
            run = line.event.run
            spent[run] = spent.get(run, 0.0) + line.seconds
            trials.setdefault(run, line.event.trial)
    for run, seconds in spent.items():
        yield (trials[run], *_named(run), *_state(history, run), history.weights.get(run), seconds)


def _state(history: History, run: Run) -> Row:
    """Status, cause and message."""
    if run in history.scores:
        return ("scored", None, None)
    if run in history.invalid:
        return ("invalid", history.invalid[run].cause, history.invalid[run].message)
    return ("trained", None, None)


def _scores(history: History) -> Iterator[Row]:
    for run, metrics in history.scores.items():
        for metric, value in metrics.items():
            yield (*_named(run), metric, value)


def _named(run: Run) -> Row:
    return (run.candidate, run.tier, run.seed, run.on)


def _check(checked: Checked) -> Row:
    test = checked.test
    return (
        *(checked.what, checked.task, checked.candidate, checked.baseline, len(test.differences)),
        *(test.mean, test.low, test.high, test.p, test.level),
        *(json.dumps(checked.metrics), json.dumps(checked.baseline_metrics)),
    )
