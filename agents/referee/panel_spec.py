"""Who sits on a panel: the models that are asked, and how long each may take."""

from ipaddress import ip_address
from typing import Annotated, Literal, Self

from pydantic import Field, HttpUrl, PositiveInt, model_validator

from harness.paper import Id
from harness.record import HarnessError, Record

Provider = Literal["anthropic", "openai", "openai_compatible"]

USUAL_KEYS: dict[Provider, str] = {"anthropic": "ANTHROPIC_API_KEY", "openai": "OPENAI_API_KEY"}
"""Where a provider's key stands where the member names no other variable."""


class Member(Record):
    """One referee. A key is named by its environment variable and never written down."""

    id: Id
    provider: Provider
    model: Annotated[str, Field(min_length=1)]
    """The provider's own name of the model; there is no default."""
    base_url: HttpUrl | None = None
    """Of a server that speaks Chat Completions, such as http://127.0.0.1:8000/v1."""
    api_key_env: Annotated[str, Field(pattern=r"^[A-Z_][A-Z0-9_]*$")] | None = None
    """Variable that holds the key; a compatible server without it gets a key that means nothing."""
    max_output_tokens: PositiveInt
    """Thinking counts, where the model thinks."""
    temperature: Annotated[float, Field(ge=0, le=2)] | None = None
    """`None` leaves it to the provider."""

    @model_validator(mode="after")
    def _goes_with_the_provider(self) -> Self:
        if self.provider != "openai_compatible":
            if self.base_url is not None:
                raise HarnessError(
                    "base_url: only for openai_compatible; the others read it from "
                    "ANTHROPIC_BASE_URL or OPENAI_BASE_URL"
                )
        elif self.base_url is None:
            raise HarnessError("base_url: needed for openai_compatible")
        elif self.base_url.username or self.base_url.password:
            raise HarnessError("base_url: holds a name or a password; use api_key_env")
        elif self.api_key_env and self.base_url.scheme == "http" and not self._is_here:
            raise HarnessError("base_url: a key goes over https only, or to this machine")
        if self.provider == "anthropic" and self.temperature is not None:
            raise HarnessError("temperature: the anthropic SDK takes none")
        return self

    @property
    def _is_here(self) -> bool:
        host = (self.base_url.host or "").strip("[]") if self.base_url else ""
        if host == "localhost":
            return True
        try:
            return ip_address(host).is_loopback
        except ValueError:
            return False

    @property
    def key_variable(self) -> str | None:
        """The environment variable with the key; `None` where the server needs none."""
        return self.api_key_env or USUAL_KEYS.get(self.provider)


class PanelSpec(Record):
    """The members of a panel and what holds for all of them."""

    members: Annotated[tuple[Member, ...], Field(min_length=1)]
    deadline_seconds: Annotated[float, Field(gt=0, le=3600)] = 300.0
    """For one member, its retries and their waits counted."""
    retries: Annotated[int, Field(ge=0, le=10)] = 2
    """After a rate limit, a server's error or a lost connection; never for a better answer."""
    dossier_characters: Annotated[int, Field(ge=2_000)] = 200_000
    """The most that a referee is given to read."""

    @model_validator(mode="after")
    def _ids_differ(self) -> Self:
        ids = [member.id for member in self.members]
        twice = sorted({name for name in ids if ids.count(name) > 1})
        if twice:
            raise HarnessError(f"members: two are called {', '.join(twice)}")
        return self
