"""One file an API; each imports its SDK only when a member needs it."""

from typing import assert_never

from agents.referee.panel_spec import Member
from agents.referee.provider import Provider


def provider_for(member: Member, key: str) -> Provider:
    """The client of a member's API. Raises `HarnessError` where its SDK is not installed."""
    match member.provider:
        case "anthropic":
            from agents.referee.providers.anthropic_messages import AnthropicMessages

            return AnthropicMessages(member, key)
        case "openai":
            from agents.referee.providers.openai_responses import OpenAIResponses

            return OpenAIResponses(member, key)
        case "openai_compatible":
            from agents.referee.providers.chat_completions import ChatCompletions

            return ChatCompletions(member, key)
        case _:
            assert_never(member.provider)
