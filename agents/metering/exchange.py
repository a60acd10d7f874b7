"""One exchange with the provider: bytes pass to the client as they come, and are read on the side.

Owns no money: what an exchange means for the budget is decided from what it has noted.
"""

import asyncio
from contextlib import AbstractAsyncContextManager
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

from agents.metering.answers import Answer
from agents.metering.headers import answered_headers, asked_headers
from agents.metering.request import Asked
from agents.metering.told import StreamReader, Told, told_by_body
from agents.metering.upstream import Upstream
from agents.metering.wire_error import wire_error

if TYPE_CHECKING:
    from aiohttp import ClientResponse, ClientSession
    from aiohttp.web import Request, StreamResponse

_MOST_KEPT = 64 * 1024 * 1024
"""Bytes of an answer that is kept."""
_LOOPBACK = ("127.0.0.1", "localhost", "::1")


class Line(NamedTuple):
    """The way to the provider."""

    session: "ClientSession"
    upstream: Upstream
    call_seconds: float
    """The most that one call may take, with or without a client that still listens."""


class Exchange:
    """One call, and what has become of it so far."""

    def __init__(self, line: Line, asked: Asked, request: "Request") -> None:
        self._line, self._asked, self._request = line, asked, request
        self._response: StreamResponse | None = None
        """What has begun to go to the client."""
        self._is_heard = True
        """Whether the client still listens."""
        self._body = bytearray()
        self._content_type = ""
        self.status: int | None = None
        """Of the provider's answer; `None` where there was none."""
        self.told = Told()
        self.is_free = False
        """Whether it is certain that nothing is charged: it was refused, or never sent."""

    async def run(self) -> "StreamResponse":
        """Ask the provider. Where the client goes away, the answer is read to its end all the same.

        What the network does becomes an answer too; only cancelling raises.
        """
        from aiohttp import ClientConnectorError, ClientError, ConnectionTimeoutError

        try:
            async with asyncio.timeout(self._line.call_seconds), self._sent() as answer:
                return await self._receive(answer)
        except (ClientConnectorError, ConnectionTimeoutError):
            self.is_free = True
            return self._error(502, "the provider cannot be reached")
        except (ClientError, TimeoutError) as error:
            return self._broken_off(type(error).__name__)

    def answer(self) -> Answer | None:
        """The answer, where it is whole, good and fit to be kept."""
        is_good = self.status == 200 and self.told.is_complete and len(self._body) <= _MOST_KEPT
        if not is_good or self._line.upstream.quotes_key(self._body):
            return None
        try:
            text = self._body.decode()
        except UnicodeDecodeError:
            return None
        return Answer(status=200, content_type=self._content_type, body=text)

    def _sent(self) -> AbstractAsyncContextManager["ClientResponse"]:
        request, upstream = self._request, self._line.upstream
        address = upstream.address(request.path, request.rel_url.raw_query_string)
        return self._line.session.post(
            address,
            data=self._asked.body,
            headers=asked_headers(request.headers, upstream),
            allow_redirects=False,
            proxy=_proxy_for(address),
        )

    async def _receive(self, answer: "ClientResponse") -> "StreamResponse":
        from aiohttp.web import Response

        self.status = answer.status
        self._content_type = answer.headers.get("content-type", "application/json")
        if 300 <= answer.status < 400:
            self.is_free = True
            return self._error(400, "the provider's address redirects, which is not followed")
        if answer.status == 200 and self._content_type.startswith("text/event-stream"):
            return await self._stream(answer)
        body = self._line.upstream.without_key(await answer.read())
        self._body += body
        self.told = told_by_body(self._asked.form, body)
        self.is_free = answer.status >= 400 and self.told.usage is None
        headers = answered_headers(answer.headers, self._line.upstream)
        return Response(status=answer.status, body=body, headers=headers)

    async def _stream(self, answer: "ClientResponse") -> "StreamResponse":
        from aiohttp.web import StreamResponse

        headers = answered_headers(answer.headers, self._line.upstream)
        self._response = response = StreamResponse(status=answer.status, headers=headers)
        reader = StreamReader(self._asked.form)
        try:
            await self._pass_on(response, b"")
            async for piece in answer.content.iter_any():
                reader.feed(piece)
                if len(self._body) <= _MOST_KEPT:
                    self._body += piece
                await self._pass_on(response, piece)
        finally:
            self.told = reader.told()
        return response

    async def _pass_on(self, response: "StreamResponse", piece: bytes) -> None:
        """To the client, where it still listens; the first piece is the headers alone."""
        if not self._is_heard:
            return
        try:
            if not response.prepared:
                await response.prepare(self._request)
            if piece:
                await response.write(piece)
        except ConnectionError:
            self._is_heard = False

    def _broken_off(self, why: str) -> "StreamResponse":
        """What has begun ends without its end, so that the client knows as much."""
        if self._response is None:
            return self._error(502, f"the provider's answer broke off: {why}")
        if self._request.transport is not None:
            self._request.transport.abort()
        return self._response

    def _error(self, status: int, message: str) -> "StreamResponse":
        return wire_error(self._asked.form, status, message)


def _proxy_for(address: str) -> str | None:
    """The proxy that the environment names for an address; this machine's own need none."""
    parts = urlsplit(address)
    host = parts.hostname or ""
    if host in _LOOPBACK or proxy_bypass(host):
        return None
    return getproxies().get(parts.scheme)
