"""Claude Code without a person: its command line, its variables, and its sessions."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from agents.drivers.claude_lines import ClaudeReading
from agents.drivers.command_line import Command, run_command
from agents.drivers.driver import DriverName, Turn, Wire
from agents.drivers.event import Ended, Event, Warned
from agents.drivers.program import Program
from agents.drivers.sessions import begun_anew, kept_session
from agents.drivers.totals import usd_since

CLAUDE = Program("claude", "HARNESS_CLAUDE", "@anthropic-ai/claude-code")
_TOOLS = ("Bash", "Read", "Edit", "Write", "Glob", "Grep")
_UNREAD = ("png", "jpg", "jpeg", "gif", "webp", "pdf")
"""What is not text: the meter refuses calls that hold it, and all that come after."""
_PERMISSIONS = {"allow": _TOOLS, "deny": [f"Read(**/*.{each})" for each in _UNREAD]}


@dataclass(frozen=True)
class ClaudeCode:
    """Driver of Claude Code. Its tools need no consent: the cell is what holds them."""

    retries: int = 4
    """Of one call, after about 0.5, 1, 2, 4, ... s."""

    @property
    def name(self) -> DriverName:
        """As `--driver` takes it."""
        return "claude_code"

    @property
    def wire(self) -> Wire:
        """The Messages API."""
        return "anthropic"

    def version(self) -> str:
        """Of the program. Raises `HarnessError` where it is not installed."""
        return CLAUDE.version()

    def run(self, turn: Turn, raw: Callable[[str], None]) -> Iterator[Event]:
        """Run the program; a session that it does not have is begun anew, with a warning."""
        kept = turn.cell.home / ".claude" / "projects"
        session = kept_session(turn.session, kept, "*/{}.jsonl")
        if turn.session is not None and session is None:
            yield Warned(message=begun_anew(turn.session))
        command = Command(CLAUDE, _arguments(turn, session), self._variables(turn))
        for event in run_command(command, turn, ClaudeReading(), raw):
            yield _of_turn(event, turn) if isinstance(event, Ended) else event

    def _variables(self, turn: Turn) -> dict[str, str]:
        return {
            "ANTHROPIC_BASE_URL": turn.endpoint.url,
            "ANTHROPIC_API_KEY": turn.endpoint.key,
            # Its small calls on the side go to the one model that the budget has a price for.
            "ANTHROPIC_DEFAULT_HAIKU_MODEL": turn.model,
            "ANTHROPIC_SMALL_FAST_MODEL": turn.model,
            "CLAUDE_CODE_MAX_OUTPUT_TOKENS": str(turn.max_output_tokens),
            "CLAUDE_CODE_MAX_RETRIES": str(self.retries),
            "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1",
            "CLAUDE_CODE_TMPDIR": str(turn.cell.home / "tmp"),
            "DISABLE_AUTOUPDATER": "1",
            "DISABLE_ERROR_REPORTING": "1",
            "DISABLE_TELEMETRY": "1",
        }


def _arguments(turn: Turn, session: str | None) -> list[str]:
    """Settings that lie in the tree or in its home are not read: an agent can write there."""
    told = ("--append-system-prompt", turn.instructions) if turn.instructions else ()
    return [
        *("--print", "--output-format", "stream-json", "--verbose"),
        *("--model", turn.model),
        *("--tools", ",".join(_TOOLS)),
        *("--settings", json.dumps({"permissions": _PERMISSIONS})),
        *("--permission-prompts", "none"),
        *("--setting-sources=", "--strict-mcp-config", "--disable-slash-commands"),
        *told,
        *(("--resume", session) if session else ()),
    ]


def _of_turn(end: Ended, turn: Turn) -> Ended:
    """With the dollars of this turn alone: the program tells those of the whole session."""
    if end.reported_usd is None:
        return end
    usd = usd_since(turn.memory / "claude_code_total.json", end.session, end.reported_usd)
    return end.model_copy(update={"reported_usd": usd})
