"""The `anthropic` and `openai` SDKs name their errors alike; this says what each means."""

from collections.abc import Mapping
from typing import Protocol

from agents.sdk.unanswered import Unanswered, of_status
from harness.record import HarnessError


class StatusError(Protocol):
    """An error that carries a response of the server."""

    message: str
    status_code: int


def refused(error: StatusError, headers: Mapping[str, str]) -> Unanswered:
    """For a response with a status that is not a success."""
    return of_status(error.status_code, headers, error.message)


def timed_out(seconds: float) -> Unanswered:
    """For a server that was silent for all the time that was left."""
    return Unanswered("timeout", f"no response within {seconds:.3g} s")


def cut_off() -> Unanswered:
    """For a connection that was refused, lost or closed early."""
    return Unanswered("connection", "the connection failed or was cut")


def missing_sdk(name: str) -> HarnessError:
    """What to say where an SDK cannot be imported."""
    return HarnessError(f'the SDK {name} is not installed: pip install -e ".[agents]"')
