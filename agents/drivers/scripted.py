"""A driver that follows a script in place of a model, through the same loop and the same tools."""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from agents.drivers.anthropic_messages import AnthropicMessages
from agents.drivers.api import Answer, Call, Stop
from agents.drivers.conversation import Answered, Item, Prompted
from agents.drivers.driver import Turn
from agents.drivers.loop import Loop
from agents.drivers.script import Action, Script
from agents.drivers.untrusted_json import Json, parse_object
from agents.sdk.form import Form
from agents.sdk.unanswered import Unanswered

_SESSION = "scripted"
"""Of every turn, so that turns are counted over all sessions."""


def scripted(path: Path) -> Loop:
    """The driver of a script. Raises `HarnessError` naming file, line and key."""
    return following(Script.load(path))


def following(script: Script) -> Loop:
    """The driver of a script that has been read."""
    return Loop(_ScriptApi(script), session=_SESSION)


class _Kept(Form):
    """An action that asked the model."""

    answer: Json


class _ScriptApi:
    """Stands in for a model: its n-th answer of a turn is the turn's n-th action."""

    name: Literal["scripted"] = "scripted"
    wire: None = None

    def __init__(self, script: Script) -> None:
        self._script = script
        self._model = AnthropicMessages()

    def version(self) -> str:
        """Of no software."""
        return "script"

    async def send(self, turn: Turn, items: Sequence[Item], *, seconds: float) -> Json:
        """The next action. Raises `Unanswered` where the script or the model that it asks fails."""
        number = sum(isinstance(item, Prompted) for item in items)
        last = max(place for place, item in enumerate(items) if isinstance(item, Prompted))
        done = sum(isinstance(item, Answered) for item in items[last:])
        actions = self._script.turn(number)
        if done >= len(actions):
            return {}
        action = actions[done]
        if action.fail is not None:
            raise Unanswered("request", action.fail)
        if action.sleep_seconds is not None:
            await asyncio.sleep(action.sleep_seconds)
        is_last = done + 1 == len(actions)
        said: Json = {
            "id": f"{number}.{done + 1}",
            "action": _written(action),
            "is_last": is_last,
        }
        if action.ask is not None:
            # Numbered, for the meter answers an equal request from what it has.
            asked = Prompted(text=f"{action.ask}\n[{number}.{done + 1}]")
            said["answer"] = await self._model.send(turn, [asked], seconds=seconds)
        return said

    def read(self, answer: Json) -> Answer:
        """What an action is in the loop; nothing at the end of the turn."""
        if not answer:
            return Answer("", (), "done", None)
        action = Action.model_validate(answer["action"])
        after: Stop = "done" if answer["is_last"] else "again"
        if action.ask is not None:
            model = self._model.read(_Kept.of(answer).answer)
            return Answer(model.text, (), after, model.used)
        call = _call(str(answer["id"]), action)
        if call is not None:
            return Answer("", (call,), "calls", None)
        return Answer(action.say or "", (), after, None)


def _written(action: Action) -> Json:
    return parse_object(action.model_dump_json(exclude_unset=True))


def _call(place: str, action: Action) -> Call | None:
    if action.bash is not None:
        return Call(place, "bash", {"command": action.bash})
    if action.write is not None:
        return Call(place, "write_file", parse_object(action.write.model_dump_json()))
    if action.replace is not None:
        return Call(place, "replace_text", parse_object(action.replace.model_dump_json()))
    return None
