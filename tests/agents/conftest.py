"""A committed replication in a folder of the test's own, and a panel that asks this machine."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from agents.referee.panel_spec import Member, PanelSpec
from harness.replication import Replication
from tests.agents.model_server import ModelServer, model_server

CHECKOUT = Path(__file__).parents[2]
NAME = "replications/actadd/smollm2-135m-instruct"
KEY = "test-key-0123456789-not-a-real-one"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A replication that has run, with its paper; its pages and pictures left out."""
    leave = shutil.ignore_patterns("figures", "report.*", "*.ipynb", "tables", "explorer.json")
    shutil.copytree(CHECKOUT / NAME, tmp_path / NAME, ignore=leave)
    shutil.copytree(CHECKOUT / "papers/actadd", tmp_path / "papers/actadd")
    return tmp_path / NAME


@pytest.fixture
def replication(folder: Path) -> Replication:
    return Replication.open(folder)


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[ModelServer]:
    """The server that all three providers ask; both usual keys are set."""
    for name in (
        "HTTP_PROXY",
        "HTTPS_PROXY",
        "ALL_PROXY",
        "http_proxy",
        "https_proxy",
        "all_proxy",
    ):
        monkeypatch.delenv(name, raising=False)
    with model_server() as running:
        monkeypatch.setenv("ANTHROPIC_BASE_URL", running.url)
        monkeypatch.setenv("OPENAI_BASE_URL", f"{running.url}/v1")
        monkeypatch.setenv("ANTHROPIC_API_KEY", KEY)
        monkeypatch.setenv("OPENAI_API_KEY", KEY)
        yield running


@pytest.fixture
def seat(server: ModelServer) -> Callable[..., Member]:
    """Makes a member whose model has the member's name."""

    def make(name: str, provider: str = "anthropic", **fields: object) -> Member:
        own: dict[str, object] = {"id": name, "provider": provider, "model": name}
        if provider == "openai_compatible":
            own["base_url"] = f"{server.url}/v1"
        return Member.model_validate({**own, "max_output_tokens": 1000, **fields})

    return make


@pytest.fixture
def panel_of() -> Callable[..., PanelSpec]:
    """Makes a panel with a short deadline."""

    def make(*members: Member, **fields: object) -> PanelSpec:
        return PanelSpec.model_validate({"members": members, "deadline_seconds": 20, **fields})

    return make
