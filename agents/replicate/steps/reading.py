"""The agent reads the report and mends its own words. What was measured is fixed by then."""

from agents.replicate.converse import converse
from agents.replicate.desk import Desk
from agents.replicate.prompt import listed, render
from agents.replicate.reported import Reported
from agents.replicate.steps.measure import judge_and_report, outcomes_in_words
from agents.replicate.steps.specs import spec_problems
from agents.replicate.stop import Stop
from agents.replicate.task import Task
from harness.review import Review, review_folder


def take_reading(desk: Desk) -> str:
    """Raises `Stop` where the words are never such that a review passes them."""
    findings = _blockers(_review(desk))
    opening = render(
        "reading",
        folder=desk.campaign.replication_name,
        spec_file=desk.spec_file,
        outcomes=f"Verdicts: {outcomes_in_words(desk)}.",
        findings=f"A review found:\n\n{listed(findings)}" if findings else "A review passes it.",
    )
    converse(desk, Task("reading", opening, lambda: _problems(desk)))
    return "the agent has read the report"


def take_review(desk: Desk) -> str:
    """Raises `Stop` for whatever keeps a submission out."""
    review = _review(desk)
    blockers = _blockers(review)
    if blockers:
        raise Stop("review", f"{review.sentence}: {'; '.join(blockers[:3])}")
    return review.sentence


def _problems(desk: Desk) -> list[str]:
    """What is left in the words; the report is written anew where they changed."""
    problems = spec_problems(desk)
    if problems:
        return problems
    if desk.replication().spec.digest != Reported.load(desk.reported_file).spec_digest:
        judge_and_report(desk)
    return _blockers(_review(desk))


def _review(desk: Desk) -> Review:
    return review_folder(desk.root, progress=desk.progress)


def _blockers(review: Review) -> list[str]:
    blockers = [each for each in review.findings if each.severity == "blocker"]
    return [f"{each.place}: {each.message}" for each in blockers]
