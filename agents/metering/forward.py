"""Answer a call: from the store, from the provider within the budget, or with a refusal."""

import asyncio
import time
from typing import TYPE_CHECKING, NamedTuple

from agents.metering.account import Account, Outcome, Refusal
from agents.metering.answers import Answers
from agents.metering.exchange import Exchange, Line
from agents.metering.ledger import Reserved
from agents.metering.request import Asked
from agents.metering.wire_error import refusal

if TYPE_CHECKING:
    from aiohttp.web import Request, StreamResponse


class Call(NamedTuple):
    """One request of an agent, read and allowed."""

    step: str
    asked: Asked
    request: "Request"


class Forwarder:
    """Reserves, forwards, keeps and settles; all in one event loop."""

    def __init__(self, line: Line, account: Account, answers: Answers) -> None:
        self._line, self._account, self._answers = line, account, answers
        self._settled = asyncio.Event()
        self._is_closing = False

    async def answer(self, call: Call) -> "StreamResponse":
        """Raises `HarnessError` where ledger or store cannot be read or written."""
        from aiohttp.web import Response

        stored = self._answers.find(call.step, call.asked)
        if stored is not None:
            self._account.note_stored(call.step, call.asked.model)
            headers = {"content-type": stored.content_type}
            return Response(status=stored.status, body=stored.body.encode(), headers=headers)
        reserved = await self._reserve(call)
        if isinstance(reserved, Refusal):
            return refusal(call.asked.form, reserved.why)
        return await self._pay(call, reserved)

    async def pass_free(self, call: Call) -> "StreamResponse":
        """Forward what no provider charges for; it is neither counted nor kept."""
        return await Exchange(self._line, call.asked, call.request).run()

    def close(self) -> None:
        """Refuse the calls that wait for room."""
        self._is_closing = True
        self._settled.set()

    async def _reserve(self, call: Call) -> Reserved | Refusal:
        """Wait where calls under way may leave room once they are settled."""
        while (found := self._account.reserve(call.step, call.asked)) is None:
            await self._settled.wait()
            if self._is_closing or call.request.transport is None:
                return Refusal("nobody waits for this call any more")
        return found

    async def _pay(self, call: Call, reserved: Reserved) -> "StreamResponse":
        """Settled before the answer's end goes out: who has read it all finds it counted."""
        exchange, begin = Exchange(self._line, call.asked, call.request), time.monotonic()
        try:
            return await exchange.run()
        finally:
            self._finish(call, exchange, reserved, time.monotonic() - begin)

    def _finish(self, call: Call, exchange: Exchange, reserved: Reserved, seconds: float) -> None:
        """Keep, then settle: a crash in between counts a call in full, but repeats none."""
        outcome = Outcome(exchange.status, exchange.told, exchange.is_free, seconds)
        answer = exchange.answer()
        try:
            if answer is not None:
                self._answers.keep(call.step, call.asked, answer)
        finally:
            self._account.settle(reserved, outcome)
            waiting, self._settled = self._settled, asyncio.Event()
            waiting.set()
