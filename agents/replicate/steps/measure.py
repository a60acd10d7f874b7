"""The harness's own part: experiments, verdicts, report. The agent has no hand in it."""

from collections.abc import Sequence

from agents.replicate.converse import converse
from agents.replicate.desk import Desk
from agents.replicate.prompt import render
from agents.replicate.reported import Reported
from agents.replicate.steps.specs import spec_problems
from agents.replicate.task import Task
from harness.record import HarnessError
from harness.replication import Replication
from harness.report import write_report
from harness.run import run, write_verdicts
from harness.untrusted import quoted

_TRACEBACK = 1_500
"""Characters of a crash that the agent is shown."""


def take_run(desk: Desk) -> str:
    """Measure; what fails is the agent's to mend, before any verdict is known.

    Raises `Stop` where experiments still fail when the rounds are spent, `HarnessError` for what a
    turn of the agent has not changed.
    """
    before: list[str] = []
    while True:
        replication = desk.replication()
        failures = _failures(desk, replication)
        if not failures:
            return f"{len(replication.measurements()):,} measurements"
        if failures == before:
            raise HarnessError("\n".join(failures))
        before = failures
        converse(desk, _task(desk, failures), anew=True)


def take_judge(desk: Desk) -> str:
    """Judge every claim and write the report."""
    judge_and_report(desk)
    return outcomes_in_words(desk)


def judge_and_report(desk: Desk) -> None:
    """Write verdicts, figures, report and the rest, and what they were made from."""
    replication = desk.replication()
    write_verdicts(replication)
    write_report(replication)
    desk.fence.accept()
    Reported.of(replication).dump(desk.reported_file)


def outcomes_in_words(desk: Desk) -> str:
    """How many claims of each verdict."""
    from harness.api import outcomes

    counted = outcomes(desk.replication().verdicts())
    return ", ".join(f"{count} {kind.replace('_', ' ')}" for kind, count in counted.items())


def _failures(desk: Desk, replication: Replication) -> list[str]:
    """Run what has not been run, and seal the rows; what crashed or was refused, in words."""
    _clear_failures(replication)
    refused: list[str] = []
    try:
        run(replication, progress=desk.progress)
    except HarnessError as error:
        refused = desk.told(error)
    desk.fence.accept()
    desk.seal_rows()
    crashed = [
        f"crash of {each.experiment}: {each.error}\n{each.traceback}"
        for each in replication.failures()
    ]
    return [*refused, *crashed]


def _clear_failures(replication: Replication) -> None:
    """Failures of specs that are no more: nobody can try them again."""
    known = {replication.failure_file(spec) for spec in replication.spec.experiments}
    for path in (replication.root / "measurements").glob("*.failed.json"):
        if path not in known:
            path.unlink()


def _task(desk: Desk, failures: Sequence[str]) -> Task:
    told = "\n".join(quoted(each, "an experiment that failed", _TRACEBACK) for each in failures)
    opening = render(
        "run",
        spec_file=desk.spec_file,
        folder=desk.campaign.replication_name,
        failures=told,
    )
    return Task("run", opening, lambda: spec_problems(desk))
