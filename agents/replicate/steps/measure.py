"""The harness's own part: experiments, verdicts, report. The agent has no hand in it."""

from agents.replicate.converse import converse
from agents.replicate.desk import Desk
from agents.replicate.prompt import render
from agents.replicate.steps.specs import allowed, spec_problems
from agents.replicate.task import Task
from agents.untrusted import quoted
from harness.measurement import Failure
from harness.record import Record
from harness.report import write_report
from harness.run import run, write_verdicts

_TRACEBACK = 1_500
"""Characters of a crash that the agent is shown."""


def take_run(desk: Desk) -> str:
    """Measure; what crashes is the agent's to mend, before any verdict is known.

    Raises `Stop` where experiments still crash when the rounds are spent.
    """
    while True:
        replication = desk.replication()
        run(replication, progress=desk.progress)
        desk.fence.accept()
        desk.seal_rows()
        failures = replication.failures()
        if not failures:
            break
        converse(desk, _task(desk, failures), anew=True)
    return f"{len(replication.measurements()):,} measurements"


def take_judge(desk: Desk) -> str:
    """Judge every claim and write the report."""
    judge_and_report(desk)
    return outcomes_in_words(desk)


class Reported(Record):
    """What the verdicts and the report were made from."""

    spec_digest: str
    experiments: tuple[str, ...]
    """Digests of the experiments; they are fixed once their verdicts are known."""

    @classmethod
    def load_for(cls, desk: Desk) -> "Reported":
        """As it was when the report was last written."""
        return cls.load(desk.folder / "reported.json")


def judge_and_report(desk: Desk) -> None:
    """Write verdicts, figures, report and the rest, and what they were made from."""
    replication = desk.replication()
    write_verdicts(replication)
    write_report(replication)
    desk.fence.accept()
    made_from = Reported(
        spec_digest=replication.spec.digest,
        experiments=tuple(each.digest for each in replication.spec.experiments),
    )
    made_from.dump(desk.folder / "reported.json")


def outcomes_in_words(desk: Desk) -> str:
    """How many claims of each verdict."""
    from harness.api import outcomes

    counted = outcomes(desk.replication().verdicts())
    return ", ".join(f"{count} {kind.replace('_', ' ')}" for kind, count in counted.items())


def _task(desk: Desk, failures: list[Failure]) -> Task:
    told = "\n".join(
        quoted(f"{each.error}\n{each.traceback}", f"crash of {each.experiment}", _TRACEBACK)
        for each in failures
    )
    opening = render(
        "run",
        spec_file=desk.spec_file,
        folder=desk.campaign.replication_name,
        failures=told,
    )
    return Task("run", opening, allowed(desk), lambda: spec_problems(desk))
