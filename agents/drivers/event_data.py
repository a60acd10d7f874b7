"""The objects of a stream of server-sent events, as providers of models send them."""

from collections.abc import AsyncIterator

from agents.drivers.untrusted_json import Json, parse_object
from agents.sdk.unanswered import Unanswered

_FIELD, _LAST = "data:", "[DONE]"


async def objects(lines: AsyncIterator[str]) -> AsyncIterator[Json]:
    """Each event's data. Raises `Unanswered` where one is not a JSON object."""
    async for line in lines:
        if not line.startswith(_FIELD):
            continue
        data = line.removeprefix(_FIELD).strip()
        if data == _LAST:
            return
        try:
            yield parse_object(data)
        except ValueError as error:
            raise Unanswered("malformed", f"an event of the stream: {error}") from error
