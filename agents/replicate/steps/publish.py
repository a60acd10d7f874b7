"""The pull request: of a new paper's spec first, and of the replication on top of it."""

from agents.fence.restore import remove
from agents.replicate.desk import Desk
from agents.replicate.stop import Stop
from harness.publish import Published, RemoteError, Request, publish, publish_paper
from harness.record import write_text


def take_publish(desk: Desk) -> str:
    """Raises `Stop` for what fails at the remote, `HarnessError` for what is refused."""
    asked = desk.campaign.publish
    _clear_scratch(desk)
    if not asked.wanted:
        return "not asked for"
    request = Request(remote=asked.remote, base=asked.base, fork=asked.fork, patch=asked.patch)
    try:
        done = _propose(desk, request)
    except RemoteError as error:
        raise Stop("remote", str(error)) from error
    told = [place for each in done for place in _places(desk, each)]
    write_text(desk.folder / "published.txt", "".join(f"{place}\n" for place in told))
    later = (
        ""
        if len(done) == _wanted(desk)
        else (
            "; the replication's own follows once that of the paper's spec is merged: "
            f"`harness publish {desk.campaign.replication_name}` in {desk.top}"
        )
    )
    return ("; ".join(told) or done[-1].outcome) + later


def _clear_scratch(desk: Desk) -> None:
    """What the agent left in `runs/`, where files to send are written: a link there leads away."""
    remove(desk.top / "runs")


def _places(desk: Desk, done: Published) -> list[str]:
    """Where the proposal lies: at its address, or in files to send."""
    return [done.url] if done.url else [str(desk.top / name) for name in done.files]


def _wanted(desk: Desk) -> int:
    return 2 if desk.campaign.is_new_paper else 1


def _propose(desk: Desk, request: Request) -> list[Published]:
    """The replication of a new paper stands on the paper's branch, which a patch or a fork does not
    put where the pull request goes."""
    if not desk.campaign.is_new_paper:
        return [publish(desk.replication(), request, progress=desk.progress)]
    paper = publish_paper(desk.top, desk.campaign.paper, request, progress=desk.progress)
    if request.patch or request.fork is not None:
        return [paper]
    on_top = Request(remote=request.remote, base=paper.branch)
    return [paper, publish(desk.replication(), on_top, progress=desk.progress)]
