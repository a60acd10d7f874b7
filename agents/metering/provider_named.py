"""The provider that the meter forwards to: its address and key, from the environment."""

import os

from agents.drivers.driver import Wire
from agents.metering.upstream import Upstream
from harness.record import HarnessError

_ADDRESSES = {"anthropic": "https://api.anthropic.com", "openai": "https://api.openai.com"}
KEYS = {"anthropic": "ANTHROPIC_API_KEY", "openai": "OPENAI_API_KEY"}
_BASES = {"anthropic": "ANTHROPIC_BASE_URL", "openai": "OPENAI_BASE_URL"}


def upstream_of(wire: Wire | None, *, base_url: str | None, api_key_env: str | None) -> Upstream:
    """`base_url` is of a server that is compatible with OpenAI's; `api_key_env` names the variable
    that holds the key, where it is not the provider's usual one.

    A driver that asks no model needs no key. Raises `HarnessError` naming the variable or option
    that is missing.
    """
    if wire == "openai_compatible":
        if base_url is None:
            raise HarnessError("--base-url: needed for openai_compatible")
        return Upstream(wire, base_url, _key(api_key_env) if api_key_env else None)
    spoken: Wire = wire or "anthropic"
    if base_url is not None:
        raise HarnessError(f"--base-url: only for openai_compatible; {_BASES[spoken]} says another")
    address = os.environ.get(_BASES[spoken]) or _ADDRESSES[spoken]
    if wire is None:
        return Upstream(spoken, address, os.environ.get(KEYS[spoken]) or None)
    return Upstream(spoken, address, _key(api_key_env or KEYS[spoken]))


def _key(variable: str) -> str:
    key = os.environ.get(variable, "").strip()
    if not key:
        raise HarnessError(f"the environment variable {variable} is not set; it holds the key")
    if not (key.isascii() and key.isprintable()):
        raise HarnessError(f"{variable}: holds characters that no key has")
    return key
