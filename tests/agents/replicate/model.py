"""A language model that plays a script: it answers each call with the script's next action."""

import json
import re
from collections.abc import Callable
from typing import Any

from tests.agents.replicate.scripts import Script
from tests.agents.wire_server import Call, Reply

_STEPS = ("claims", "specs", "reading")


def plays(script: Script) -> Callable[[dict[str, Any], int], Reply]:
    """For the Messages API, with the tools of the API loops. One turn of the script a step."""

    def reply(body: dict[str, Any], _: int) -> Reply:
        first = json.dumps(body["messages"][0]["content"])
        found = re.search(r"Step: (\w+)", first)
        assert found, first[:200]
        done = sum(message["role"] == "assistant" for message in body["messages"])
        return _replies(script[_STEPS.index(found[1])])[done]

    return reply


def _replies(turn: list[dict[str, Any]]) -> list[Reply]:
    return [_reply(action) for action in turn]


def _reply(action: dict[str, Any]) -> Reply:
    match action:
        case {"say": text}:
            return Reply(text=text)
        case {"bash": command}:
            return Reply(calls=(Call("bash", {"command": command}),))
        case {"write": {"path": path, "content": content}}:
            return Reply(calls=(Call("write_file", {"path": path, "content": content}),))
        case _:
            raise AssertionError(action)
