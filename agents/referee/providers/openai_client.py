"""What the two APIs that the `openai` SDK speaks have in common: its client, its errors."""

from collections.abc import Generator
from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeVar

from agents.referee.providers.form import missing_sdk
from agents.referee.sdk_errors import cut_off, refused, timed_out

if TYPE_CHECKING:
    import openai

Value = TypeVar("Value")


def open_client(key: str, *, base_url: str | None = None) -> "openai.AsyncOpenAI":
    """A client that neither retries nor follows redirects, which could take the key elsewhere.

    Raises `HarnessError` where the SDK is not installed.
    """
    try:
        import openai
    except ImportError as error:
        raise missing_sdk("openai") from error
    http = openai.DefaultAsyncHttpx2Client(follow_redirects=False)
    return openai.AsyncOpenAI(api_key=key, base_url=base_url, max_retries=0, http_client=http)


def sdk_version() -> str:
    """Name and version of the SDK."""
    import openai

    return f"openai {openai.__version__}"


def given(value: Value | None) -> "Value | openai.Omit":
    """The value, or the SDK's sign that a parameter is left out."""
    import openai

    return openai.omit if value is None else value


@contextmanager
def failures(seconds: float) -> "Generator[None]":
    """Turn the SDK's errors into `Unanswered`."""
    import openai

    try:
        yield
    except openai.APITimeoutError as error:
        raise timed_out(seconds) from error
    except openai.APIConnectionError as error:
        raise cut_off() from error
    except openai.APIStatusError as error:
        raise refused(error, error.response.headers) from error
