"""OpenAI's Responses API, with the answer's schema as text format. Nothing is stored there."""

from collections.abc import Sequence

from agents.referee.panel_spec import Member
from agents.referee.prompt import Prompt
from agents.referee.provider import Said
from agents.referee.providers.stopped import REFUSAL, cut_short
from agents.referee.transcript import Usage
from agents.sdk.form import Form
from agents.sdk.openai_client import failures, given, open_client, sdk_version
from agents.sdk.unanswered import Problem


class _Part(Form):
    type: str
    text: str | None = None


class _Item(Form):
    type: str
    content: tuple[_Part, ...] | None = None


class _Tokens(Form):
    input_tokens: int | None = None
    output_tokens: int | None = None


class _Why(Form):
    reason: str | None = None


class _Response(Form):
    model: str
    output: tuple[_Item, ...]
    status: str | None = None
    incomplete_details: _Why | None = None
    usage: _Tokens | None = None


class OpenAIResponses:
    """A client of the Responses API; OPENAI_BASE_URL is the SDK's to read."""

    def __init__(self, member: Member, key: str) -> None:
        self._client = open_client(key)
        self._member = member

    @property
    def sdk(self) -> str:
        """Name and version of the SDK."""
        return sdk_version()

    async def send(self, prompt: Prompt, *, seconds: float) -> Said:
        """Ask once. Raises `Unanswered`."""
        return _said(await self._body(prompt, seconds))

    async def close(self) -> None:
        """Cut the connection."""
        await self._client.close()

    async def _body(self, prompt: Prompt, seconds: float) -> str:
        # The text is read here and not by the SDK's `parse`, which drops what does not validate.
        with failures(seconds):
            response = await self._client.responses.with_raw_response.create(
                model=self._member.model,
                max_output_tokens=self._member.max_output_tokens,
                temperature=given(self._member.temperature),
                instructions=prompt.system,
                input=prompt.user,
                text={
                    "format": {
                        "type": "json_schema",
                        "name": "answer",
                        "strict": True,
                        "schema": prompt.schema_of_answer,
                    }
                },
                store=False,
                timeout=seconds,
            )
            return response.text


def _said(body: str) -> Said:
    response = _Response.read(body)
    parts = [part for item in response.output for part in item.content or ()]
    text = "".join(part.text or "" for part in parts if part.type == "output_text")
    usage = response.usage and Usage.model_validate(response.usage.model_dump())
    return Said(text, response.model, usage, body, _stopped(response, parts))


def _stopped(response: _Response, parts: Sequence[_Part]) -> Problem | None:
    why = response.incomplete_details.reason if response.incomplete_details else None
    if why == "content_filter" or any(part.type == "refusal" for part in parts):
        return REFUSAL
    if response.status == "incomplete":
        return cut_short(why)
    if response.status == "failed":
        return Problem(kind="server", message="the response has the status failed")
    return None
