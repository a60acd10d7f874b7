"""Campaigns that are killed at every boundary: `python -m tests.agents.replicate.walking`.

Prints what became of a campaign that was killed before and after every line of its journal; then,
for campaigns that pay for answers, what was asked again after a kill at each durable write.
"""

import sys
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any, NamedTuple

from tests.agents.replicate.model import plays
from tests.agents.replicate.project import Project
from tests.agents.replicate.running import Ended, events, run, run_killed, was_killed
from tests.agents.replicate.scripts import Script, good, save
from tests.agents.wire_server import wire_server

API = ("--driver", "anthropic", "--agent-model", "a-model")


class Walked(NamedTuple):
    """A campaign that was killed many times."""

    kills: int
    ended: Ended
    """Its last run, which nobody killed."""
    entries: list[dict[str, Any]]

    @property
    def twice(self) -> list[str]:
        """Entries of the journal that stand there more than once."""
        keys = [
            " ".join(str(entry.get(k)) for k in ("kind", "step", "turn")) for entry in self.entries
        ]
        return [key for key, count in Counter(keys).items() if count > 1]


def walk(project: Project, script: Script, *moments: str) -> Walked:
    """Kill it before or after every line of its journal, each in a run of its own."""
    file = save(script, project.root / "script.yaml")
    options = ["--driver", "scripted", "--script", str(file)]
    kills, line = 0, 1
    while True:
        ends = [run_killed(project, f"{when}:{line}", options) for when in moments]
        killed = [ended for ended in ends if was_killed(ended)]
        kills += len(killed)
        if not killed:
            return Walked(kills, ends[-1], events(project))
        line += 1


class Paid(NamedTuple):
    """A campaign with a model, killed once and gone on with."""

    killed: Ended
    ended: Ended
    stored: int
    """Answers that lay in the meter's store when it was killed."""
    before: int
    """Requests at the provider until then."""
    after: int


def pay(project: Project, write: int) -> Paid:
    """Kill it at the N-th durable write of the step of the claims, and go on.

    Nobody knows what a tool did that was killed; the model does its work again if it is asked to.
    """
    script = good(project)
    script[0] *= 2
    with wire_server(plays(script)) as server:
        options = [*API, "--pause-after-claims"]
        told = {"ANTHROPIC_BASE_URL": server.url}
        killed = run_killed(project, f"write:{write}", options, told)
        before, stored = len(server.requests), _stored(project)
        ended = run(project, options, environment=told)
        return Paid(killed, ended, stored, before, len(server.requests) - before)


def _stored(project: Project) -> int:
    return sum(1 for _ in (project.campaign / "calls/answers").glob("[!.]*.json"))


def main() -> None:
    """Both walks, in a scratch folder."""
    scratch = Path(tempfile.mkdtemp(prefix="walking-", dir="/var/tmp"))
    built = Project.build(scratch / "built")
    project = built.copy(scratch / "walked")
    walked = walk(project, good(project), "before", "after")
    _say(f"{walked.kills} kills; then exit {walked.ended.code}, {len(walked.entries)} entries")
    _say(f"steps or turns that stand in the journal twice: {walked.twice or 'none'}")
    head = ("write", "killed", "stored then", "requests before", "after", "end")
    _say(f"| {' | '.join(head)} |\n{'|---' * len(head)}|")
    write, was_alive = 1, False
    while not was_alive:
        paid = pay(built.copy(scratch / f"paid-{write}"), write)
        was_alive = not was_killed(paid.killed)
        end = paid.ended.told["why"] if paid.ended.code == 0 else paid.ended.err
        cells = (write, not was_alive, paid.stored, paid.before, paid.after, end)
        _say(f"| {' | '.join(map(str, cells))} |")
        write += 1


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
