import errno
import hashlib
import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from harness import lines as line_files
from harness.autoresearch.ledger.event import Event, Invalid, PlanMade, Run, Scored, Stopped
from harness.autoresearch.ledger.ledger import FIRST, Ledger, read_ledger
from harness.autoresearch.store import Store
from harness.record import HarnessError
from tests.autoresearch.ledger.events import Telling, told_campaign

CHECKOUT = Path(__file__).parents[3]
RUN = Run(candidate="c" * 64, tier="dev", seed=0)
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
NUMBER = st.floats(allow_nan=False, allow_infinity=False)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "ledger.jsonl"


@pytest.fixture
def events(tmp_path: Path) -> list[Event]:
    return told_campaign(Store(tmp_path / "store")).events


def written(path: Path, events: list[Event]) -> Ledger:
    ledger = Ledger(path)
    for event in events:
        ledger.append(event, seconds=1.5)
    return ledger


def test_events_are_read_as_they_were_written(path: Path, events: list[Event]) -> None:
    ledger = written(path, events)
    assert [line.event for line in read_ledger(path)] == events
    assert read_ledger(path) == list(ledger.lines) == list(Ledger(path).lines)
    assert Ledger(path).history.trials == ledger.history.trials
    assert [line.number for line in ledger.lines] == list(range(len(events)))
    assert {line.seconds for line in ledger.lines} == {1.5}


def test_each_line_holds_the_hash_of_the_one_before(path: Path, events: list[Event]) -> None:
    ledger = written(path, events[:4])
    texts = path.read_bytes().splitlines()
    held = [json.loads(text)["previous"] for text in texts]
    assert held == ["0" * 64, *(hashlib.sha256(text).hexdigest() for text in texts[:-1])]
    assert ledger.head == Ledger(path).head == hashlib.sha256(texts[-1]).hexdigest()


def test_where_nothing_is_there_are_no_lines(path: Path) -> None:
    assert read_ledger(path) == []
    assert (Ledger(path).head, Ledger(path).history.events) == (FIRST, [])
    assert not path.exists()


def test_it_goes_on_where_it_was_left(path: Path, events: list[Event]) -> None:
    for event in events:
        Ledger(path).append(event)
    assert [line.event for line in read_ledger(path)] == events


def altered(lines: list[bytes]) -> list[bytes]:
    return [*lines[:2], lines[2].replace(b'"trial":0', b'"trial":1'), *lines[3:]]


def no_longer_json(lines: list[bytes]) -> list[bytes]:
    return [*lines[:2], b"\xff" + lines[2][1:], *lines[3:]]


def dropped(lines: list[bytes]) -> list[bytes]:
    return [*lines[:2], *lines[3:]]


def swapped(lines: list[bytes]) -> list[bytes]:
    return [*lines[:2], lines[3], lines[2], *lines[4:]]


def without_the_first(lines: list[bytes]) -> list[bytes]:
    return lines[1:]


@pytest.mark.parametrize(
    ("harm", "told"),
    [
        (altered, r"ledger\.jsonl:3: line 4 holds another hash of it"),
        (no_longer_json, r"ledger\.jsonl:3: no line of a ledger"),
        (dropped, r"ledger\.jsonl:3: number 3 stands where 2 follows"),
        (swapped, r"ledger\.jsonl:3: number 3 stands where 2 follows"),
        (without_the_first, r"ledger\.jsonl:1: number 1 stands where 0 follows"),
    ],
)
def test_harm_is_found_with_its_line(
    path: Path, events: list[Event], harm: Callable[[list[bytes]], list[bytes]], told: str
) -> None:
    written(path, events)
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(harm(lines)))
    for read in (read_ledger, Ledger):
        with pytest.raises(HarnessError, match=told):
            read(path)
    path.write_bytes(b"".join(lines))
    assert len(read_ledger(path)) == len(events), "the control: unharmed it is read"


def test_a_first_line_that_follows_another_is_found(path: Path, events: list[Event]) -> None:
    written(path, events[:1])
    path.write_text(path.read_text().replace(FIRST, "1" * 64))
    with pytest.raises(HarnessError, match=r":1: altered: the first line"):
        read_ledger(path)


def test_an_altered_last_line_is_told_by_the_head_alone(path: Path, events: list[Event]) -> None:
    noted = written(path, events[:3]).head
    whole = path.read_bytes()
    before, found, after = whole.rpartition(b'"latent_f1":0.5')
    assert found
    path.write_bytes(before + b'"latent_f1":0.6' + after)
    assert Ledger(path).head != noted
    path.write_bytes(whole)
    assert Ledger(path).head == noted


def test_looking_leaves_a_line_that_another_is_writing(path: Path, events: list[Event]) -> None:
    written(path, events[:3])
    whole = path.read_bytes()
    for torn in (whole[-200:-1], b"\x00" * 50, b"{"):
        path.write_bytes(whole + torn)
        assert len(read_ledger(path)) == len(Ledger(path).lines) == 3
        assert path.read_bytes() == whole + torn


def test_a_torn_line_is_cut_off_before_the_next_is_written(path: Path, events: list[Event]) -> None:
    written(path, events[:3])
    with path.open("ab") as file:
        file.write(path.read_bytes()[-200:-1])
    Ledger(path).append(events[3])
    assert [line.event for line in read_ledger(path)] == events[:4]


def test_a_second_writer_is_refused(path: Path, events: list[Event]) -> None:
    first, second = written(path, events[:3]), Ledger(path)
    second.append(events[3])
    with pytest.raises(HarnessError, match="another process has written to it"):
        first.append(events[3])
    assert [line.event for line in read_ledger(path)] == events[:4]


@pytest.mark.parametrize("fails", ["fsync", "write"])
def test_on_a_full_disk_the_ledger_is_as_it_was(
    path: Path, events: list[Event], monkeypatch: pytest.MonkeyPatch, fails: str
) -> None:
    ledger = written(path, events[:3])
    before = path.read_bytes()
    with monkeypatch.context() as patched:
        if fails == "fsync":
            patched.setattr(os, "fsync", _disk_is_full)
        else:
            patched.setattr("harness.autoresearch.ledger.ledger.append_line", _half_a_line)
        with pytest.raises(HarnessError, match="cannot be written: No space left"):
            ledger.append(events[3])
    assert path.read_bytes() == before
    assert len(ledger.lines) == len(ledger.history.events) == 3
    ledger.append(events[3])
    assert [line.event for line in read_ledger(path)] == events[:4]


FILLS_THE_DISK = """
import resource, signal, sys
from pathlib import Path
from harness.autoresearch.ledger.event import PlanMade
from harness.autoresearch.ledger.ledger import Ledger
from harness.record import HarnessError
path = Path(sys.argv[1])
ledger = Ledger(path)
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (path.stat().st_size + 5000,) * 2)
try:
    while True:
        ledger.append(PlanMade(after_trial=0, ideas=("x" * 300,)))
except HarnessError as error:
    print(len(ledger.lines), error)
"""


def test_where_a_file_may_not_grow_the_lines_before_stay(path: Path, events: list[Event]) -> None:
    written(path, events[:1])
    done = _python(FILLS_THE_DISK, path)
    number, told = done.split(maxsplit=1)
    assert "ledger.jsonl: cannot be written: File too large" in told
    assert len(read_ledger(path)) == int(number) > 5
    assert path.read_bytes().endswith(b"\n")


APPENDS = """
import sys
from pathlib import Path
from harness.autoresearch.ledger.event import PlanMade
from harness.autoresearch.ledger.ledger import Ledger
ledger = Ledger(Path(sys.argv[1]))
while True:
    ledger.append(PlanMade(after_trial=len(ledger.lines), ideas=("x" * 3000,)))
    print(len(ledger.lines), flush=True)
"""


def test_killed_anywhere_nothing_is_lost_that_was_told_of(path: Path, events: list[Event]) -> None:
    written(path, events[:1])
    moments = random.Random(0)
    for _ in range(6):
        writer = subprocess.Popen(
            [sys.executable, "-c", APPENDS, str(path)], cwd=CHECKOUT, stdout=subprocess.PIPE
        )
        assert writer.stdout is not None
        told = writer.stdout.readline()
        time.sleep(moments.uniform(0, 0.05))
        os.kill(writer.pid, signal.SIGKILL)
        told = (told + writer.stdout.read()).splitlines()[-1]
        writer.stdout.close()
        writer.wait()
        lines = read_ledger(path)
        assert len(lines) in (int(told), int(told) + 1)
        numbers = [each.event.after_trial for each in lines if isinstance(each.event, PlanMade)]
        assert numbers == list(range(1, len(lines)))
    assert len(read_ledger(path)) > 8, "the control: they had come to write"


@given(
    st.lists(
        st.one_of(
            st.builds(PlanMade, after_trial=st.integers(0, 9), ideas=st.tuples(TEXT, TEXT)),
            st.builds(Stopped, why=st.just("hours"), message=TEXT),
            st.builds(
                Scored, trial=st.just(0), run=st.just(RUN), metrics=st.dictionaries(TEXT, NUMBER)
            ),
            st.builds(
                Invalid,
                trial=st.just(0),
                run=st.just(RUN),
                cause=st.just("l0"),
                message=TEXT,
                log=TEXT,
            ),
        ),
        max_size=5,
    )
)
@settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_whatever_happens_is_read_back_the_same(tmp_path: Path, events: list[Event]) -> None:
    path = tmp_path / "any.jsonl"
    path.unlink(missing_ok=True)
    all_events: list[Event] = [*Telling(Store(tmp_path / "store")).events, *events]
    written(path, all_events)
    assert [line.event for line in read_ledger(path)] == all_events
    assert Ledger(path).history.scores == written_scores(all_events)


def written_scores(events: list[Event]) -> dict[Run, dict[str, float]]:
    return {event.run: event.metrics for event in events if isinstance(event, Scored)}


def _python(code: str, path: Path) -> str:
    done = subprocess.run(
        [sys.executable, "-c", code, str(path)],
        cwd=CHECKOUT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def _disk_is_full(*_: object) -> NoReturn:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def _half_a_line(path: Path, line: str) -> NoReturn:
    line_files.append_line(path, line[: len(line) // 2])
    raise HarnessError(f"{path}: cannot be written: No space left on device")
