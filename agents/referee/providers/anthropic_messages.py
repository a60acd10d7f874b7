"""Anthropic's Messages API, with the answer's schema as output format."""

from agents.referee.panel_spec import Member
from agents.referee.prompt import Prompt
from agents.referee.provider import Said
from agents.referee.providers.stopped import REFUSAL, cut_short
from agents.referee.transcript import Usage
from agents.sdk.anthropic_client import failures, open_client, sdk_version
from agents.sdk.form import Form


class _Block(Form):
    type: str
    text: str | None = None


class _Tokens(Form):
    input_tokens: int | None = None
    output_tokens: int | None = None


class _Message(Form):
    model: str
    content: tuple[_Block, ...]
    stop_reason: str | None
    usage: _Tokens | None = None


class AnthropicMessages:
    """A client of the Messages API; ANTHROPIC_BASE_URL is the SDK's to read."""

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
            response = await self._client.messages.with_raw_response.create(
                model=self._member.model,
                max_tokens=self._member.max_output_tokens,
                system=prompt.system,
                messages=[{"role": "user", "content": prompt.user}],
                output_config={
                    "format": {"type": "json_schema", "schema": prompt.schema_of_answer}
                },
                timeout=seconds,
            )
            return await response.text()


def _said(body: str) -> Said:
    message = _Message.read(body)
    match message.stop_reason:
        case "refusal":
            stopped = REFUSAL
        case "max_tokens" | "model_context_window_exceeded":
            stopped = cut_short(message.stop_reason)
        case _:
            stopped = None
    text = "".join(block.text or "" for block in message.content if block.type == "text")
    usage = message.usage and Usage.model_validate(message.usage.model_dump())
    return Said(text, message.model, usage, body, stopped)
