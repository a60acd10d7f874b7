"""Many calls at once on a budget for some of them: `python -m tests.agents.metering.concurrent`
prints how many were answered, and how far the budget was overshot."""

import json
import sys
import tempfile
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple

from agents.metering import Budget, Spent
from agents.metering.spent import read_spent
from tests.agents.metering.metered import MESSAGE_USD, metered
from tests.agents.metering.provider import Request, Say, usual

CALLS, AFFORDABLE = 50, 20
BODY_BYTES = 200
BOUND_USD = (Decimal("3.75") * (BODY_BYTES + 1000) + 15 * 50) / 1_000_000
"""What the meter has to allow for one of these calls: 25 times what it takes."""
BUDGETS = {
    "calls": Budget(calls=AFFORDABLE),
    "tokens": Budget(tokens=19 * 105 + BODY_BYTES + 1000 + 50),
    "usd": Budget(usd=19 * MESSAGE_USD + BOUND_USD),
}
"""For 20 calls of 105 tokens and 0.0201 cents, of which the last one needs room for its bound."""


class Figures(NamedTuple):
    answered: int
    refused: int
    reached_the_provider: int
    spent: Spent
    most_at_once: int

    def overshoot(self, budget: Budget) -> tuple[int, int, Decimal]:
        """Calls, tokens and US dollars past the budget."""
        tokens = self.spent.input_tokens + self.spent.output_tokens
        none = Decimal(0)
        return (
            max(0, self.reached_the_provider - (budget.calls or CALLS)),
            max(0, tokens - budget.tokens) if budget.tokens else 0,
            max(none, self.spent.usd_known - budget.usd) if budget.usd else none,
        )


def rush(folder: Path, budget: Budget, *, stream: bool) -> Figures:
    """All calls start together; each is of one length, and no two are the same."""
    lock, at_once, most = threading.Lock(), 0, 0

    def script(request: Request) -> Say:
        nonlocal at_once, most
        assert len(request.raw) == BODY_BYTES, len(request.raw)
        with lock:
            at_once += 1
            most = max(most, at_once)
        time.sleep(0.02)
        with lock:
            at_once -= 1
        return usual(request)

    rest = {"model": "m", "max_tokens": 50, "messages": [], "stream": stream, "system": ""}
    padding = BODY_BYTES - len(json.dumps(rest))
    with metered(folder, script, budget) as at, ThreadPoolExecutor(CALLS) as pool:
        start = threading.Barrier(CALLS)

        def ask(number: int) -> int:
            start.wait()
            return at.post(stream=stream, system=f"{number:0{padding}d}").status_code

        statuses = Counter(pool.map(ask, range(CALLS)))
        reached = len(at.provider.requests)
    assert statuses.total() == statuses[200] + statuses[403], statuses
    return Figures(statuses[200], statuses[403], reached, read_spent(folder), most)


def main() -> None:
    for name, budget in BUDGETS.items():
        for stream in (False, True):
            with tempfile.TemporaryDirectory() as folder:
                begin = time.perf_counter()
                found = rush(Path(folder), budget, stream=stream)
                seconds = time.perf_counter() - begin
            calls, tokens, usd = found.overshoot(budget)
            sys.stdout.write(
                f"budget in {name:6} {'streamed' if stream else 'whole':8}  {CALLS} at once: "
                f"{found.answered} answered, {found.refused} refused, "
                f"at most {found.most_at_once} under way; overshoot {calls} calls, {tokens} "
                f"tokens, {100 * usd} cents; {seconds:.2f} s\n"
            )


if __name__ == "__main__":
    main()
