"""Errors of the meter's own, in the form of the API that was asked."""

import json
from typing import TYPE_CHECKING

from agents.metering.usage import Form

if TYPE_CHECKING:
    from aiohttp.web import Response

_KINDS = {
    400: "invalid_request_error",
    401: "authentication_error",
    403: "permission_error",
    404: "not_found_error",
    502: "api_error",
}


def refusal(form: Form, why: str) -> "Response":
    """An answer after which no client asks again: Codex repeats a 403, and the others do not."""
    return wire_error(form, 400 if form == "responses" else 403, why)


def wire_error(form: Form, status: int, message: str) -> "Response":
    """An answer that the SDKs raise as their own error. They try 502 again, and no other."""
    from aiohttp.web import Response

    kind, told = _KINDS[status], f"harness meter: {message}"
    if form == "messages":
        body: object = {"type": "error", "error": {"type": kind, "message": told}}
    else:
        body = {"error": {"message": told, "type": kind, "param": None, "code": kind}}
    return Response(status=status, text=json.dumps(body), content_type="application/json")
