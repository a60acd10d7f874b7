"""The client of the `anthropic` SDK, and what its errors mean."""

from collections.abc import Generator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from agents.sdk.errors import cut_off, missing_sdk, refused, timed_out

if TYPE_CHECKING:
    import anthropic


def open_client(
    key: str, *, base_url: str | None = None, takes_proxy: bool = True
) -> "anthropic.AsyncAnthropic":
    """A client that neither retries nor follows redirects, which could take the key elsewhere.

    Without a `base_url` the SDK reads ANTHROPIC_BASE_URL. `takes_proxy`: whether it obeys
    HTTP_PROXY and its like. Raises `HarnessError` where the SDK is not installed.
    """
    try:
        import anthropic
    except ImportError as error:
        raise missing_sdk("anthropic") from error
    http = anthropic.DefaultAsyncHttpxClient(follow_redirects=False, trust_env=takes_proxy)
    return anthropic.AsyncAnthropic(api_key=key, base_url=base_url, max_retries=0, http_client=http)


def sdk_version() -> str:
    """Name and version of the SDK. Raises `HarnessError` where it is not installed."""
    try:
        import anthropic
    except ImportError as error:
        raise missing_sdk("anthropic") from error
    return f"anthropic {anthropic.__version__}"


@contextmanager
def failures(seconds: float) -> Generator[None]:
    """Turn the SDK's errors into `Unanswered`."""
    import anthropic
    import httpx2

    try:
        yield
    except (anthropic.APITimeoutError, httpx2.TimeoutException) as error:
        raise timed_out(seconds) from error
    # The SDK lets through what breaks off in the middle of a stream.
    except (anthropic.APIConnectionError, httpx2.HTTPError) as error:
        raise cut_off() from error
    except anthropic.APIStatusError as error:
        raise refused(error, error.response.headers) from error
