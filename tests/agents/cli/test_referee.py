import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from ruamel.yaml import YAML

from agents.referee.dossier import dossier
from harness.cli import main
from harness.replication import Replication
from harness.review.finding import Finding
from tests.agents.answers import answer_text
from tests.agents.conftest import KEY
from tests.agents.model_server import ModelServer, Step

FOUND = Finding(
    rule="planted", axis="safety", severity="warning", path="report.md", line=3, message="odd words"
)


class Reviewed(NamedTuple):
    """As much of a review as is asked for."""

    findings: tuple[Finding, ...]


class Ended(NamedTuple):
    code: int
    out: str
    err: str


@pytest.fixture
def call(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., Ended]:
    """The command line's `main` in this process; the review of the files finds one thing."""

    def run(*arguments: str) -> Ended:
        monkeypatch.setattr("harness.review.review_folder", lambda _: Reviewed((FOUND,)))
        monkeypatch.setattr(sys, "argv", ["harness", "agent", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        code = ended.value.code
        return Ended(code if isinstance(code, int) else 0, *capsys.readouterr())

    return run


@pytest.fixture
def asked(
    folder: Path, server: ModelServer, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., tuple[str, ...]]:
    """Lets the models give one answer each, and makes the arguments that ask them."""
    monkeypatch.chdir(folder.parents[2])
    claims = dossier(Replication.open(folder), [], characters=200_000).claims

    def make(*scores: int | None, **fields: object) -> tuple[str, ...]:
        names = [f"model-{number}" for number in range(len(scores))]
        for name, overall in zip(names, scores, strict=True):
            text = "no" if overall is None else answer_text(claims, overall=overall)
            server.steps[name] = [Step(text)]
        members = [
            {"id": name, "provider": "anthropic", "model": name, "max_output_tokens": 900}
            for name in names
        ]
        content: dict[str, Any] = {"members": members, "deadline_seconds": 20, **fields}
        with Path("panel.yaml").open("w") as file:
            YAML().dump(content, file)
        return ("review", folder.relative_to(Path.cwd()).as_posix(), "--panel", "panel.yaml")

    return make


def test_a_panel_is_heard_and_shown_to_a_person(
    call: Callable[..., Ended], asked: Callable[..., tuple[str, ...]]
) -> None:
    got = call(*asked(4, 8))
    assert got.code == 0
    assert "Overall 6 of 10 (median; 4 to 8; 2 of 2 members)." in got.out
    page = "runs/referees/actadd/smollm2-135m-instruct/panel.md"
    assert f"page: {page}" in got.out
    assert "planted at report.md:3" in Path(page).read_text()
    assert "model-0" in got.err and "model-1" in got.err


def test_a_program_gets_one_document(
    call: Callable[..., Ended], asked: Callable[..., tuple[str, ...]], tmp_path: Path
) -> None:
    got = call(*asked(4, None), "--json", "--output", str(tmp_path / "elsewhere"))
    told = json.loads(got.out)
    assert (got.code, got.err) == (0, "")
    assert [reply["member"] for reply in told["replies"]] == ["model-0", "model-1"]
    assert told["replies"][1]["problem"]["kind"] == "malformed"
    assert (told["overall"]["count"], told["review"][0]["rule"]) == (1, "planted")
    assert (tmp_path / "elsewhere/panel.json").is_file()


def test_no_valid_answer_at_all_is_exit_code_1_and_no_score(
    call: Callable[..., Ended], asked: Callable[..., tuple[str, ...]]
) -> None:
    plain = call(*asked(None, None))
    assert plain.code == 1
    assert "No score: no member gave a valid answer." in plain.out
    assert "model-1: malformed: " in plain.out
    told = call(*asked(None, None), "--json")
    assert (told.code, json.loads(told.out)["overall"]) == (1, None)


def test_a_wrong_panel_file_is_exit_code_2_in_text_and_in_json(
    call: Callable[..., Ended], asked: Callable[..., tuple[str, ...]], server: ModelServer
) -> None:
    arguments = asked(4)
    text = Path("panel.yaml").read_text().replace("provider: anthropic", "provider: anthropics")
    Path("panel.yaml").write_text(text)
    got = call(*arguments, "--json")
    assert got.code == 2
    assert "Input should be 'anthropic'" in json.loads(got.out)["error"][0]
    assert call(*arguments).err.startswith("error: panel.yaml:")
    assert server.requests == []


def test_a_missing_option_is_exit_code_2(call: Callable[..., Ended]) -> None:
    got = call("review", "somewhere", "--json")
    assert got.code == 2
    assert "panel" in json.loads(got.out)["error"][0]


def test_a_missing_key_is_named_before_anybody_is_asked(
    call: Callable[..., Ended],
    asked: Callable[..., tuple[str, ...]],
    server: ModelServer,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    arguments = asked(4)
    monkeypatch.delenv("ANTHROPIC_API_KEY")
    got = call(*arguments)
    assert got.code == 2
    assert "ANTHROPIC_API_KEY is not set" in got.err
    assert server.requests == []


def test_the_key_is_in_no_output(
    call: Callable[..., Ended], asked: Callable[..., tuple[str, ...]], server: ModelServer
) -> None:
    arguments = asked(4)
    server.steps["model-0"] = [Step(status=404, body=f'{{"error": {{"message": "{KEY}"}}}}')]
    for more in ((), ("--json",)):
        got = call(*arguments, *more)
        assert got.code == 1
        assert KEY not in got.out + got.err
        assert "[key]" in got.out


def test_help_loads_neither_an_sdk_nor_torch() -> None:
    text = (
        "import sys\n"
        "from agents.cli import app\n"
        "try: app(['review', '--help'])\n"
        "except SystemExit: pass\n"
        "loaded = {'torch', 'anthropic', 'openai', 'aiohttp'} & set(sys.modules)\n"
        "assert not loaded, loaded\n"
    )
    done = subprocess.run([sys.executable, "-c", text], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "--panel" in done.stdout
