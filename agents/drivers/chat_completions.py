"""Chat Completions in a loop, which local servers speak: vLLM, llama.cpp, Ollama and their like."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Literal, cast

from pydantic import Field, JsonValue

from agents.drivers.api import Answer, Call, Stop
from agents.drivers.conversation import Answered, Item, Noted, Prompted, Resulted
from agents.drivers.driver import Turn
from agents.drivers.event import Used
from agents.drivers.function_call import function_call
from agents.drivers.tools import TOOLS
from agents.drivers.untrusted_json import Json, parse_object
from agents.sdk.form import Form
from agents.sdk.openai_client import failures, open_client, sdk_version
from agents.sdk.unanswered import Unanswered

if TYPE_CHECKING:
    from openai.types.chat import ChatCompletionFunctionToolParam, ChatCompletionMessageParam


class _Function(Form):
    name: str
    arguments: str


class _ToolCall(Form):
    id: str
    function: _Function


class _Message(Form):
    content: str | None = None
    refusal: str | None = None
    tool_calls: tuple[_ToolCall, ...] | None = None


class _Choice(Form):
    message: _Message
    finish_reason: str | None = None


class _Details(Form):
    cached_tokens: int | None = None


class _Tokens(Form):
    prompt_tokens: int
    completion_tokens: int
    prompt_tokens_details: _Details | None = None


class _Completion(Form):
    choices: Annotated[tuple[_Choice, ...], Field(min_length=1)]
    usage: _Tokens | None = None


class _RawChoice(Form):
    message: Json


class _Raw(Form):
    choices: Annotated[tuple[_RawChoice, ...], Field(min_length=1)]


class ChatCompletions:
    """Answers come whole: servers differ in how they stream the arguments of a tool."""

    name: Literal["openai_compatible"] = "openai_compatible"
    wire: Literal["openai_compatible"] = "openai_compatible"

    def version(self) -> str:
        """Of the SDK. Raises `HarnessError` where it is not installed."""
        return sdk_version()

    async def send(self, turn: Turn, items: Sequence[Item], *, seconds: float) -> Json:
        """The next completion. Raises `Unanswered`."""
        client = open_client(
            turn.endpoint.key, base_url=f"{turn.endpoint.url}/v1", takes_proxy=False
        )
        messages = [{"role": "system", "content": turn.instructions}, *conversation(items)]
        async with client:
            with failures(seconds):
                response = await client.chat.completions.with_raw_response.create(
                    model=turn.model,
                    max_tokens=turn.max_output_tokens,
                    messages=cast("list[ChatCompletionMessageParam]", messages),
                    tools=cast("list[ChatCompletionFunctionToolParam]", _tools()),
                    timeout=seconds,
                )
                body = response.text
        try:
            return parse_object(body)
        except ValueError as error:
            raise Unanswered("malformed", f"the response: {error}", body=body) from error

    def read(self, answer: Json) -> Answer:
        """Raises `Unanswered` for what is no completion."""
        completion = _Completion.of(answer)
        choice = completion.choices[0]
        calls = tuple(
            function_call(each.id, each.function.name, each.function.arguments)
            for each in choice.message.tool_calls or ()
        )
        return Answer(
            text=choice.message.content or "",
            calls=calls,
            stop=_stop(choice, calls),
            used=_used(completion.usage),
        )


def _tools() -> list[JsonValue]:
    return [
        {
            "type": "function",
            "function": {
                "name": each.name,
                "description": each.description,
                "parameters": each.schema,
            },
        }
        for each in TOOLS
    ]


def _stop(choice: _Choice, calls: Sequence[Call]) -> Stop:
    """Not every server has a word of its own for an answer that asks for tools."""
    if choice.finish_reason == "content_filter" or choice.message.refusal:
        return "refused"
    if choice.finish_reason == "length":
        return "cut"
    return "calls" if calls else "done"


def _used(usage: _Tokens | None) -> Used | None:
    details = usage and usage.prompt_tokens_details
    return usage and Used(
        input_tokens=usage.prompt_tokens,
        cached_tokens=(details and details.cached_tokens) or 0,
        output_tokens=usage.completion_tokens,
    )


def conversation(items: Sequence[Item]) -> list[Json]:
    """The messages, those of the model as they came."""
    messages: list[Json] = []
    for item in items:
        match item:
            case Prompted(text=text) | Noted(text=text):
                messages.append({"role": "user", "content": text})
            case Answered(is_refusal=False):
                messages.append(_Raw.of(item.answer).choices[0].message)
            case Resulted():
                messages.append({"role": "tool", "tool_call_id": item.call, "content": item.output})
            case _:
                continue
    return messages
