"""The SDKs of both providers as clients, without changes, whole and streamed."""

from pathlib import Path

import anthropic
import openai
import pytest

from agents.metering import Budget
from tests.agents.metering.metered import Metered, metered

ASKED = {"role": "user", "content": "hi"}


def claude(at: Metered) -> anthropic.Anthropic:
    return anthropic.Anthropic(api_key=at.endpoint.key, base_url=at.endpoint.url)


def gpt(at: Metered) -> openai.OpenAI:
    return openai.OpenAI(api_key=at.endpoint.key, base_url=f"{at.endpoint.url}/v1")


def test_anthropic(tmp_path: Path) -> None:
    with metered(tmp_path) as at, claude(at) as client:
        whole = client.messages.create(model="m", max_tokens=50, messages=[ASKED])
        with client.messages.stream(model="m", max_tokens=50, messages=[ASKED]) as stream:
            final = stream.get_final_message()
    assert whole.content[0].text == final.content[0].text == "hello"
    assert (at.meter.spent().calls, at.meter.spent().assumed) == (2, 0)


def test_openai_responses(tmp_path: Path) -> None:
    with metered(tmp_path, wire="openai") as at, gpt(at) as client:
        whole = client.responses.create(model="m", input="hi")
        events = [*client.responses.create(model="m", input="hi", stream=True)]
    assert whole.output_text == "hello"
    assert events[-1].type == "response.completed"
    assert (at.meter.spent().calls, at.meter.spent().assumed) == (2, 0)


def test_openai_chat(tmp_path: Path) -> None:
    with metered(tmp_path, wire="openai_compatible") as at, gpt(at) as client:
        whole = client.chat.completions.create(model="m", messages=[ASKED])
        chunks = [*client.chat.completions.create(model="m", messages=[ASKED], stream=True)]
    assert whole.choices[0].message.content == "hello"
    said = [each.choices[0].delta.content for each in chunks if each.choices]
    assert "".join(filter(None, said)) == "hello"
    assert (at.meter.spent().calls, at.meter.spent().assumed) == (2, 0)


def test_a_refusal_is_raised_at_once_and_not_tried_again(tmp_path: Path) -> None:
    with metered(tmp_path, budget=Budget(calls=0)) as at, claude(at) as one, gpt(at) as other:
        with pytest.raises(anthropic.PermissionDeniedError, match="budget of 0 calls is spent"):
            one.messages.create(model="m", max_tokens=50, messages=[ASKED])
        with pytest.raises(openai.BadRequestError, match="budget of 0 calls is spent"):
            other.responses.create(model="m", input="hi")
        assert at.provider.requests == []
    assert at.meter.spent().refused == 2


def test_a_wrong_key_is_an_authentication_error(tmp_path: Path) -> None:
    with metered(tmp_path) as at:
        wrong = openai.OpenAI(api_key="wrong", base_url=f"{at.endpoint.url}/v1")
        with wrong, pytest.raises(openai.AuthenticationError, match="not of a step"):
            wrong.responses.create(model="m", input="hi")
