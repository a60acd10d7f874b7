"""OpenAI's Responses API in a loop. Nothing is stored there: each request holds all there is."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal, cast

from agents.drivers.api import Answer, Call, Stop
from agents.drivers.conversation import Answered, Item, Noted, Prompted, Resulted
from agents.drivers.driver import Turn
from agents.drivers.event import Used
from agents.drivers.event_data import objects
from agents.drivers.function_call import function_call
from agents.drivers.tools import TOOLS
from agents.drivers.untrusted_json import Json
from agents.sdk.form import Form
from agents.sdk.openai_client import failures, given, open_client, sdk_version
from agents.sdk.unanswered import Unanswered

if TYPE_CHECKING:
    from openai.types.responses import (
        ResponseIncludable,
        ResponseInputParam,
        ToolParam,
    )

_ENDS = ("response.completed", "response.incomplete", "response.failed")
_PASSING = ("server_error", "rate_limit_exceeded")
_NOT_A_REASONING_MODEL = "ncrypted content"
"""In the words by which a model that does not reason refuses to give its reasoning."""


class _Part(Form):
    type: str
    text: str = ""


class _Output(Form):
    type: str
    content: tuple[_Part, ...] | None = None
    call_id: str = ""
    name: str = ""
    arguments: str = ""


class _Details(Form):
    cached_tokens: int = 0


class _Tokens(Form):
    input_tokens: int
    output_tokens: int
    input_tokens_details: _Details | None = None


class _Why(Form):
    reason: str | None = None


class _Response(Form):
    output: tuple[_Output, ...]
    incomplete_details: _Why | None = None
    usage: _Tokens | None = None


class _Error(Form):
    code: str | None = None
    message: str = "no reason given"


class _Failed(Form):
    error: _Error | None = None


class _Event(Form):
    type: str
    response: Json | None = None


class OpenAIResponses:
    """Reasoning comes encrypted and goes back as it came."""

    name: Literal["openai"] = "openai"
    wire: Literal["openai"] = "openai"

    def version(self) -> str:
        """Of the SDK. Raises `HarnessError` where it is not installed."""
        return sdk_version()

    async def send(self, turn: Turn, items: Sequence[Item], *, seconds: float) -> Json:
        """The next response. Raises `Unanswered`."""
        try:
            return await _sent(turn, items, seconds, ["reasoning.encrypted_content"])
        except Unanswered as refusal:
            if refusal.status != 400 or _NOT_A_REASONING_MODEL not in (refusal.said or ""):
                raise
            return await _sent(turn, items, seconds, None)

    def read(self, answer: Json) -> Answer:
        """Raises `Unanswered` for what is no response."""
        response = _Response.of(answer)
        parts = [part for each in response.output for part in each.content or ()]
        calls = tuple(
            function_call(each.call_id, each.name, each.arguments)
            for each in response.output
            if each.type == "function_call"
        )
        return Answer(
            text="".join(part.text for part in parts if part.type == "output_text"),
            calls=calls,
            stop=_stop(response, parts, calls),
            used=_used(response.usage),
        )


async def _sent(
    turn: Turn,
    items: Sequence[Item],
    seconds: float,
    include: "list[ResponseIncludable] | None",
) -> Json:
    client = open_client(turn.endpoint.key, base_url=f"{turn.endpoint.url}/v1", takes_proxy=False)
    tools = [
        {
            "type": "function",
            "name": each.name,
            "description": each.description,
            "parameters": each.schema,
            "strict": True,
        }
        for each in TOOLS
    ]
    async with client:
        with failures(seconds):
            async with client.responses.with_streaming_response.create(
                model=turn.model,
                max_output_tokens=turn.max_output_tokens,
                instructions=turn.instructions,
                input=cast("ResponseInputParam", conversation(items)),
                tools=cast("list[ToolParam]", tools),
                store=False,
                include=given(include),
                stream=True,
                timeout=seconds,
            ) as response:
                async for each in objects(response.iter_lines()):
                    event = _Event.of(each)
                    if event.type == "error":
                        raise _failure(_Error.of(each))
                    if event.type in _ENDS:
                        return _whole(event.response or {})
    raise Unanswered("connection", "the stream ended before the response did")


def _whole(response: Json) -> Json:
    if response.get("status") == "failed":
        raise _failure(_Failed.of(response).error or _Error())
    return response


def _failure(error: _Error) -> Unanswered:
    kind = "server" if error.code in _PASSING else "request"
    told = f"{error.code}: {error.message}"
    return Unanswered(kind, told, said=told)


def _stop(response: _Response, parts: Sequence[_Part], calls: Sequence[Call]) -> Stop:
    why = response.incomplete_details.reason if response.incomplete_details else None
    if why == "content_filter" or any(part.type == "refusal" for part in parts):
        return "refused"
    if why is not None:
        return "cut"
    return "calls" if calls else "done"


def _used(usage: _Tokens | None) -> Used | None:
    return usage and Used(
        input_tokens=usage.input_tokens,
        cached_tokens=usage.input_tokens_details.cached_tokens if usage.input_tokens_details else 0,
        output_tokens=usage.output_tokens,
    )


def conversation(items: Sequence[Item]) -> list[Json]:
    """The input's items, those of the model as they came."""
    given: list[Json] = []
    for item in items:
        match item:
            case Prompted(text=text) | Noted(text=text):
                given.append({"role": "user", "content": text})
            case Answered(is_refusal=False):
                output = item.answer["output"]
                assert isinstance(output, list), output
                given.extend(each for each in output if isinstance(each, dict))
            case Resulted():
                given.append(
                    {
                        "type": "function_call_output",
                        "call_id": item.call,
                        "output": item.output,
                    }
                )
            case _:
                continue
    return given
