"""Codex without a person: its command line, its variables, and its sessions."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from agents.drivers.codex_lines import CodexReading
from agents.drivers.command_line import Command, run_command
from agents.drivers.driver import DriverName, Turn, Wire
from agents.drivers.event import Event, Used, Warned
from agents.drivers.program import Program
from agents.drivers.sessions import begun_anew, kept_session
from agents.drivers.totals import used_since
from harness.isolation import make_own_folder

CODEX = Program("codex", "HARNESS_CODEX", "@openai/codex")
_KEY = "HARNESS_METER_KEY"
_OFF = (
    "apps",
    "goals",
    "hooks",
    "image_generation",  # runs at the provider's and is charged apart
    "memories",
    "multi_agent",
    "plugins",
    "unbounded_connection_retries",  # a server that is not there is asked forever
    "view_image",  # the meter refuses calls that hold one
)
"""Features that call others than the model, go on without an end, or that the meter refuses."""


@dataclass(frozen=True)
class Codex:
    """Driver of Codex. Its own sandbox is off: the cell is what holds its commands."""

    retries: int = 2
    """Of one call, and as often again of an answer that breaks off."""

    @property
    def name(self) -> DriverName:
        """As `--driver` takes it."""
        return "codex"

    @property
    def wire(self) -> Wire:
        """The Responses API."""
        return "openai"

    def version(self) -> str:
        """Of the program. Raises `HarnessError` where it is not installed."""
        return CODEX.version()

    def run(self, turn: Turn, raw: Callable[[str], None]) -> Iterator[Event]:
        """Run the program; a session that it does not have is begun anew, with a warning."""
        home = make_own_folder(turn.cell.home, ".codex")
        session = kept_session(turn.session, home / "sessions", "*/*/*/rollout-*-{}.jsonl")
        if turn.session is not None and session is None:
            yield Warned(message=begun_anew(turn.session))
        variables = {"CODEX_HOME": str(home), _KEY: turn.endpoint.key}
        command = Command(CODEX, self._arguments(turn, session), variables)
        reading = CodexReading()
        for event in run_command(command, turn, reading, raw):
            if isinstance(event, Used):
                yield used_since(turn.memory / "codex_total.json", reading.session, event)
            else:
                yield event

    def _arguments(self, turn: Turn, session: str | None) -> list[str]:
        """Settings and instructions of the tree and of its home are not read: an agent can write
        there."""
        settings = {
            "model_provider": "meter",
            "model_providers.meter.name": "meter",
            "model_providers.meter.base_url": f"{turn.endpoint.url}/v1",
            "model_providers.meter.wire_api": "responses",
            "model_providers.meter.env_key": _KEY,
            "model_providers.meter.request_max_retries": self.retries,
            "model_providers.meter.stream_max_retries": self.retries,
            "approval_policy": "never",
            "web_search": "disabled",
            "allow_login_shell": False,  # /etc/profile makes PATH anew, without the harness
            "project_doc_max_bytes": 0,
            **({"developer_instructions": turn.instructions} if turn.instructions else {}),
            "analytics.enabled": False,
            "check_for_update_on_startup": False,
            **{f"features.{name}": False for name in _OFF},
        }
        given = [
            part for key, value in settings.items() for part in ("-c", f"{key}={_toml(value)}")
        ]
        return [
            *("exec", "--json", "--skip-git-repo-check", "--ignore-user-config"),
            *("--sandbox", "danger-full-access", "--model", turn.model),
            *given,
            *(("resume", session) if session else ()),
            "-",
        ]


def _toml(value: str | int) -> str:
    """JSON of a text, a number or a truth value is TOML too, but for one control character."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
