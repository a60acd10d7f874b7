"""The provider that calls are forwarded to."""

from typing import NamedTuple

from agents.drivers.driver import Wire

HIDDEN = "[key]"
_SHORTEST_KEY = 8
"""What is shorter is a word that stands in for a key, and may occur in any text."""


class Upstream(NamedTuple):
    """A provider's address, and the key that only the meter holds."""

    wire: Wire
    """Says how the key is sent."""
    url: str
    """With or without `/v1` at its end."""
    key: str | None

    def address(self, path: str, query: str) -> str:
        """Where a path that begins with `/v1/` lies at the provider's."""
        base = self.url.rstrip("/").removesuffix("/v1")
        return f"{base}{path}{query and '?'}{query}"

    def authorisation(self) -> dict[str, str]:
        """The header that holds the key; none where there is no key."""
        if self.key is None:
            return {}
        if self.wire == "anthropic":
            return {"x-api-key": self.key}
        return {"authorization": f"Bearer {self.key}"}

    def quotes_key(self, text: bytes | bytearray) -> bool:
        """Whether the key occurs in a text."""
        return self.key is not None and len(self.key) >= _SHORTEST_KEY and self.key.encode() in text

    def without_key(self, body: bytes) -> bytes:
        """A body with the key taken out: providers quote a key that they refuse."""
        if self.key is None or not self.quotes_key(body):
            return body
        return body.replace(self.key.encode(), HIDDEN.encode())
