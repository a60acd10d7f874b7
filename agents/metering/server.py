"""The meter's HTTP side: who may ask, and what for. On 127.0.0.1 only."""

import asyncio
import hmac
from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING

from agents.metering.forward import Call, Forwarder
from agents.metering.prices import is_version
from agents.metering.request import Unacceptable, read_request
from agents.metering.usage import Form
from agents.metering.wire_error import refusal, wire_error
from harness.record import HarnessError

if TYPE_CHECKING:
    from aiohttp.web import Application, Request, StreamResponse

_FORMS: dict[str, Form] = {
    "/v1/messages": "messages",
    "/v1/messages/count_tokens": "messages",
    "/v1/responses": "responses",
    "/v1/chat/completions": "chat",
}
_FREE = "/v1/messages/count_tokens"
_LARGEST_REQUEST = 64 * 1024 * 1024


class Server:
    """Handles requests; holds no state but the calls that are under way."""

    def __init__(
        self,
        forwarder: Forwarder,
        steps: Mapping[str, str],
        models: Collection[str] | None = None,
    ) -> None:
        """`steps` has the step of each token, and may grow. `models`: which may be asked, by name
        or by a dated version of it; `None`: all.
        """
        self._forwarder, self._steps, self._models = forwarder, steps, models
        self._under_way: set[asyncio.Task[object]] = set()

    def application(self) -> "Application":
        """One handler for every path, so that what is not known is refused in the API's form."""
        from aiohttp.web import Application

        made = Application(client_max_size=_LARGEST_REQUEST)
        made.router.add_route("*", "/{path:.*}", self._handle)
        return made

    async def drain(self, seconds: float) -> None:
        """Wait for calls under way, also for those whose client has gone; then cut them off."""
        self._forwarder.close()
        if self._under_way:
            _, late = await asyncio.wait(self._under_way, timeout=seconds)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)

    async def _handle(self, request: "Request") -> "StreamResponse":
        task = asyncio.current_task()
        assert task is not None
        self._under_way.add(task)
        try:
            return await self._answer(request)
        finally:
            self._under_way.discard(task)

    async def _answer(self, request: "Request") -> "StreamResponse":
        from aiohttp.web import Response

        form = _FORMS.get(request.path, "chat")
        if request.path == "/" and request.method in ("GET", "HEAD"):
            return Response()
        step = self._step(request.headers)
        if step is None:
            return wire_error(form, 401, "this key is not of a step that is under way")
        if request.method != "POST" or request.path not in _FORMS:
            return wire_error(form, 404, f"only POST to {', '.join(_FORMS)}")
        try:
            return await self._forward(request, form, step)
        except Unacceptable as error:
            return wire_error(form, 400, str(error))
        except HarnessError as error:
            return refusal(form, str(error))

    async def _forward(self, request: "Request", form: Form, step: str) -> "StreamResponse":
        if request.headers.get("content-encoding", "identity") != "identity":
            raise Unacceptable("content-encoding: a compressed request cannot be counted")
        call = Call(step, read_request(form, await request.read()), request)
        self._require_model(call.asked.model)
        if request.path == _FREE:
            return await self._forwarder.pass_free(call)
        return await self._forwarder.answer(call)

    def _require_model(self, model: str) -> None:
        if self._models is None or any(is_version(model, name) for name in self._models):
            return
        raise Unacceptable(f"model: {model}: only {', '.join(sorted(self._models))} may be asked")

    def _step(self, headers: Mapping[str, str]) -> str | None:
        """The step whose token was sent, in either API's way."""
        scheme, _, bearer = headers.get("Authorization", "").partition(" ")
        sent = [headers.get("x-api-key", ""), bearer.strip() if scheme.lower() == "bearer" else ""]
        for token, step in tuple(self._steps.items()):
            if any(hmac.compare_digest(token.encode(), each.encode()) for each in sent):
                return step
        return None
