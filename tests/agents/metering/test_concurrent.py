from pathlib import Path

import pytest

from tests.agents.metering.concurrent import AFFORDABLE, BUDGETS, CALLS, rush


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("name", BUDGETS)
def test_fifty_calls_at_once_on_a_budget_for_twenty_get_twenty_answers(
    tmp_path: Path, name: str, stream: bool
) -> None:
    found = rush(tmp_path, BUDGETS[name], stream=stream)
    assert found.overshoot(BUDGETS[name]) == (0, 0, 0)
    assert (found.answered, found.reached_the_provider) == (AFFORDABLE, AFFORDABLE)
    assert found.refused == found.spent.refused == CALLS - AFFORDABLE
    assert (found.spent.calls, found.spent.assumed) == (AFFORDABLE, 0)
    assert found.spent.input_tokens + found.spent.output_tokens == AFFORDABLE * 105
