"""The client of the `openai` SDK, which speaks two APIs, and what its errors mean."""

from collections.abc import Generator
from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeVar

from agents.sdk.errors import cut_off, missing_sdk, refused, timed_out

if TYPE_CHECKING:
    import openai

Value = TypeVar("Value")


def open_client(
    key: str, *, base_url: str | None = None, takes_proxy: bool = True
) -> "openai.AsyncOpenAI":
    """A client that neither retries nor follows redirects, which could take the key elsewhere.

    Without a `base_url` the SDK reads OPENAI_BASE_URL. `takes_proxy`: whether it obeys HTTP_PROXY
    and its like. Raises `HarnessError` where the SDK is not installed.
    """
    try:
        import openai
    except ImportError as error:
        raise missing_sdk("openai") from error
    http = openai.DefaultAsyncHttpx2Client(follow_redirects=False, trust_env=takes_proxy)
    return openai.AsyncOpenAI(api_key=key, base_url=base_url, max_retries=0, http_client=http)


def sdk_version() -> str:
    """Name and version of the SDK. Raises `HarnessError` where it is not installed."""
    try:
        import openai
    except ImportError as error:
        raise missing_sdk("openai") from error
    return f"openai {openai.__version__}"


def given(value: Value | None) -> "Value | openai.Omit":
    """The value, or the SDK's sign that a parameter is left out."""
    import openai

    return openai.omit if value is None else value


@contextmanager
def failures(seconds: float) -> Generator[None]:
    """Turn the SDK's errors into `Unanswered`."""
    import httpx2
    import openai

    try:
        yield
    except (openai.APITimeoutError, httpx2.TimeoutException) as error:
        raise timed_out(seconds) from error
    # The SDK lets through what breaks off in the middle of a stream.
    except (openai.APIConnectionError, httpx2.HTTPError) as error:
        raise cut_off() from error
    except openai.APIStatusError as error:
        raise refused(error, error.response.headers) from error
