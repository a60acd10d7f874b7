"""Proposers that are killed with SIGKILL in the midst of a turn, and asked again: run as a program.

Reads one JSON object on standard input: `url` of the model, and `kills`, a list of a folder and of
which line of the agent's conversation is the last before its death. Prints, for each, the proposal
that came of asking again in another process.
"""

import json
import os
import signal
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

from agents.autoresearch import proposers
from agents.drivers import conversation
from harness.autoresearch.proposers.proposer import Proposal
from harness.lines import append_line
from tests.agents.autoresearch.briefs import brief, trial_folder, wanted


def die_at(line: int) -> None:
    """Once so many items of the conversation are on disk."""
    left = line

    def append(path: Path, text: str) -> None:
        nonlocal left
        append_line(path, text)
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    conversation.append_line = append  # pyright: ignore[reportPrivateImportUsage]


def proposed(root: Path) -> Proposal:
    """By an agent whose model has the folder's name."""
    asked = wanted(root, model=root.name, max_turns=9)
    answer = proposers.anthropic(asked).propose(brief(), trial_folder(asked))
    assert isinstance(answer, Proposal), answer
    return answer


def in_child(root: Path, line: int | None) -> int:
    """The exit status of a process that proposes; it prints the proposal unless it is killed."""
    child = os.fork()
    if not child:
        if line is not None:
            die_at(line)
        sys.stdout.write(f"{proposed(root).model_dump_json()}\n")
        sys.stdout.flush()
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def main(asked: dict[str, Any]) -> None:
    """Kill, then ask again, one after the other."""
    for name in ("anthropic", "aiohttp.web", "agents.autoresearch.agent", "agents.drivers.loop"):
        import_module(name)
    for folder, line in asked["kills"]:
        root = Path(folder)
        root.mkdir()
        assert in_child(root, line) == -signal.SIGKILL, folder
        assert in_child(root, None) == 0, folder


if __name__ == "__main__":
    main(json.load(sys.stdin))
