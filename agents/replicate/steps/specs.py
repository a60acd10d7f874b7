"""The replication's spec: begun from an existing one where there is one, mended by the agent."""

from agents.replicate.converse import converse
from agents.replicate.desk import Desk
from agents.replicate.prompt import render
from agents.replicate.steps.freeze import frozen_digest
from agents.replicate.task import Task
from harness.check import check
from harness.record import HarnessError
from harness.replication import replication_roots
from harness.scaffold import Wanted, begin
from harness.specs import CircuitTracingSpec, ExperimentSpec, ImportedSpec


def take_specs(desk: Desk) -> str:
    """Raises `Stop` where the agent's spec is never one that `check` takes."""
    _begin(desk)
    converse(desk, _task(desk))
    experiments = desk.replication().spec.experiments
    return f"{len(experiments)} experiments: {', '.join(each.id for each in experiments)}"


def _begin(desk: Desk) -> None:
    """The spec of another replication of the paper on this model, before the agent's first turn."""
    campaign = desk.campaign
    begun = (desk.top / desk.spec_file).exists() or desk.journal.turns("specs")
    if not begun and replication_roots(desk.top, campaign.paper):
        wanted = Wanted(model=campaign.model, name=campaign.replication)
        begin(desk.top, campaign.paper, wanted)
        desk.fence.accept()


def _task(desk: Desk) -> Task:
    campaign = desk.campaign
    exists = (desk.top / desk.spec_file).exists()
    opening = render(
        "specs",
        begun="It was begun from another replication of this paper; make each word of it true."
        if exists
        else "It is not there yet.",
        paper_file=campaign.paper_file,
        spec_file=desk.spec_file,
        folder=campaign.replication_name,
        model=campaign.model,
        digest=frozen_digest(desk),
        author=author(desk),
    )
    return Task("specs", opening, lambda: spec_problems(desk))


def author(desk: Desk) -> str:
    """How a replication names the agent that wrote it."""
    return f"{desk.campaign.agent_model} ({desk.campaign.driver})"


def spec_problems(desk: Desk) -> list[str]:
    """What `check` says, and who must be named."""
    try:
        replication = desk.replication()
        check(replication)
    except HarnessError as error:
        return desk.told(error)
    where, spec = desk.spec_file, replication.spec
    problems: list[str] = []
    if spec.paper_digest != replication.paper.digest:
        problems.append(f"{where}: paper_digest: must be {replication.paper.digest}")
    if author(desk) not in (spec.authors or ()):
        problems.append(f"{where}: authors: must hold {author(desk)!r}")
    used = sorted({each.model for each in spec.experiments} - {desk.campaign.model})
    if used:
        problems.append(
            f"{where}: model: {', '.join(used)}; this replication is on {desk.campaign.model}"
        )
    for each in spec.experiments:
        problems += [f"{where}: experiment {each.id}: {told}" for told in _foreign(each)]
    return problems


def _foreign(experiment: ExperimentSpec) -> list[str]:
    """Numbers and weights that the agent can have made itself are a person's to bring."""
    if isinstance(experiment, ImportedSpec):
        return ["family: imported: in a campaign the harness measures; valid: any other"]
    if isinstance(experiment, CircuitTracingSpec) and experiment.transcoders.startswith("path:"):
        return ["transcoders: path: not in a campaign; valid: a name, or hf:ORG/NAME"]
    return []
