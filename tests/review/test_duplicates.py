"""Copies of rows, seeds, controls and files; and rows that are equal for honest reasons."""

import random
from collections.abc import Sequence
from pathlib import Path

import pytest

from harness.measurement import Measurement
from harness.review.opened import Opened
from harness.review.rules.duplicates import duplicates
from tests.review.planted import PROJECT, faults, opened, row, submission


def scores(seed: int, n: int = 60) -> list[float]:
    """Unequal scores that a seed gives."""
    draw = random.Random(seed)
    return [round(draw.random(), 3) for _ in range(n)]


def measured(
    seed: int,
    *,
    of: int | None = None,
    count: int = 6,
    control: str | None = None,
    metric: str = "attention_to",
) -> list[Measurement]:
    """Rows of a seed at several layers, with the scores of the seed `of`."""
    source = seed if of is None else of
    return [
        row(scores(1000 * source + layer), metric=metric, seed=seed, control=control, layer=layer)
        for layer in range(count)
    ]


def found(project: Path, rows: Sequence[Measurement]) -> list[tuple[str, str, int | None]]:
    return faults(duplicates, project, rows)


def test_one_quantity_and_seed_twice_is_a_blocker(tmp_path: Path) -> None:
    rows = measured(0)
    other = rows[2].model_copy(update={"conditions": dict(reversed(rows[2].conditions.items()))})
    assert found(tmp_path, [*rows, other]) == [("duplicate-row", "blocker", 7)]
    assert found(tmp_path, rows) == []


@pytest.mark.parametrize(("count", "severity"), [(6, "blocker"), (4, "warning"), (2, None)])
def test_a_seed_that_is_a_copy_is_found(tmp_path: Path, count: int, severity: str | None) -> None:
    rows = [*measured(0, count=count), *measured(1, of=0, count=count)]
    expected = [("copied-seed", severity, count + 1)] if severity else []
    assert found(tmp_path, rows) == expected


def test_seeds_that_share_only_what_no_seed_touches_are_fine(tmp_path: Path) -> None:
    shared = [
        row(scores(9), metric="log_perplexity", seed=seed, coefficient=0.0) for seed in (0, 1)
    ]
    assert found(tmp_path, [*measured(0), *measured(1), *shared]) == []
    constant = [
        row([1.0] * 50, metric="sign_flips", seed=s, layer=k) for s in (0, 1) for k in range(9)
    ]
    assert found(tmp_path, constant) == []


def test_a_copied_seed_is_found_among_constant_rows(tmp_path: Path) -> None:
    constant = [row([1.0] * 50, metric="sign_flips", seed=s) for s in (0, 1)]
    rows = [*measured(0), *measured(1, of=0), *constant]
    assert found(tmp_path, rows) == [("copied-seed", "blocker", 7)]


def test_a_copied_seed_without_scores_is_found(tmp_path: Path) -> None:
    def bare(seed: int, of: int) -> list[Measurement]:
        draw = random.Random(of)
        return [row(draw.random(), metric="auroc", seed=seed, layer=k) for k in range(6)]

    assert found(tmp_path, [*bare(0, 0), *bare(1, 0)]) == [("copied-seed", "blocker", 7)]
    assert found(tmp_path, [*bare(0, 0), *bare(1, 1)]) == []


def test_a_control_that_is_the_real_thing_is_a_blocker(tmp_path: Path) -> None:
    copied = measured(0, control="random_heads")
    assert found(tmp_path, [*measured(0), *copied]) == [("copied-control", "blocker", 7)]
    own = measured(0, of=5, control="random_heads")
    assert found(tmp_path, [*measured(0), *own]) == []
    partly = [*own[:3], *copied[3:]]
    assert found(tmp_path, [*measured(0), *partly]) == []


def test_probes_of_two_training_sets_that_score_alike_are_a_warning(tmp_path: Path) -> None:
    def probe(train: str, seed: int) -> Measurement:
        units = [round(2 * score) / 2 for score in scores(seed, n=200)]
        return row(units, train=train, test="cities")

    alike = [probe("cities", 1), probe("larger_than", 1)]
    assert found(tmp_path, alike) == [("copied-setting", "warning", 2)]
    assert found(tmp_path, [probe("cities", 1), probe("larger_than", 2)]) == []


def test_two_files_with_the_same_rows_are_a_blocker(tmp_path: Path) -> None:
    honest = opened(tmp_path, measured(0))
    files = {"measurements/a.jsonl": b"x", "measurements/b.jsonl": b"x", "report.md": b"x"}
    given = list(duplicates(Opened(submission(files), honest.replication)))
    assert [(each.rule, each.path.rpartition("/")[2]) for each in given] == [
        ("duplicate-file", "b.jsonl")
    ]


@pytest.mark.parametrize("name", ["caa", "sentiment", "actadd", "induction-heads", "ioi"])
def test_committed_replications_hold_no_copies(tmp_path: Path, name: str) -> None:
    (root,) = (path for path in (PROJECT / "replications" / name).iterdir() if path.is_dir())
    for file in sorted((root / "measurements").glob("*.jsonl")):
        assert found(tmp_path, Measurement.parse_lines(file)) == []
