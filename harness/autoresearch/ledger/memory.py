"""Earlier trials as proposers may see them: what was measured on dev, and nothing of the gate's.

A proposer that saw the gate's scores could climb its seeds as it climbs dev's, and they confirm
nothing then. Of a trial that came to the gate only that is told which its outcome tells anyway,
and the message of a decision, which others word, is passed on only where no gate was run.
"""

from statistics import fmean

from harness.autoresearch.ledger.event import Decided, Invalid
from harness.autoresearch.ledger.history import History, Trial
from harness.autoresearch.proposers.proposer import Remembered
from harness.autoresearch.store import Store
from harness.plain_text import plain
from harness.record import HarnessError
from harness.untrusted import shown, tail

LOG_LIMIT = 2_000
"""Characters of what an invalid run printed."""
_NOT_CONFIRMED = "did not hold on fresh seeds"


def memory(history: History, store: Store) -> tuple[Remembered, ...]:
    """All trials that have ended, the oldest first."""
    return tuple(
        _remembered(history, trial, store) for trial in history.trials if trial.outcome is not None
    )


def _remembered(history: History, trial: Trial, store: Store) -> Remembered:
    proposed, outcome = trial.proposed, trial.outcome
    assert outcome is not None, trial.number
    measured = outcome in ("kept", "rejected")
    gains = _gains(history, trial) if measured else []
    scores = history.dev_scores(proposed.candidate) if measured else []
    invalid = _invalid(history, trial) if outcome == "invalid" else None
    return Remembered(
        trial=trial.number,
        title=proposed.title,
        reason=proposed.reason,
        outcome=outcome,
        why=_why(trial, gains, invalid),
        diff=proposed.diff,
        values=_values(store, proposed.candidate),
        score=fmean(scores) if scores else None,
        gain=fmean(gains) if gains else None,
        idea=proposed.idea,
        log="" if invalid is None else tail(invalid.log, LOG_LIMIT),
    )


def _gains(history: History, trial: Trial) -> list[float]:
    """Candidate minus the incumbent of its time, in the metric's unit, a dev seed each."""
    metric = history.begun.task.metric
    theirs = {
        run: scores[metric]
        for run, scores in history.scores.items()
        if run.candidate == trial.reign.candidate and run.tier == "dev" and run.on is None
    }
    ours = {run: run.model_copy(update={"candidate": trial.proposed.candidate}) for run in theirs}
    return [
        history.scores[ours[run]][metric] - score
        for run, score in theirs.items()
        if ours[run] in history.scores
    ]


def _invalid(history: History, trial: Trial) -> Invalid | None:
    """The run on dev that has no score; `None` where it was one of the gate's."""
    candidate = trial.proposed.candidate
    found = [
        invalid
        for run, invalid in history.invalid.items()
        if run.candidate == candidate and run.tier == "dev" and run.on is None
    ]
    return found[-1] if found else None


def _why(trial: Trial, gains: list[float], invalid: Invalid | None) -> str:
    if trial.proposed.loophole is not None:
        return f"not run: it reports a way to cheat: {_harmless(trial.proposed.loophole)}"
    if trial.refused is not None:
        return f"not run: {trial.refused.why}: {_harmless(trial.refused.message)}"
    assert trial.decided is not None, trial.number
    return _of_decision(trial, trial.decided, gains, invalid)


def _of_decision(
    trial: Trial, decided: Decided, gains: list[float], invalid: Invalid | None
) -> str:
    match decided.why:
        case "better":
            return f"better on dev{_told(gains)}, and it held on fresh seeds{_left_out(trial)}"
        case "simpler":
            return f"simpler and no worse{_told(gains)}, also on fresh seeds{_left_out(trial)}"
        case "gate":
            return _NOT_CONFIRMED
        case "invalid":
            return _NOT_CONFIRMED if invalid is None else _told_of(invalid)
        case "not_better":
            return f"not better{_told(gains)}"
        case "guardrail" | "replay":
            message = f"{decided.why}: {_harmless(decided.message)}"
            return _NOT_CONFIRMED if decided.gate else message


def _told(gains: list[float]) -> str:
    if not gains:
        return ""
    seeds = "one seed" if len(gains) == 1 else f"average over {len(gains)} seeds"
    return f": {fmean(gains):+.4f} on {seeds}"


def _told_of(invalid: Invalid) -> str:
    return f"{invalid.cause}: {_harmless(invalid.message)}"


def _harmless(text: str) -> str:
    return plain(shown(text))


def _left_out(trial: Trial) -> str:
    if trial.reduced is None:
        return ""
    changes = [_harmless(each.change) for each in trial.ablated if not each.needed]
    return f"; kept without what the score does not need: {', '.join(changes)}"


def _values(store: Store, candidate: str) -> dict[str, bool | int | float | str]:
    from harness.autoresearch.knobs import values

    try:
        return values(store.candidate(candidate).knobs)
    except HarnessError:
        return {}
