"""A process killed between reserving and settling: nothing is lost, nothing paid twice."""

import signal
import subprocess
import sys
from decimal import Decimal
from pathlib import Path
from threading import Event

from agents.metering import Budget, read_spent
from agents.metering.spent import LEDGER
from tests.agents.metering.metered import MESSAGE_USD, metered, until
from tests.agents.metering.provider import Provider, Request, Say, in_turn, provider, say, usual

ROOT = Path(__file__).parents[3]


def kill_in_the_second_call(folder: Path) -> Provider:
    held = Event()

    def script(request: Request) -> Say:
        said = usual(request)
        return said if request.body["top_k"] == 1 else said._replace(gate=held)

    with provider(script) as asked:
        command = [sys.executable, "-m", "tests.agents.metering.killed", str(folder), asked.url]
        process = subprocess.Popen(command, cwd=ROOT)
        until(lambda: len(asked.requests) == 2, seconds=30)
        process.send_signal(signal.SIGKILL)
        assert process.wait(10) == -signal.SIGKILL
        held.set()
    return asked


def test_a_call_that_was_open_at_a_kill_counts_in_full_and_an_answered_one_is_not_paid_again(
    tmp_path: Path,
) -> None:
    asked = kill_in_the_second_call(tmp_path)
    bound = (Decimal("3.75") * (len(asked.requests[1].raw) + 1000) + 15 * 50) / 1_000_000
    left = read_spent(tmp_path)
    assert (left.calls, left.assumed, left.usd) == (2, 1, MESSAGE_USD + bound)

    with metered(tmp_path, budget=Budget(calls=3)) as at:
        assert at.meter.spent() == left
        assert [at.post(top_k=each).status_code for each in (1, 2)] == [200, 200]
        assert [each.body["top_k"] for each in at.provider.requests] == [2]
        assert at.post(top_k=3).status_code == 403
    spent = at.meter.spent()
    assert (spent.calls, spent.assumed, spent.stored) == (3, 1, 1)
    assert spent.usd == 2 * MESSAGE_USD + bound


def test_a_ledger_whose_last_line_was_torn_is_gone_on_with(tmp_path: Path) -> None:
    with metered(tmp_path) as at:
        at.post()
    path = tmp_path / LEDGER
    path.write_bytes(path.read_bytes()[:-5])
    assert read_spent(tmp_path).assumed == 1, "its settlement is gone"
    with metered(tmp_path, in_turn(say({}))) as at:
        assert at.post().status_code == 200
        assert at.provider.requests == [], "its answer is not"
    assert [line[:8] for line in path.read_text().splitlines()] == ['{"utc":"'] * 2
