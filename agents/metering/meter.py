"""The meter: a server in a thread of its own, and the account that it keeps."""

import asyncio
import secrets
import threading
from collections.abc import Collection, Generator
from concurrent.futures import Future
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

from agents.drivers.driver import Endpoint
from agents.metering.account import Account
from agents.metering.answers import Answers
from agents.metering.budget import Budget
from agents.metering.exchange import Line
from agents.metering.forward import Forwarder
from agents.metering.prices import Prices
from agents.metering.server import Server
from agents.metering.spent import Spent
from agents.metering.upstream import Upstream
from harness.record import HarnessError

_CONNECT_SECONDS, _CALL_SECONDS, _DRAIN_SECONDS = 30.0, 1800.0, 10.0


class _Running(NamedTuple):
    """A server, and how its thread is told to stop."""

    url: str
    loop: asyncio.AbstractEventLoop
    stop: asyncio.Event


class Meter:
    """Forwards the calls of an agent to a provider, within a budget. One process a folder.

    The folder has `calls.jsonl`, the ledger, and `answers/`; the key is in neither. Calls of
    earlier runs count, and those that a crash left open count at the most that they can have cost.
    """

    def __init__(
        self,
        folder: Path,
        upstream: Upstream,
        budget: Budget,
        prices: Prices | None,
        *,
        models: Collection[str] | None = None,
        call_seconds: float = _CALL_SECONDS,
        drain_seconds: float = _DRAIN_SECONDS,
    ) -> None:
        """`models`: the names that are forwarded, dated versions of them too; `None`: all. Others
        are refused, and no call.

        `call_seconds`: the most that one call may take; `drain_seconds`: what calls under way
        are left at the end of the serving, before they are cut off and count at their bound.

        Raises `HarnessError` where the folder's ledger cannot be read, or the address is none.
        """
        if not upstream.url.startswith(("http://", "https://")):
            raise HarnessError(f"{upstream.url}: the provider's address begins with https://")
        self._account = Account(folder, budget, prices)
        self._answers = Answers(folder)
        self._upstream, self._models = upstream, models
        self._call_seconds, self._drain_seconds = call_seconds, drain_seconds
        self._steps: dict[str, str] = {}
        self._url: str | None = None

    @contextmanager
    def serving(self) -> Generator[None]:
        """Serve while the block runs. At its end calls under way are waited for.

        Raises `HarnessError` where aiohttp is not installed.
        """
        assert self._url is None, "serving already"
        _require_aiohttp()
        ready: Future[_Running] = Future()
        thread = threading.Thread(target=self._run, args=(ready,), name="meter", daemon=True)
        thread.start()
        running = ready.result()
        self._url = running.url
        try:
            yield
        finally:
            self._url = None
            running.loop.call_soon_threadsafe(running.stop.set)
            thread.join()

    def endpoint(self, step: str) -> Endpoint:
        """Where the calls of a step go, with a key that is good here alone. Only while serving."""
        assert self._url is not None, "not serving"
        tokens = {known: token for token, known in self._steps.items()}
        token = tokens.get(step) or secrets.token_urlsafe(32)
        self._steps[token] = step
        return Endpoint(self._url, token)

    def spent(self) -> Spent:
        """Of the whole campaign, over all of its runs."""
        return self._account.spent()

    @property
    def exhausted(self) -> str | None:
        """Which limit refused a call first, in words; `None` where none did since the start."""
        return self._account.exhausted

    def _run(self, ready: "Future[_Running]") -> None:
        try:
            asyncio.run(self._serve(ready))
        finally:
            if not ready.done():
                ready.cancel()

    async def _serve(self, ready: "Future[_Running]") -> None:
        from aiohttp import ClientSession, ClientTimeout, TCPConnector
        from aiohttp.web import AppRunner, TCPSite

        # The bytes of an answer pass as they are, and the number of connections is the budget's.
        session = ClientSession(
            connector=TCPConnector(limit=0),
            timeout=ClientTimeout(total=None, sock_connect=_CONNECT_SECONDS),
            auto_decompress=False,
        )
        async with session:
            line = Line(session, self._upstream, self._call_seconds)
            forwarder = Forwarder(line, self._account, self._answers)
            server = Server(forwarder, self._steps, self._models)
            runner = AppRunner(
                server.application(), access_log=None, auto_decompress=False, shutdown_timeout=0.1
            )
            await runner.setup()
            site = TCPSite(runner, "127.0.0.1", 0)
            await site.start()
            stop = asyncio.Event()
            host, port = runner.addresses[0][:2]
            ready.set_result(_Running(f"http://{host}:{port}", asyncio.get_running_loop(), stop))
            await stop.wait()
            await site.stop()
            await server.drain(self._drain_seconds)
            await runner.cleanup()


def _require_aiohttp() -> None:
    if find_spec("aiohttp") is None:
        raise HarnessError(
            "aiohttp is not installed: pip install interp-replication-harness[agents]"
        )
