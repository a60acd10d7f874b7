"""Turns killed with SIGKILL at every item of their conversation, and gone on with."""

import json
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from agents.drivers.choose import driver_for
from agents.drivers.conversation import Conversation, Resulted
from agents.drivers.driver import DriverName
from tests.agents.drivers.killed import Kill
from tests.agents.drivers.turns import ended, events_of, turn_at
from tests.agents.wire_server import Call, Reply, wire_server

ITEMS = (
    *("prompted", "answered", "began", "resulted", "began", "resulted"),
    *("answered", "began", "resulted", "answered", "ended"),
)
STEPS = ("one", "two", "three")
"""Tools of the turn; the first answer asks for two of them."""


def note(step: str) -> str:
    return f"echo {step} >> log"


def reply(body: dict[str, Any], _: int) -> Reply:
    """By what the model has said before, as a model does."""
    one, two, three = (Call("bash", {"command": note(step)}) for step in STEPS)
    said = json.dumps({key: value for key, value in body.items() if key != "tools"})
    answers = sum(f"answer {number}" in said for number in range(3))
    calls = ((one, two), (three,), ())[answers]
    return Reply(f"answer {answers}", calls)


def kill_all(driver: DriverName, url: str, kills: list[Kill], script: Path | None) -> None:
    asked = {"driver": driver, "url": url, "kills": kills, "script": script and str(script)}
    done = subprocess.run(
        [sys.executable, "-m", "tests.agents.drivers.killed"],
        cwd=Path(__file__).parents[3],
        input=json.dumps(asked),
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.split() == [str(-signal.SIGKILL)] * len(kills), done.stderr


def session_in(root: Path) -> str:
    [file] = (root / "memory").iterdir()
    return file.stem


def require_no_step_twice(root: Path, kill: Kill) -> None:
    """A call that had begun and has no result is the one that may not have been done."""
    log = root / "tree/log"
    done = Counter(log.read_text().split() if log.exists() else [])
    assert set(done.values()) <= {1}, kill
    began_at = kill.item - 1 if kill.is_before else kill.item
    is_unknown = ITEMS[began_at] == "began"
    was_run = is_unknown and kill.is_before
    assert sum(done.values()) == (3 if was_run or not is_unknown else 2), kill
    items = Conversation(root / "memory", session_in(root)).items
    outputs = [item.output for item in items if isinstance(item, Resulted)]
    assert len(outputs) == 3, kill
    assert any("interrupted" in output for output in outputs) == is_unknown, kill


def kills_in(tmp_path: Path, items: Sequence[int], *, are_before: bool) -> list[Kill]:
    return [Kill(str(tmp_path / f"at-{item}"), item, are_before) for item in items]


@pytest.mark.parametrize(
    ("name", "are_before", "items"),
    [
        ("anthropic", True, range(len(ITEMS))),
        # Once the end is on disk there is nothing to go on with.
        ("anthropic", False, range(len(ITEMS) - 1)),
        ("openai", False, (1, 3, 4)),
        ("openai_compatible", False, (1, 3, 4)),
    ],
)
def test_no_answer_is_asked_for_again_and_no_tool_is_run_twice(
    name: DriverName, are_before: bool, items: Sequence[int], tmp_path: Path
) -> None:
    kills = kills_in(tmp_path, items, are_before=are_before)
    driver = driver_for(name)
    with wire_server(reply) as server:
        kill_all(name, server.url, kills, None)
        for kill in kills:
            root = Path(kill.folder)
            turn = turn_at(server.url, root, model=root.name, session=session_in(root))
            last = ended(events_of(driver, turn))
            assert (last.how, last.text) == ("done", "answer 2"), kill
            require_no_step_twice(root, kill)
            # One that was lost on its way to the disk is all that is asked for again.
            asked = [json.dumps(body) for body in server.bodies if body["model"] == root.name]
            is_lost = kill.is_before and ITEMS[kill.item] == "answered"
            assert len(asked) == 3 + is_lost, kill
            assert len(set(asked)) == 3, kill


def test_no_action_of_a_script_is_done_twice(tmp_path: Path) -> None:
    script = tmp_path / "script.yaml"
    actions = "".join(f"    - bash: {note(step)}\n" for step in STEPS)
    script.write_text(f"turns:\n  -\n{actions}  - [say: another turn]\n")
    items = ("prompted", *("answered", "began", "resulted") * 3, "answered", "ended")
    kills = kills_in(tmp_path, range(len(items)), are_before=True)
    kill_all("scripted", "http://127.0.0.1:9", kills, script)
    for kill in kills:
        root = Path(kill.folder)
        turn = turn_at("http://127.0.0.1:9", root, model=root.name)
        last = ended(events_of(driver_for("scripted", script), turn))
        assert (last.how, last.text) == ("done", None), kill
        assert (root / "tree/log").read_text().split() == [*STEPS], kill
