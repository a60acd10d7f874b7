from decimal import Decimal
from pathlib import Path

import pytest

from agents.metering import Price, Prices, require_price
from agents.metering import prices as module
from agents.metering.usage import Usage
from harness.record import HarnessError
from tests.agents.metering.metered import PRICE, PRICES

ALL_KINDS = Usage(100, 5, cached_tokens=70, cache_write_tokens=20)


def test_each_kind_of_token_has_its_own_price() -> None:
    assert PRICE.cost(ALL_KINDS) == Decimal("0.000201")
    assert PRICE.cost(Usage(1_000_000, 0)) == 3


def test_a_kind_without_a_price_makes_the_cost_unknown_only_where_it_occurs() -> None:
    partly = Price.model_validate(PRICE.model_dump() | {"cache_write_usd": None})
    assert partly.cost(ALL_KINDS) is None
    assert partly.cost(Usage(100, 5)) == Decimal("0.000375")
    assert PRICE.cost(Usage(100, 5, cache_write_1h_tokens=1)) is None


def test_the_bound_takes_the_dearest_way_in() -> None:
    assert PRICE.most(1_000_000, 0) == Decimal("3.75")
    assert PRICE.most(0, 1_000_000) == 15


@pytest.mark.parametrize("name", ["m", "m-20991231", "m-2099-12-31"])
def test_a_name_stands_for_its_dated_versions(name: str) -> None:
    assert PRICES.of(name) == PRICE
    require_price(PRICES, name)


@pytest.mark.parametrize("name", ["m-mini", "m-2099", "n", "", "m-20991231-mini", "my-20991231"])
def test_a_name_stands_for_no_other_model(name: str) -> None:
    assert PRICES.of(name) is None
    with pytest.raises(HarnessError, match=rf"models\.{name}: no price.*has m"):
        require_price(PRICES, name)


def test_the_example_is_refused_until_it_is_filled_in_and_read_then(tmp_path: Path) -> None:
    example = Path(module.__file__).with_name("prices.example.yaml")
    with pytest.raises(HarnessError) as raised:
        Prices.load(example)
    told = str(raised.value)
    assert "read_on: still to write" in told
    assert "models.NAME-OF-A-MODEL.max_output_tokens: still to write" in told

    filled = tmp_path / "prices.yaml"
    lines = []
    for line in example.read_text().splitlines():
        key = line.partition(":")[0].strip()
        value = {"source": "https://example.org", "read_on": "2099-12-31"}.get(key, "7")
        lines.append(f"{line.partition('TODO')[0]}{value}" if ": TODO" in line else line)
    filled.write_text("\n".join(lines))
    assert Prices.load(filled).models["NAME-OF-A-MODEL"].cost(Usage(1_000_000, 0)) == 7


def test_a_negative_price_is_refused() -> None:
    with pytest.raises(ValueError, match="input_usd"):
        Price.model_validate(PRICE.model_dump() | {"input_usd": "-1"})
