import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from markdown_it import MarkdownIt

from agents.drivers.driver import DriverName, Turn, Wire
from agents.drivers.event import (
    Called,
    Ended,
    Event,
    Returned,
    Said,
    Started,
    Unread,
    Used,
    Warned,
)
from agents.drivers.recording import last_session, record, recorded
from harness.record import HarnessError
from tests.agents.drivers.turns import KEY, turn_at

ALL: list[Event] = [
    Started(session="s-1", model=None),
    Said(text="I write."),
    Called(call="t1", tool="Bash", arguments={"command": "env", "n": 3}),
    Returned(call="t1", ok=False, output="no"),
    Used(input_tokens=1100, cached_tokens=70, output_tokens=5),
    Warned(message="tried again"),
    Unread(type="new"),
    Ended(how="failed", session="s-1", message="why", reported_usd=0.5),
]


class Plays:
    """A driver that gives events, one raw line before each, and then may break off."""

    name: DriverName = "scripted"
    wire: Wire | None = None

    def __init__(self, events: list[Event], broken: BaseException | None = None) -> None:
        self.events, self.broken = events, broken

    def version(self) -> str:
        return "1"

    def run(self, turn: Turn, raw: Callable[[str], None]) -> Iterator[Event]:
        for number, event in enumerate(self.events):
            raw(json.dumps({"line": number, "key": turn.endpoint.key}))
            yield event
        if self.broken is not None:
            raise self.broken


@pytest.fixture
def turn(tmp_path: Path) -> Turn:
    return turn_at("http://127.0.0.1:9", tmp_path, prompt=f"Do it with {KEY}.")


def test_a_turn_is_kept_line_by_line_and_event_by_event(turn: Turn, tmp_path: Path):
    before = datetime.now(UTC) - timedelta(seconds=1)
    assert record(Plays(ALL), turn, tmp_path / "t") == ALL[-1]
    kept = recorded(tmp_path / "t")
    assert [each.event for each in kept] == ALL
    assert all(before < datetime.fromisoformat(each.time) <= datetime.now(UTC) for each in kept)
    raw = (tmp_path / "t" / "raw.jsonl").read_text().splitlines()
    assert [json.loads(line)["line"] for line in raw] == list(range(len(ALL)))


def test_the_key_is_in_no_file_and_not_in_the_end(turn: Turn, tmp_path: Path):
    shown = f"ANTHROPIC_API_KEY={KEY}"
    events: list[Event] = [
        Said(text=shown),
        Called(call="t1", tool="Bash", arguments={"command": shown}),
        Ended(how="done", text=shown, message=shown),
    ]
    end = record(Plays(events), turn, tmp_path / "t")
    assert end.text == end.message == "ANTHROPIC_API_KEY=[key]"
    files = {path.name: path.read_text() for path in (tmp_path / "t").iterdir()}
    assert set(files) == {"prompt.md", "raw.jsonl", "events.jsonl", "transcript.md"}
    for name, text in files.items():
        assert KEY not in text, name
        assert "[key]" in text, name


@pytest.mark.parametrize("broken", [KeyboardInterrupt(), RuntimeError("a bug"), SystemExit(3)])
def test_a_transcript_is_left_behind_whatever_passes_through(
    turn: Turn, tmp_path: Path, broken: BaseException
):
    with pytest.raises(type(broken)):
        record(Plays(ALL[:3], broken), turn, tmp_path / "t")
    text = (tmp_path / "t" / "transcript.md").read_text()
    assert "I write." in text
    assert text.endswith("No end was recorded: the turn was interrupted here.\n")
    record(Plays(ALL), turn, tmp_path / "control")
    assert "interrupted here" not in (tmp_path / "control" / "transcript.md").read_text()


def test_a_transcript_tells_everything_in_order(turn: Turn, tmp_path: Path):
    record(Plays(ALL), turn, tmp_path / "t")
    text = (tmp_path / "t" / "transcript.md").read_text()
    told = [
        "```text\nDo it with [key].\n```",
        "session `s-1`, model not told",
        "```text\nI write.\n```",
        "Calls `Bash` (`t1`)",
        "`command`:\n\n```text\nenv\n```",
        "`n`:\n\n```text\n3\n```",
        "Returned (`t1`), failed:\n\n```text\nno\n```",
        "Tokens: 1,100 in (70 of them cached), 5 out.",
        "```text\ntried again\n```",
        "unknown form: `new`",
        "Ended: failed. Cost by the agent's own software: 0.5000 dollars.",
        "```text\nwhy\n```",
    ]
    places = [text.index(each) for each in told]
    assert places == sorted(places)


def test_no_text_of_an_agent_leaves_its_block(turn: Turn, tmp_path: Path):
    hostile = "````\n# Heading\n![x](http://127.0.0.1/x.png)\n```\n\x1b[2J\u202e"
    call = "`x` ![y](http://127.0.0.1/y.png)\n# Heading"
    events = [Said(text=hostile), Returned(call=call, ok=True, output="o"), ALL[-1]]
    record(Plays(events), turn, tmp_path / "t")
    text = (tmp_path / "t" / "transcript.md").read_text()
    tokens = MarkdownIt().parse(text)
    inline = [part for token in tokens for part in token.children or ()]
    assert {part.type for part in inline} <= {"text", "code_inline"}
    headings = [token.level for token in tokens if token.type == "heading_open"]
    assert len(headings) == text.count("\n## ") + 1 == 4, "title, prompt, turn, end"
    bare = [part.type for part in MarkdownIt().parse(call)[1].children or ()]
    assert "image" in bare, "the control"
    assert "\x1b" not in text
    assert "\u202e" not in text


def test_a_long_output_is_cut_in_the_middle_and_the_rest_is_counted(turn: Turn, tmp_path: Path):
    output = "a" * 5_000 + "b" * 5_000
    record(Plays([Returned(call="t", ok=True, output=output), ALL[-1]]), turn, tmp_path / "t")
    text = (tmp_path / "t" / "transcript.md").read_text()
    assert f"{'a' * 2_000}\n[… 6,000 characters left out …]\n{'b' * 2_000}" in text
    kept = recorded(tmp_path / "t")[0].event
    assert isinstance(kept, Returned)
    assert kept.output == output, "the events keep all of it"


def test_the_session_is_known_as_soon_as_it_is_told(turn: Turn, tmp_path: Path):
    assert last_session(tmp_path / "nothing") is None
    with pytest.raises(KeyboardInterrupt):
        record(Plays(ALL[:1], KeyboardInterrupt()), turn, tmp_path / "t")
    assert last_session(tmp_path / "t") == "s-1"
    record(Plays([ALL[0], Ended(how="done", session="s-2")]), turn, tmp_path / "u")
    assert last_session(tmp_path / "u") == "s-2"


def test_an_event_that_a_crash_tore_off_is_left_out(turn: Turn, tmp_path: Path):
    record(Plays(ALL), turn, tmp_path / "t")
    file = tmp_path / "t" / "events.jsonl"
    file.write_bytes(file.read_bytes()[:-9])
    assert [each.event for each in recorded(tmp_path / "t")] == ALL[:-1]
    file.write_text('{"time": "now"}\n')
    with pytest.raises(HarnessError, match=r"events\.jsonl: no recorded event"):
        recorded(tmp_path / "t")
