"""Both SDKs against a server on this machine."""

import asyncio
import time
from collections.abc import Callable

import pytest

from agents.referee.asking import ModelReferee
from agents.referee.dossier import Dossier
from agents.referee.panel_spec import Member, PanelSpec
from agents.referee.transcript import Transcript, Usage
from harness.record import HarnessError
from tests.agents.answers import answer_text
from tests.agents.conftest import KEY
from tests.agents.model_server import ModelServer, Step

DOSSIER = Dossier(
    replication="replications/p/r", claims=("first", "second"), text='{"asked": []}', left_out={}
)
GOOD = Step(answer_text(DOSSIER.claims))
PROVIDERS = ("anthropic", "openai", "openai_compatible")
every_provider = pytest.mark.parametrize("provider", PROVIDERS)


@pytest.fixture
def ask(
    server: ModelServer, seat: Callable[..., Member], panel_of: Callable[..., PanelSpec]
) -> Callable[..., Transcript]:
    """Asks one member of a provider, whose server goes through the steps."""

    def call(provider: str, *steps: Step, deadline_seconds: float = 20, **fields: object):
        server.steps["m"] = steps
        member = seat("m", provider, **fields)
        panel = panel_of(member, deadline_seconds=deadline_seconds, retries=2)
        return asyncio.run(ModelReferee(member, panel).ask(DOSSIER))

    return call


@every_provider
def test_a_valid_answer_is_read_with_model_and_tokens_as_the_provider_says(
    ask: Callable[..., Transcript], provider: str
) -> None:
    got = ask(provider, GOOD)
    assert got.reply.answer is not None
    assert got.reply.answer.overall == 6
    assert got.reply.model == "m-as-served"
    assert got.reply.usage == Usage(input_tokens=11, output_tokens=7)
    assert got.reply.attempts == 1
    assert got.sdk.startswith("anthropic 2" if provider == "anthropic" else "openai 3")


@every_provider
def test_every_provider_is_sent_the_same_question_and_the_schema(
    ask: Callable[..., Transcript], server: ModelServer, provider: str
) -> None:
    prompt = ask(provider, GOOD).request
    (path, headers, body) = server.requests[0]
    assert prompt.user in _texts(body)
    assert prompt.system in _texts(body)
    assert "strongest_objection" in str(body)
    assert (
        path
        == {
            "anthropic": "/v1/messages",
            "openai": "/v1/responses",
            "openai_compatible": "/v1/chat/completions",
        }[provider]
    )
    sent = headers.get("x-api-key", headers.get("authorization", ""))
    assert sent.removeprefix("Bearer ") == ("none" if provider == "openai_compatible" else KEY)


def _texts(value: object) -> list[str]:
    match value:
        case str():
            return [value]
        case dict():
            return [text for inner in value.values() for text in _texts(inner)]
        case list():
            return [text for inner in value for text in _texts(inner)]
        case _:
            return []


@every_provider
@pytest.mark.parametrize(
    ("step", "kind"),
    [
        (Step("no JSON"), "malformed"),
        (Step(""), "malformed"),
        (Step(answer_text(("first",))), "wrong_claims"),
        (GOOD._replace(stop="refusal"), "refusal"),
        (GOOD._replace(stop="length"), "truncated"),
        (Step(status=401, body='{"error": {"message": "bad key"}}'), "authentication"),
        (Step(status=404, body='{"error": {"message": "no such model"}}'), "request"),
        (Step(status=302, headers=(("location", "http://127.0.0.1:9/"),), body=""), "request"),
        (Step(body="<html>a login page</html>"), "malformed"),
        (Step(body='{"model": "m"}'), "malformed"),
        (Step(body="[]"), "malformed"),
    ],
)
def test_what_is_no_answer_has_a_kind_and_no_score(
    ask: Callable[..., Transcript], provider: str, step: Step, kind: str
) -> None:
    got = ask(provider, step)
    assert got.reply.problem is not None
    assert (got.reply.problem.kind, got.reply.answer, got.reply.attempts) == (kind, None, 1)


@every_provider
def test_tokens_of_an_answer_that_does_not_count_are_counted_all_the_same(
    ask: Callable[..., Transcript], provider: str
) -> None:
    for step in (GOOD._replace(stop="length"), Step("no JSON")):
        assert ask(provider, step).reply.usage == Usage(input_tokens=11, output_tokens=7)


@every_provider
@pytest.mark.parametrize(
    "passing",
    [
        Step(status=500, body="{}", headers=(("retry-after", "0.01"),)),
        Step(status=429, body="{}", headers=(("retry-after", "0.01"),)),
    ],
)
def test_an_error_that_passes_is_asked_about_again(
    ask: Callable[..., Transcript], provider: str, passing: Step
) -> None:
    got = ask(provider, passing, GOOD)
    assert got.reply.status == "valid"
    assert got.reply.attempts == 2
    assert [each.kind for each in got.earlier_problems] == [
        "server" if passing.status == 500 else "rate_limit"
    ]


@every_provider
def test_retries_come_to_an_end(ask: Callable[..., Transcript], provider: str) -> None:
    got = ask(provider, Step(status=503, body="{}", headers=(("retry-after", "0.01"),)))
    assert (got.reply.status, got.reply.attempts) == ("server", 3)


@every_provider
def test_a_wait_that_goes_past_the_deadline_is_not_begun(
    ask: Callable[..., Transcript], provider: str
) -> None:
    begin = time.monotonic()
    got = ask(provider, Step(status=429, body="{}", headers=(("retry-after", "86400"),)), GOOD)
    assert (got.reply.status, got.reply.attempts) == ("rate_limit", 1)
    assert "86400 s" in (got.reply.problem or pytest.fail()).message
    assert time.monotonic() - begin < 5


@every_provider
@pytest.mark.parametrize("manner", ["silent", "drip"])
def test_the_deadline_holds_for_a_server_that_is_silent_or_slow(
    ask: Callable[..., Transcript], provider: str, manner: str
) -> None:
    got = ask(provider, GOOD._replace(manner=manner), deadline_seconds=0.4)
    assert got.reply.status == "timeout"
    assert 0.3 < got.reply.seconds < 2


@every_provider
def test_a_connection_that_is_cut_is_no_answer(
    ask: Callable[..., Transcript], provider: str
) -> None:
    got = ask(provider, GOOD._replace(manner="cut"), deadline_seconds=1)
    assert got.reply.status == "connection"


@every_provider
def test_a_redirect_does_not_take_the_key_elsewhere(
    ask: Callable[..., Transcript], server: ModelServer, provider: str
) -> None:
    there = (("location", f"{server.url}/elsewhere"),)
    assert ask(provider, Step(status=307, headers=there, body="")).reply.status == "request"
    assert len(server.requests) == 1


def test_a_server_that_knows_no_schemas_is_asked_once_more_without(
    ask: Callable[..., Transcript], server: ModelServer
) -> None:
    refused = Step(status=400, body='{"error": {"message": "unknown field response_format"}}')
    got = ask("openai_compatible", refused, GOOD)
    assert got.reply.status == "valid"
    assert ["response_format" in body for body in server.asked("m")] == [True, False]


@pytest.mark.parametrize("provider", ["openai", "openai_compatible"])
def test_a_temperature_is_sent_where_it_is_given_and_only_there(
    ask: Callable[..., Transcript], server: ModelServer, provider: str
) -> None:
    ask(provider, GOOD)
    ask(provider, GOOD, temperature=0.0)
    assert [body.get("temperature") for body in server.asked("m")] == [None, 0.0]


@every_provider
def test_a_key_that_a_server_repeats_is_not_kept(
    ask: Callable[..., Transcript], monkeypatch: pytest.MonkeyPatch, provider: str
) -> None:
    monkeypatch.setenv("LOCAL_KEY", KEY)
    said = answer_text(DOSSIER.claims).replace("a fair replication", f"your key is {KEY}")
    repeated = f'{{"error": {{"message": "you sent {KEY}"}}}}'
    escaped = said.replace(KEY, f"\\u0074{KEY[1:]}")
    steps = (
        Step(said),
        Step(escaped),
        Step(f"not JSON {KEY}"),
        Step(status=404, body=repeated),
        Step(status=500, body=repeated, headers=(("retry-after", "0.01"),)),
    )
    for step in steps:
        got = ask(provider, step, api_key_env="LOCAL_KEY")
        assert KEY[:10] not in got.model_dump_json()
        assert "[key]" in got.model_dump_json()


@every_provider
def test_no_half_of_a_key_is_kept_where_a_message_is_cut(
    ask: Callable[..., Transcript], monkeypatch: pytest.MonkeyPatch, provider: str
) -> None:
    monkeypatch.setenv("LOCAL_KEY", KEY)
    for length in range(200, 300, 12):
        told = f'{{"error": {{"message": "{"y" * length} {KEY}"}}}}'
        got = ask(provider, Step(status=404, body=told), api_key_env="LOCAL_KEY")
        assert KEY[:5] not in (got.reply.problem or pytest.fail()).message


def test_a_key_that_is_not_set_is_named(
    seat: Callable[..., Member],
    panel_of: Callable[..., PanelSpec],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("OPENAI_API_KEY")
    member = seat("m", "openai")
    with pytest.raises(HarnessError, match="m: the environment variable OPENAI_API_KEY is not set"):
        ModelReferee(member, panel_of(member))


def test_a_key_that_no_header_can_hold_is_refused_without_being_shown(
    seat: Callable[..., Member],
    panel_of: Callable[..., PanelSpec],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "half\nother-half")
    member = seat("m", "openai")
    with pytest.raises(HarnessError, match="holds characters that no key has") as caught:
        ModelReferee(member, panel_of(member))
    assert "half" not in str(caught.value)


@every_provider
def test_an_sdk_that_is_not_installed_is_named_with_what_installs_it(
    seat: Callable[..., Member],
    panel_of: Callable[..., PanelSpec],
    monkeypatch: pytest.MonkeyPatch,
    provider: str,
) -> None:
    monkeypatch.setitem(__import__("sys").modules, provider.split("_")[0], None)
    member = seat("m", provider)
    with pytest.raises(HarnessError, match=r"is not installed: pip install -e \"\.\[agents\]\""):
        ModelReferee(member, panel_of(member))
