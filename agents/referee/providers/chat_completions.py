"""Chat Completions, which local servers speak: vLLM, llama.cpp, Ollama and their like."""

import time
from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from agents.referee.panel_spec import Member
from agents.referee.prompt import Prompt
from agents.referee.provider import Said
from agents.referee.providers.stopped import REFUSAL, cut_short
from agents.referee.transcript import Usage
from agents.sdk.form import Form
from agents.sdk.openai_client import failures, given, open_client, sdk_version
from agents.sdk.unanswered import Problem, Unanswered

if TYPE_CHECKING:
    from openai.types.shared_params import ResponseFormatJSONSchema


_NO_SCHEMAS = (400, 422)
"""Statuses by which servers refuse a parameter that they do not know."""


class _Message(Form):
    content: str | None = None
    refusal: str | None = None


class _Choice(Form):
    message: _Message
    finish_reason: str | None = None


class _Tokens(Form):
    prompt_tokens: int | None = None
    completion_tokens: int | None = None


class _Completion(Form):
    model: str | None = None
    choices: Annotated[tuple[_Choice, ...], Field(min_length=1)]
    usage: _Tokens | None = None


class ChatCompletions:
    """A client of one server. One that knows no JSON schemas is asked once more without."""

    def __init__(self, member: Member, key: str) -> None:
        assert member.base_url is not None, member.id
        self._client = open_client(key, base_url=str(member.base_url))
        self._member = member

    @property
    def sdk(self) -> str:
        """Name and version of the SDK."""
        return sdk_version()

    async def send(self, prompt: Prompt, *, seconds: float) -> Said:
        """Ask once; once more for plain text where no schema is taken. Raises `Unanswered`."""
        end = time.monotonic() + seconds
        try:
            body = await self._body(prompt, seconds, with_schema=True)
        except Unanswered as refusal:
            left = end - time.monotonic()
            if refusal.status not in _NO_SCHEMAS or left <= 0:
                raise
            body = await self._body(prompt, left, with_schema=False)
        return _said(body)

    async def close(self) -> None:
        """Cut the connection."""
        await self._client.close()

    async def _body(self, prompt: Prompt, seconds: float, *, with_schema: bool) -> str:
        with failures(seconds):
            response = await self._client.chat.completions.with_raw_response.create(
                model=self._member.model,
                max_tokens=self._member.max_output_tokens,
                temperature=given(self._member.temperature),
                messages=[
                    {"role": "system", "content": prompt.system},
                    {"role": "user", "content": prompt.user},
                ],
                response_format=given(_format(prompt) if with_schema else None),
                timeout=seconds,
            )
            return response.text


def _format(prompt: Prompt) -> "ResponseFormatJSONSchema":
    schema = prompt.schema_of_answer
    return {
        "type": "json_schema",
        "json_schema": {"name": "answer", "strict": True, "schema": schema},
    }


def _said(body: str) -> Said:
    completion = _Completion.read(body)
    choice = completion.choices[0]
    tokens = completion.usage
    usage = tokens and Usage(
        input_tokens=tokens.prompt_tokens, output_tokens=tokens.completion_tokens
    )
    return Said(choice.message.content or "", completion.model, usage, body, _stopped(choice))


def _stopped(choice: _Choice) -> Problem | None:
    if choice.finish_reason == "content_filter" or choice.message.refusal:
        return REFUSAL
    return cut_short(choice.finish_reason) if choice.finish_reason == "length" else None
