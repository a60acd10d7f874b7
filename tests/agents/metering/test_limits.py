"""What a budget lets through, and how a refusal is told."""

import json
import re
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from agents.metering import Budget, Meter, Upstream
from agents.metering.spent import LEDGER
from harness.record import HarnessError
from tests.agents.metering import provider as says
from tests.agents.metering.metered import MESSAGE_USD, PRICE, PRICES, metered, settlements
from tests.agents.metering.provider import in_turn, streamed


def test_counting_tokens_is_free_and_no_call(tmp_path: Path) -> None:
    with metered(tmp_path, budget=Budget(calls=0)) as at:
        assert at.post("/v1/messages/count_tokens").json() == {"input_tokens": 12}
        assert at.post().status_code == 403
    assert at.meter.spent().calls == 0


@pytest.mark.parametrize("path", ["/v1/messages", "/v1/responses", "/v1/chat/completions"])
@pytest.mark.parametrize(
    ("budget", "told"),
    [
        (Budget(calls=1), r"the budget of 1 calls is spent"),
        (Budget(tokens=1300), r"of 1300 tokens leaves 1195, and this call can take 3\d{3}"),
        (Budget(usd=Decimal("0.006")), r"of \$0.006 leaves \$0.0058, .* can cost \$0.012\d"),
    ],
    ids=["calls", "tokens", "usd"],
)
def test_a_call_over_the_budget_is_refused_in_the_words_of_the_api(
    tmp_path: Path, path: str, budget: Budget, told: str
) -> None:
    with metered(tmp_path, budget=budget) as at:
        assert at.post(path, max_output_tokens=50).status_code == 200
        assert at.meter.exhausted is None
        refused = at.post(path, max_output_tokens=50, user="x" * 2000)
        assert refused.status_code == (400 if path == "/v1/responses" else 403)
        assert at.post(path, max_output_tokens=50).status_code == 200, "paid for already"
        assert len(at.provider.requests) == 1
    error = refused.json()["error"]
    assert at.meter.exhausted is not None
    assert error["message"].endswith(at.meter.exhausted)
    assert re.search(told, at.meter.exhausted), at.meter.exhausted
    assert (at.meter.spent().calls, at.meter.spent().refused) == (1, 1)


def test_a_raised_budget_goes_on_where_the_old_one_stopped(tmp_path: Path) -> None:
    with metered(tmp_path, budget=Budget(calls=1)) as at:
        assert [at.post(top_k=each).status_code for each in (1, 2)] == [200, 403]
    with metered(tmp_path, budget=Budget(calls=2)) as at:
        assert at.meter.exhausted is None
        assert [at.post(top_k=each).status_code for each in (1, 2, 3)] == [200, 200, 403]


def test_a_model_without_a_price_is_refused_under_a_budget_in_dollars(tmp_path: Path) -> None:
    with metered(tmp_path, budget=Budget(usd=Decimal(100))) as at:
        answer = at.post(model="other")
        assert answer.status_code == 403
        assert "other has no price" in answer.json()["error"]["message"]
        assert at.meter.exhausted is None, "the budget is not spent"
        assert at.post(model="m-20991231").status_code == 200
        assert len(at.provider.requests) == 1


def test_a_model_without_a_price_is_unverified_under_another_budget(tmp_path: Path) -> None:
    with metered(tmp_path) as at:
        at.post()
        at.post(model="other")
    spent = at.meter.spent()
    assert (spent.calls, spent.unverified, spent.usd) == (2, 1, None)
    assert spent.usd_known == MESSAGE_USD


def test_an_answer_that_names_a_dated_version_is_priced_by_it(tmp_path: Path) -> None:
    dated = streamed(says.message_stream("m-20991231"))
    with metered(tmp_path, in_turn(dated)) as at:
        at.post(model="latest", stream=True)
    assert at.meter.spent().usd == MESSAGE_USD
    assert settlements(tmp_path)[0].model == "m-20991231"


def test_output_that_nothing_bounds_is_refused_under_a_budget_in_tokens(tmp_path: Path) -> None:
    with metered(tmp_path, budget=Budget(tokens=10_000), prices=None) as at:
        answer = at.post("/v1/responses")
        assert answer.status_code == 400
        assert "max_output_tokens" in answer.json()["error"]["message"]
        assert at.post("/v1/responses", max_output_tokens=50).status_code == 200
    with metered(tmp_path, budget=Budget(tokens=10_000), prices=PRICES) as at:
        assert at.post("/v1/responses").status_code == 200


def test_a_spoiled_ledger_or_address_is_told_before_anything_is_served(tmp_path: Path) -> None:
    with pytest.raises(HarnessError, match="begins with https://"):
        Meter(tmp_path, Upstream("openai", "api.example.org", None), Budget(calls=1), None)
    (tmp_path / LEDGER).write_text(json.dumps({"a": 1}) + "\n")
    with pytest.raises(HarnessError, match=rf"{LEDGER}:1"):
        Meter(tmp_path, Upstream("openai", "https://x", None), Budget(calls=1), None)


def test_a_ledger_that_cannot_be_written_lets_no_call_through(tmp_path: Path) -> None:
    with metered(tmp_path) as at:
        (tmp_path / LEDGER).mkdir()
        answer = at.post()
        assert answer.status_code == 403
        assert "cannot be written" in answer.json()["error"]["message"]
        assert at.provider.requests == []
        (tmp_path / LEDGER).rmdir()
        assert at.post().status_code == 200
    assert at.meter.spent().calls == 1


def dollars() -> Budget:
    return Budget(usd=Decimal(100))


BLANK = (
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNgAAAAAgABSK+kcQAAAABJRU5ErkJggg=="
)
"""A PNG of one pixel."""
INLINE = f"data:image/png;base64,{BLANK}"
SOURCE = {"type": "base64", "media_type": "image/png", "data": BLANK}
IMAGES = {
    "/v1/messages": ("messages", "text", {"type": "image", "source": SOURCE}),
    "/v1/responses": ("input", "input_text", {"type": "input_image", "image_url": INLINE}),
    "/v1/chat/completions": (
        "messages",
        "text",
        {"type": "image_url", "image_url": {"url": INLINE}},
    ),
}


@pytest.mark.parametrize("path", IMAGES)
def test_a_hundred_small_images_are_refused_and_their_text_is_not(
    tmp_path: Path, path: str
) -> None:
    key, kind, image = IMAGES[path]
    text = {"type": kind, "text": INLINE}
    images: dict[str, Any] = {key: [{"role": "user", "content": [text, *[image] * 100]}]}
    texts: dict[str, Any] = {key: [{"role": "user", "content": [text] * 101}]}
    with metered(tmp_path, budget=dollars()) as at:
        refused = at.post(path, max_output_tokens=50, **images)
        assert refused.status_code == 400
        assert "only text can be counted" in refused.json()["error"]["message"]
        assert at.provider.requests == []
        assert at.post(path, max_output_tokens=50, **texts).status_code == 200
        assert len(at.provider.requests) == 1
    assert (at.meter.spent().calls, at.meter.spent().refused) == (1, 0)


def test_only_the_models_that_are_named_are_forwarded(tmp_path: Path) -> None:
    with metered(tmp_path, models=("m", "other")) as at:
        for model in ("m2", "M", "m-mini", "m-20991231-mini"):
            refused = at.post(model=model)
            assert refused.status_code == 400
            assert "only m, other may be asked" in refused.json()["error"]["message"]
        assert at.provider.requests == []
        assert not (tmp_path / LEDGER).exists()
        answers = [at.post(model=model) for model in ("m", "m-20991231", "other")]
        assert [each.status_code for each in answers] == [200] * 3
    with metered(tmp_path / "any") as at:
        assert at.post(model="m2").status_code == 200, "the control: none are named"


def test_a_cache_of_an_hour_needs_a_price_under_a_budget_in_dollars(tmp_path: Path) -> None:
    hour = {"type": "ephemeral", "ttl": "1h"}
    priced = PRICE.model_copy(update={"cache_write_1h_usd": Decimal(6)})
    both = PRICES.model_copy(update={"models": {"m": PRICE, "n": priced}})
    with metered(tmp_path, budget=dollars(), prices=both) as at:
        refused = at.post(cache_control=hour)
        assert refused.status_code == 403
        assert "add its cache_write_1h_usd" in refused.json()["error"]["message"]
        assert at.provider.requests == []
        assert at.post(cache_control={"type": "ephemeral"}).status_code == 200
        assert at.post(model="n", cache_control=hour).status_code == 200
    with metered(tmp_path / "calls") as at:
        assert at.post(cache_control=hour).status_code == 200, "no budget in dollars"
