"""What happened to agents that misbehave, and to one that does not.

`python -m tests.agents.replicate.misbehaving` prints a table.
"""

import sys
import tempfile
import time
from pathlib import Path

from tests.agents.replicate.project import Project
from tests.agents.replicate.running import Ended, scripted, undone, verdicts, wait_for_end
from tests.agents.replicate.scripts import Script, good, misbehaving
from tests.agents.wire_server import Reply, wire_server

OPTIONS: dict[str, tuple[str, ...]] = {
    "loops forever": ("--turn-minutes", "0.05", "--rounds", "2"),
    "exceeds its budget": ("--max-turns", "3"),
    "quotes what is not there": ("--rounds", "3"),
}


def row(built: Project, what: str, script: Script, rung: str, scratch: Path) -> str:
    """One line of the table; a run that was killed is gone on with."""
    project = built.copy(scratch / f"{what}-{rung}".replace(" ", "-"))
    options = ("--isolation", rung, *OPTIONS.get(what, ()))
    begin = time.perf_counter()
    with wire_server([Reply("an answer")]) as server:
        model = {"ANTHROPIC_BASE_URL": server.url}
        ended = scripted(project, script, *options, environment=model)
        first = ended.code
        if ended.code < 0:
            ended = scripted(project, script, *options, environment=model)
    seconds = time.perf_counter() - begin
    codes = str(first) if first == ended.code else f"{first}, again {ended.code}"
    left = len(wait_for_end(project))
    cells = (what, rung, codes, _end(ended), _undone(project), _judged(project))
    return f"| {' | '.join(cells)} | {left} | {seconds:.1f} |"


def _end(ended: Ended) -> str:
    if ended.code == 2:
        return ended.err.splitlines()[0]
    told = ended.told
    return "finished" if told["finished"] else f"stopped ({told['why']}): {told['message']}"[:220]


def _undone(project: Project) -> str:
    return "; ".join(undone(project))[:260] or "nothing"


def _judged(project: Project) -> str:
    try:
        return ", ".join(f"{claim}: {outcome}" for claim, outcome in verdicts(project).items())
    except FileNotFoundError:
        return "nothing"


def say(line: str) -> None:
    """A line as soon as it is there."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def main() -> None:
    """Every script on the best rung, and those that reach outside on `process` too."""
    scratch = Path(tempfile.mkdtemp(prefix="misbehaving-", dir="/var/tmp"))
    built = Project.build(scratch / "built")
    say("| agent | isolation | exit | end | undone | verdicts | survivors | s |")
    say("|---|---|---|---|---|---|---|---|")
    for what, script in {"does all right": good, **dict.fromkeys(misbehaving(built))}.items():
        for rung in ("best", "process"):
            if rung == "process" and what not in ("writes outside", "kills the harness"):
                continue
            copy = scratch / f"{what}-{rung}".replace(" ", "-")
            made = Project(copy)
            actions = good(made) if script is good else misbehaving(made)[what]
            say(row(built, what, actions, rung, scratch))


if __name__ == "__main__":
    main()
