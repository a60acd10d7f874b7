"""Candidates in the order of their scores, for people and policies."""

from collections.abc import Iterator
from statistics import fmean
from typing import NamedTuple

from harness.autoresearch.ledger.history import History, Trial


class Standing(NamedTuple):
    """One candidate that has a score on dev."""

    candidate: str
    """Digest."""
    trial: int
    """That it came from; 0 for the baseline."""
    title: str
    """The trial's; of a variant of its candidate also what was left out."""
    mean: float
    """The task's metric over its dev seeds."""
    seeds: int
    """How many; candidates of different reigns had different ones."""
    kept: bool
    """Whether it is or was the incumbent; the baseline is."""


def leaderboard(history: History) -> tuple[Standing, ...]:
    """The highest mean first; of equal ones the earlier trial.

    Means over few seeds, and over other seeds, are no ground to prefer one: the keep rule's paired
    tests are.
    """
    kept = {reign.candidate for reign in history.reigns}
    found: dict[str, Standing] = {}
    for candidate, trial, title in _candidates(history):
        scores = history.dev_scores(candidate)
        if scores and candidate not in found:
            found[candidate] = Standing(
                candidate, trial, title, fmean(scores), len(scores), candidate in kept
            )
    return tuple(sorted(found.values(), key=lambda each: (-each.mean, each.trial)))


def _candidates(history: History) -> Iterator[tuple[str, int, str]]:
    yield history.begun.baseline, 0, "baseline"
    for trial in history.trials:
        yield from _of_trial(trial)


def _of_trial(trial: Trial) -> Iterator[tuple[str, int, str]]:
    title = trial.proposed.title
    yield trial.proposed.candidate, trial.number, title
    for each in trial.ablated:
        yield each.without, trial.number, f"{title}, without {each.change}"
    if trial.reduced is not None:
        yield trial.reduced, trial.number, f"{title}, reduced"
