"""A call as OpenAI's two APIs have it: its arguments are JSON in a string."""

from agents.drivers.api import Call
from agents.drivers.untrusted_json import parse_object


def function_call(call: str, tool: str, arguments: str) -> Call:
    """The call, or why its arguments cannot be read."""
    try:
        return Call(call, tool, parse_object(arguments or "{}"))
    except ValueError as error:
        return Call(call, tool, {}, problem=f"the arguments are not a JSON object: {error}")
