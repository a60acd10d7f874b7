"""A model on this machine in the place of every provider's."""

from collections.abc import Iterator

import pytest

from tests.agents.autoresearch.models import EDITS, playing
from tests.agents.wire_server import WireServer, wire_server

KEY = "real-key-0123456789-of-nobody"
_BASES = ("ANTHROPIC_BASE_URL", "OPENAI_BASE_URL")


@pytest.fixture
def model(monkeypatch: pytest.MonkeyPatch) -> Iterator[WireServer]:
    """Edits a knob in three answers, unless it is given another script."""
    with wire_server(playing(EDITS)) as server:
        for name in _BASES:
            monkeypatch.setenv(name, server.url)
        monkeypatch.setenv("ANTHROPIC_API_KEY", KEY)
        monkeypatch.setenv("OPENAI_API_KEY", KEY)
        yield server
